/**
 * Servers in a real Graphite: the stack runs with Debian's carbon and graphite-web, carbon is killed
 * in the middle, and afterwards every point that was due is there and is the reference model's; every
 * query of every panel, variable and alert of grafana/ finds points.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  INSTALL_GRAPHITE,
  missingGraphite,
} from "../../local/fluvio-bridge/src/stack/graphite/installed.ts";
import type { Stack } from "../../local/fluvio-bridge/src/stack/index.ts";
import {
  type KnownServer,
  serverHealth,
  type ServerMetric,
  serverSeries,
} from "../reference/servers.ts";
import {
  alertQueries,
  asFrontend,
  GraphiteClient,
  pointsOf,
  type Query,
} from "./graphite-client.ts";
import { knownEvents, seededRandom } from "./known-events.ts";
import { post, removeFolder, startTestStack, temporaryFolder } from "./test-stack.ts";

const SERVERS = 20;
const SLOT_MS = 10_000;
/** Slots of ten seconds that are played, and the time in them at which carbon is killed. */
const SLOTS = 5;
const KILL_AFTER_MS = 24_000;
const POST_EVERY_MS = 500;
const SETTLE_MS = 90_000;

const missing = await missingGraphite();
if (missing !== undefined) console.log(`Skipped: ${missing.what} ${INSTALL_GRAPHITE}`);

const { servers: CATALOG } = JSON.parse(
  readFileSync(new URL("../../catalog/servers.json", import.meta.url), "utf8"),
) as { servers: KnownServer[] };

/** Series of other dataflows: asked for as soon as the dataflow names them. */
const OTHERS: readonly (readonly [dataflow: string, name: string])[] = [
  ["player-engagement", ".players."],
  ["player-engagement", ".sessions."],
  ["player-engagement", ".retention."],
  ["game-economy", ".revenue.items."],
  ["game-economy", ".revenue.total."],
  ["game-economy", ".fraud."],
];
const NOT_YET = OTHERS.filter(([dataflow, name]) => {
  const file = new URL(`../../dataflows/${dataflow}/dataflow.yaml`, import.meta.url);
  return !readFileSync(file, "utf8").includes(`{}${name}`);
}).map(([, name]) => name);
const isDue = ({ target }: Query): boolean =>
  !NOT_YET.some((name) => target.includes(`gaming${name}`) || target.includes(`gaming*${name}`));

describe.skipIf(missing !== undefined && process.env["CI"] !== "true")("a real Graphite", () => {
  const dataDir = temporaryFolder();
  const sent: ServerMetric[] = [];
  let stack: Stack;
  let graphite: GraphiteClient;
  let startMs = 0;
  let expected: ReturnType<typeof serverSeries>;

  beforeAll(async () => {
    stack = await startTestStack(dataDir, { graphite: { webPort: 0 } });
    graphite = new GraphiteClient(stack.urls.graphite!);
    await play();
    expected = serverSeries(serverHealth(sent, CATALOG));
    await untilThere();
  }, 300_000);

  afterAll(async () => {
    await stack?.close();
    removeFolder(dataDir);
  });

  test("carbon was killed, and every point that was due is there, with the model's value", async () => {
    const [resent] = await graphite.render("gaming.pipeline.graphite-sink.resent", fromS());
    expect(Math.max(...pointsOf(resent!).values())).toBeGreaterThan(0);
    expect(expected.size).toBe(SERVERS * 8);
    const found = await allSeries();
    for (const [name, points] of expected) {
      expect(points.size).toBe(SLOTS);
      for (const [slot, value] of points) {
        expect(`${name} ${slot} ${found.get(name)?.get(slot)}`).toBe(`${name} ${slot} ${value}`);
      }
    }
  });

  test("every variable lists values, and every panel's query has points, as Grafana asks either way", async () => {
    const { queries, variables } = await graphite.dashboardQueries();
    expect(variables.get("server-health.json $server")).toHaveLength(SERVERS);
    expect(variables.get("server-health.json $region")).toEqual(
      [...new Set(CATALOG.map(({ region }) => region)), "none"].toSorted(),
    );
    const due = queries.filter(isDue);
    console.log(
      `${due.length} of ${queries.length} queries; not written yet: ${NOT_YET.join(" ")}`,
    );
    expect(await withoutPoints(due)).toEqual([]);
    const wrapped = due.map(({ from, target }) => ({ from, target: asFrontend(target) }));
    expect(await withoutPoints(wrapped)).toEqual([]);
  });

  test("every alert's query has points, and no two of its series one name", async () => {
    const due = alertQueries().filter(isDue);
    expect(due.length).toBeGreaterThanOrEqual(5);
    expect(await withoutPoints(due)).toEqual([]);
    for (const { from, target } of due) {
      const names = (await graphite.render(target, fromS())).map((each) => each.target);
      expect(`${from} ${new Set(names).size}`).toBe(`${from} ${names.length}`);
    }
  });

  test("the panels of server health show what the model says", async () => {
    const { queries } = await graphite.dashboardQueries();
    const shown = queries.filter(({ from }) => from.startsWith("server-health.json"));
    expect(shown.length).toBeGreaterThanOrEqual(14);
    for (const { from, target } of shown) {
      const wanted = modelOf(target);
      const series = new Map(
        (await graphite.render(target, fromS())).map((each) => [each.target, pointsOf(each)]),
      );
      expect([...series.keys()].toSorted(), from).toEqual([...wanted.keys()].toSorted());
      for (const [name, points] of wanted) {
        for (const [slot, value] of points) {
          expect(series.get(name)?.get(slot), `${from} ${name} ${slot}`).toBeCloseTo(value, 6);
        }
      }
    }
  });

  test("a picture of server latency is a picture", async () => {
    const target = "aliasByNode(gaming.servers.*.latency,2)";
    const response = await fetch(
      `${stack.urls.graphite}/render?target=${target}&from=-5min&width=900&height=400`,
    );
    expect(response.headers.get("content-type")).toBe("image/png");
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect([...bytes.subarray(1, 4)]).toEqual([0x50, 0x4e, 0x47]);
    expect(bytes.length).toBeGreaterThan(5_000);
  });

  /** Servers, players and purchases as they happen; carbon is killed in between. */
  async function play(): Promise<void> {
    const random = seededRandom(8);
    startMs = (Math.floor(Date.now() / SLOT_MS) + 1) * SLOT_MS;
    const endMs = startMs + SLOTS * SLOT_MS;
    let isKilled = false;
    for (let fromMs = startMs; fromMs < endMs; fromMs += POST_EVERY_MS) {
      await sleep(Math.max(0, fromMs + POST_EVERY_MS - Date.now()));
      const sequence = (fromMs - startMs) / POST_EVERY_MS;
      const metrics = measure(random, fromMs);
      sent.push(...metrics);
      const known = knownEvents(random, { fromMs, toMs: fromMs + POST_EVERY_MS, sequence });
      await post(stack, "/v1/events/server-metrics", metrics);
      const players = [...known["player-events"], ...attempt(sequence, fromMs)];
      await post(stack, "/v1/events/player-events", players);
      await post(stack, "/v1/events/purchases", known.purchases);
      if (!isKilled && fromMs - startMs >= KILL_AFTER_MS) {
        isKilled = true;
        process.kill(carbonPid(), "SIGKILL");
      }
    }
  }

  /** A player who starts a level, and then completes or fails it. */
  function attempt(sequence: number, fromMs: number): object[] {
    const outcome = sequence % 4 === 0 ? "level_fail" : "level_complete";
    return ["level_start", outcome].map((event_type, step) => ({
      event_id: `attempt-${sequence}-${step}`,
      player_id: `runner_${sequence}`,
      session_id: `run_${sequence}`,
      event_type,
      level_id: `level_0${(sequence % 3) + 1}`,
      map_id: "map_05",
      timestamp: new Date(fromMs + step * 200).toISOString(),
    }));
  }

  /** Each server once in half a second, at a time within it. */
  function measure(random: () => number, fromMs: number): ServerMetric[] {
    return Array.from({ length: SERVERS }, (_, server) => ({
      event_id: `${fromMs}-${server}`,
      server_id: `server_${server + 1}`,
      cpu_load: Math.round(random() * 1000) / 10,
      memory_usage: Math.round(random() * 1000) / 10,
      latency: Math.round(random() * 200),
      connected_players: Math.floor(random() * 80),
      disconnections: Math.floor(random() * 2),
      timestamp: new Date(fromMs + Math.floor(random() * POST_EVERY_MS)).toISOString(),
    }));
  }

  function carbonPid(): number {
    const parent = String(stack.pids().graphite);
    const children = execFileSync("ps", ["-o", "pid=,args=", "--ppid", parent], {
      encoding: "utf8",
    });
    const line = children.split("\n").find((each) => each.includes("carbon-cache"));
    if (line === undefined) throw new Error(`carbon does not run:\n${children}`);
    return Number.parseInt(line, 10);
  }

  /** Graphite begins with the slot after a time. */
  function fromS(): number {
    return startMs / 1000 - 1;
  }

  async function allSeries(): Promise<Map<string, Map<number, number>>> {
    const [servers, regions] = await Promise.all([
      graphite.render("gaming.servers.*.*", fromS()),
      graphite.render("gaming.regions.*.*.*", fromS()),
    ]);
    return new Map([...servers, ...regions].map((each) => [each.target, pointsOf(each)]));
  }

  /** Waits for the last point; what is missing then is the tests' to say. */
  async function untilThere(): Promise<void> {
    const deadline = performance.now() + SETTLE_MS;
    while (performance.now() < deadline) {
      const found = await allSeries().catch(() => new Map<string, Map<number, number>>());
      const isThere = [...expected].every(([name, points]) =>
        [...points.keys()].every((slot) => found.get(name)?.has(slot) === true),
      );
      if (isThere) return;
      await sleep(1_000);
    }
  }

  async function withoutPoints(queries: readonly Query[]): Promise<string[]> {
    const empty: string[] = [];
    for (const { from, target } of queries) {
      const series = await graphite.render(target, fromS());
      if (!series.some((each) => pointsOf(each).size > 0)) empty.push(`${from}: ${target}`);
    }
    return empty;
  }

  /** What a query of the dashboard is to show, computed from the model's series alone. */
  function modelOf(target: string): Map<string, Map<number, number>> {
    const path = /gaming(?:\.(?:\{[^}]*\}|[\w*-]+))+/.exec(target)?.[0] ?? "";
    const pattern = new RegExp(
      `^${path
        .replaceAll(".", "\\.")
        .replaceAll("*", "[^.]+")
        .replaceAll(/\{([^}]*)\}/g, (_, names: string) => `(${names.replaceAll(",", "|")})`)}$`,
    );
    const chosen = [...expected].filter(([name]) => pattern.test(name));
    const together = (
      key: (name: string) => string,
      combine: (values: readonly number[]) => number,
    ): Map<string, Map<number, number>> =>
      new Map(
        [...Map.groupBy(chosen, ([name]) => key(name))].map(([name, all]) => [
          name,
          new Map(
            [...(all[0]?.[1].keys() ?? [])].map((slot) => [
              slot,
              combine(all.map(([, points]) => points.get(slot)!)),
            ]),
          ),
        ]),
      );
    const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
    const node = (name: string): string => name.split(".")[2]!;
    const alias = /'(\w+)'\)$/.exec(target)?.[1] ?? "";
    if (target.startsWith("aliasByNode(")) return together(node, sum);
    if (target.startsWith("groupByNode(")) return together(node, sum);
    if (target.startsWith("alias(maxSeries(")) {
      return together(
        () => alias,
        (values) => Math.max(...values),
      );
    }
    if (target.startsWith("alias(sumSeries(offset(scale(")) {
      return together(
        () => alias,
        (values) => sum(values.map((value) => 1 - value)),
      );
    }
    if (target.startsWith("alias(sumSeries(")) return together(() => alias, sum);
    throw new Error(`the model does not know how to compute ${target}`);
  }
});
