/**
 * A game in a real Graphite: the stack runs with Debian's carbon and graphite-web, carbon stops reading
 * in the middle and is then killed with what it has not read, and afterwards every point that was due
 * is there and is the reference model's; every query of every panel, variable and alert of grafana/
 * finds points.
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
import { CATALOGS } from "../reference/catalogs.ts";
import type { PlayerEvent } from "../reference/engagement/event.ts";
import { type DatedPurchase, raisedFlags } from "../reference/fraud.ts";
import { economySeries, playerSeries, type SeriesByName } from "../reference/graphite.ts";
import {
  type KnownServer,
  serverHealth,
  type ServerMetric,
  serverSeries,
} from "../reference/servers.ts";
import { countsOfTopic, shownBy } from "./graphite-model.ts";
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
/**
 * Slots of ten seconds that are played. Carbon reads nothing between the two times, in which every
 * dataflow writes the lines of the slot that ends at 20 s: they are in carbon's socket when it is killed.
 */
const SLOTS = 5;
const STOP_AFTER_MS = 19_500;
const KILL_AFTER_MS = 28_000;
const POST_EVERY_MS = 500;
const SETTLE_MS = 90_000;
/** The last of what is counted by its arrival, ten seconds later than the rest. */
const LAST = { timeout: 25_000, interval: 1_000 };

const missing = await missingGraphite();
if (missing !== undefined) console.log(`Skipped: ${missing.what} ${INSTALL_GRAPHITE}`);

const { servers: CATALOG } = JSON.parse(
  readFileSync(new URL("../../catalog/servers.json", import.meta.url), "utf8"),
) as { servers: KnownServer[] };

interface Rule {
  readonly rule: string;
  readonly mode: string;
  readonly window_seconds?: number;
}
const { rules: RULES } = JSON.parse(
  readFileSync(new URL("../../catalog/fraud-rules.json", import.meta.url), "utf8"),
) as { rules: Rule[] };
/** Everything that the model knows. */
const PATTERNS = [
  "gaming.servers.*.*",
  "gaming.regions.*.*.*",
  "gaming.revenue.items.*.*",
  "gaming.revenue.total.*",
  "gaming.players.*.*.*",
  "gaming.sessions.*",
  "gaming.retention.*.*.*",
];

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe.skipIf(missing !== undefined && process.env["CI"] !== "true")("a real Graphite", () => {
  const dataDir = temporaryFolder();
  const sent: ServerMetric[] = [];
  const players: PlayerEvent[] = [];
  const purchases: DatedPurchase[] = [];
  let stack: Stack;
  let graphite: GraphiteClient;
  let startMs = 0;
  let expected: SeriesByName;

  beforeAll(async () => {
    stack = await startTestStack(dataDir, { graphite: { webPort: 0 } });
    graphite = new GraphiteClient(stack.urls.graphite!);
    await play();
    expected = new Map([
      ...serverSeries(serverHealth(sent, CATALOG)),
      ...economySeries(purchases),
      ...playerSeries(players),
    ]);
    await untilThere();
  }, 300_000);

  afterAll(async () => {
    await stack?.close();
    removeFolder(dataDir);
  });

  test("carbon was killed, and every point that was due is there, with the model's value", async () => {
    const [resent] = await graphite.render("gaming.pipeline.graphite-sink.resent", fromS());
    expect(Math.max(...pointsOf(resent!).values())).toBeGreaterThan(0);
    expect(expected.size).toBeGreaterThan(SERVERS * 8);
    const wrong = async (): Promise<string[]> => {
      const found = await allSeries();
      return [...expected].flatMap(([name, points]) =>
        [...points]
          .filter(([slot, value]) => found.get(name)?.get(slot) !== value)
          .map(([slot, value]) => `${name} ${slot}: ${found.get(name)?.get(slot)} for ${value}`),
      );
    };
    // Graphite asks carbon, series by series, for what is not on disk yet, and leaves it out when a busy carbon is slow to answer.
    await expect.poll(wrong, LAST).toEqual([]);
    const points = [...expected.values()].reduce((sum, each) => sum + each.size, 0);
    console.log(`${points} points of ${expected.size} series are the model's`);
    const serverNames = [...expected.keys()].filter((name) => name.startsWith("gaming.servers."));
    expect(serverNames).toHaveLength(SERVERS * 7);
    for (const name of serverNames) expect(expected.get(name)!.size).toBe(SLOTS);
  });

  test("a rule has as many flags as the model, and 0 where there are none", async () => {
    const raised = [...raisedFlags(purchases, CATALOGS.rates)].map((flag) => flag.split(" ")[1]);
    const acting = RULES.filter(({ mode }) => mode === "flag");
    expect(raised).toContain("unknown-item");
    const countOf = (rule: string): number => raised.filter((each) => each === rule).length;
    const sums = async (): Promise<Record<string, number>> => {
      const series = await graphite.render("gaming.fraud.*.flags", fromS());
      return Object.fromEntries(
        series.map((each) => [each.target.split(".")[2]!, total([...pointsOf(each).values()])]),
      );
    };
    // A flag that grows counts in every ten seconds in which it does: those of a window only have a lower bound.
    const grows = ({ rule, window_seconds = 0 }: Rule): boolean =>
      window_seconds > 0 && countOf(rule) > 0;
    const wanted = acting.map((each): [string, unknown] => [
      each.rule,
      grows(each) ? expect.any(Number) : countOf(each.rule),
    ]);
    await expect.poll(sums, LAST).toEqual(Object.fromEntries(wanted));
    const found = await sums();
    for (const { rule } of acting.filter(grows)) {
      expect(found[rule], rule).toBeGreaterThanOrEqual(countOf(rule));
    }
  });

  test("the pipeline's series account for every event", async () => {
    const topics = { "server-metrics": sent, "player-events": players, purchases };
    for (const [topic, events] of Object.entries(topics)) {
      // The edge may write an event twice; it counts once.
      const account = async (): Promise<object> => {
        const {
          records = 0,
          duplicates = 0,
          ...rest
        } = await countsOfTopic(graphite, topic, fromS());
        return { ...rest, once: records - duplicates };
      };
      const wanted = { processed: events.length, refused: 0, late: 0, once: events.length };
      await expect.poll(account, LAST).toEqual(wanted);
    }
  });

  test("every variable lists values, and every panel's query has points, as Grafana asks either way", async () => {
    const { queries, variables } = await graphite.dashboardQueries();
    expect(variables.get("server-health.json $server")).toHaveLength(SERVERS);
    expect(variables.get("server-health.json $region")).toEqual(
      [...new Set(CATALOG.map(({ region }) => region)), "none"].toSorted(),
    );
    expect(variables.get("economy-and-fraud.json $item")).toEqual(
      [...new Set(purchases.map(({ item_id }) => item_id))].toSorted(),
    );
    expect(variables.get("player-experience.json $level")).toEqual(
      [...new Set(players.map(({ level_id }) => level_id))].toSorted(),
    );
    expect(await withoutPoints(queries)).toEqual([]);
    const wrapped = queries.map(({ from, target }) => ({ from, target: asFrontend(target) }));
    expect(await withoutPoints(wrapped)).toEqual([]);
  });

  test("every alert's query has points, and no two of its series one name", async () => {
    const due = alertQueries();
    expect(due.length).toBeGreaterThanOrEqual(6);
    expect(await withoutPoints(due)).toEqual([]);
    for (const { from, target } of due) {
      const names = (await graphite.render(target, fromS())).map((each) => each.target);
      expect(`${from} ${new Set(names).size}`).toBe(`${from} ${names.length}`);
    }
  });

  test("the panels show what the model says, on every dashboard that the model knows", async () => {
    const { queries } = await graphite.dashboardQueries();
    const known = queries.filter(({ target }) => shownBy(target, expected) !== undefined);
    const byDashboard = Object.groupBy(known, ({ from }) => from.split(" ")[0]!);
    const counts = Object.entries(byDashboard).map(([name, all]) => `${name} ${all!.length}`);
    console.log(`panels' queries with the model's values: ${counts.join(", ")}`);
    expect(byDashboard["server-health.json"]?.length).toBeGreaterThanOrEqual(14);
    expect(byDashboard["player-experience.json"]?.length).toBeGreaterThanOrEqual(14);
    expect(byDashboard["economy-and-fraud.json"]?.length).toBeGreaterThanOrEqual(7);
    for (const { from, target } of known) {
      const wanted = shownBy(target, expected)!;
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
    const pid = carbonPid();
    const left: [atMs: number, signal: NodeJS.Signals][] = [
      [STOP_AFTER_MS, "SIGSTOP"],
      [KILL_AFTER_MS, "SIGKILL"],
    ];
    for (let fromMs = startMs; fromMs < endMs; fromMs += POST_EVERY_MS) {
      await sleep(Math.max(0, fromMs + POST_EVERY_MS - Date.now()));
      const sequence = (fromMs - startMs) / POST_EVERY_MS;
      const metrics = measure(random, fromMs);
      sent.push(...metrics);
      const known = knownEvents(random, { fromMs, toMs: fromMs + POST_EVERY_MS, sequence });
      await post(stack, "/v1/events/server-metrics", metrics);
      const played = [...known["player-events"], ...attempt(sequence, fromMs)];
      players.push(...played);
      purchases.push(...(known.purchases as DatedPurchase[]));
      await post(stack, "/v1/events/player-events", played);
      await post(stack, "/v1/events/purchases", known.purchases);
      const [atMs = Infinity, signal] = left[0] ?? [];
      if (fromMs - startMs >= atMs) {
        process.kill(pid, signal);
        left.shift();
      }
    }
  }

  /** A player who starts a level, and then completes or fails it. */
  function attempt(sequence: number, fromMs: number): PlayerEvent[] {
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
    const all = await Promise.all(PATTERNS.map((pattern) => graphite.render(pattern, fromS())));
    return new Map(all.flat().map((each) => [each.target, pointsOf(each)]));
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
});
