/**
 * server-operations against the reference model, on random histories. 30 of each kind in the suite;
 * ARENAFLOW_PROPERTY_RUNS=200 for the long form.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Arrival, inTime, once } from "../../reference/arrivals.ts";
import {
  type KnownServer,
  type ServerHealth,
  serverHealth,
  type ServerMetric,
  serverSeries,
  silentServers,
} from "../../reference/servers.ts";
import { metricHistory } from "./history.ts";
import { EngineRun } from "./run-engine.ts";

const numRuns = Number(process.env["ARENAFLOW_PROPERTY_RUNS"] ?? 30);
const START_MS = Date.parse("2026-11-22T18:00:00.000Z");
const WINDOW_MS = 5_000;
/** When the health of five seconds is known. */
const GRACE_MS = 1_000;
const TICK_MS = 250;
/** Longer than it takes to tell that all servers are silent, and to write that down. */
const AFTER_MS = 60_000;

const { servers: CATALOG } = JSON.parse(
  readFileSync(new URL("../../../catalog/servers.json", import.meta.url), "utf8"),
) as { servers: KnownServer[] };

function sorted(values: readonly object[]): object[] {
  const keyOf = (value: object): string =>
    JSON.stringify(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return values.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

interface PipelineStats {
  readonly title_id: string;
  readonly records: number;
  readonly processed: number;
}

type Metric = ServerMetric & { readonly event_id: string };

/** Of two measurements of a server in the same millisecond neither is the newest. */
function withoutTies(arrivals: readonly Arrival<Metric>[]): Arrival<Metric>[] {
  const first = new Map<string, string>();
  return arrivals.filter(({ event, timeMs }) => {
    const key = `${event.title_id} ${event.server_id} ${timeMs}`;
    const id = first.get(key) ?? event.event_id;
    first.set(key, id);
    return id === event.event_id;
  });
}

test("health of servers, and the account of their measurements", async () => {
  await fc.assert(
    fc.asyncProperty(metricHistory, async (history: Arrival<Metric>[]) => {
      const arrivals = withoutTies(history);
      const run = await EngineRun.of("server-operations");
      run.feed(
        "server-metrics",
        arrivals.map(({ event }) => JSON.stringify(event)),
        arrivals[0]?.timeMs ?? 0,
      );
      run.finish();
      expect(run.rejections).toEqual([]);
      const heard = run
        .values<ServerHealth>("server-health")
        .filter(({ state }) => state !== "down");
      const counted = once(inTime(arrivals, WINDOW_MS)).map(({ event }) => event);
      expect(sorted(heard)).toEqual(sorted(serverHealth(counted, CATALOG)));

      const titles = Map.groupBy(arrivals, ({ event }) => event.title_id ?? "local");
      const accounts = run
        .values<PipelineStats>("pipeline-stats")
        .map(({ title_id, records, processed }) => ({ title_id, records, processed }));
      const passed = [...titles].map(([title_id, { length }]) => {
        return { title_id, records: length, processed: length };
      });
      expect(sorted(accounts)).toEqual(sorted(passed));
    }),
    { numRuns },
  );
}, 300_000);

/** Which of a few servers report in which of the five-second windows that follow each other. */
const reports = fc.array(fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), {
  minLength: 1,
  maxLength: 20,
});
const percent = fc.integer({ min: 0, max: 1000 }).map((tenths) => tenths / 10);
const measured = fc.record({
  cpu_load: percent,
  memory_usage: percent,
  latency: fc.integer({ min: 0, max: 400 }),
  connected_players: fc.integer({ min: 0, max: 60 }),
  disconnections: fc.integer({ min: 0, max: 3 }),
  offsetMs: fc.integer({ min: 0, max: WINDOW_MS - 1 }),
});

test("silent servers, and the lines for Graphite, as time passes", async () => {
  await fc.assert(
    fc.asyncProperty(reports, fc.infiniteStream(measured), async (windows, values) => {
      const metrics = windows.flatMap((reporting, index) =>
        reporting.flatMap((isThere, server): ServerMetric[] => {
          if (!isThere) return [];
          const { offsetMs, ...body } = values.next().value!;
          const timestamp = new Date(START_MS + index * WINDOW_MS + offsetMs).toISOString();
          const title = server === 3 ? { title_id: "racer" } : {};
          return [{ ...title, server_id: `server_${(server % 3) + 1}`, timestamp, ...body }];
        }),
      );
      const heard = serverHealth(metrics, CATALOG);
      fc.pre(heard.length > 0);

      const run = await EngineRun.of("server-operations");
      const endMs = START_MS + windows.length * WINDOW_MS + AFTER_MS;
      for (let nowMs = START_MS; nowMs <= endMs; nowMs += TICK_MS) {
        const due = heard.filter(({ window_end }) => window_end + GRACE_MS === nowMs);
        if (due.length > 0) {
          run.feed(
            "server-health",
            due.map((each) => JSON.stringify(each)),
            nowMs,
          );
        }
        run.tick(nowMs);
      }
      expect(run.rejections).toEqual([]);
      const down = run.values<ServerHealth>("server-health");
      const lastEnd = Math.max(...down.map(({ window_end }) => window_end));
      const expected = silentServers(heard, endMs).filter(
        ({ window_end }) => window_end <= lastEnd,
      );
      expect(sorted(down)).toEqual(sorted(expected));
      expect(lastEnd).toBeGreaterThan(endMs - 15_000);

      const written = seriesOf(run.values<string>("graphite-lines"));
      const settledS = Math.floor((endMs - 30_000) / 1000);
      expect(until(written, settledS)).toEqual(
        until(serverSeries([...heard, ...expected]), settledS),
      );
    }),
    { numRuns },
  );
}, 300_000);

/** What records of graphite-lines say of servers, by series and second. */
function seriesOf(records: readonly string[]): Map<string, Map<number, number>> {
  const series = new Map<string, Map<number, number>>();
  for (const line of records.flatMap((text) => text.split("\n").slice(1, -1))) {
    const [name = "", value, time] = line.split(" ");
    if (name.includes(".pipeline.")) continue;
    const points = series.get(name) ?? new Map<number, number>();
    expect(points.has(Number(time))).toBe(false);
    series.set(name, points.set(Number(time), Number(value)));
  }
  return series;
}

function until(series: Map<string, Map<number, number>>, seconds: number): string[] {
  return [...series]
    .flatMap(([name, points]) =>
      [...points].filter(([time]) => time <= seconds).map((point) => `${name} ${point.join(" ")}`),
    )
    .toSorted();
}

test("500 servers of a title get series; the others are counted", async () => {
  const run = await EngineRun.of("server-operations");
  const metric = { cpu_load: 1, memory_usage: 1, latency: 1 };
  const timestamp = new Date(START_MS).toISOString();
  const lines = Array.from({ length: 507 }, (_, n) =>
    JSON.stringify({ ...metric, server_id: `server ${n}`, timestamp }),
  );
  run.feed("server-metrics", lines, START_MS);
  for (let nowMs = START_MS; nowMs < START_MS + 20_000; nowMs += TICK_MS) run.tick(nowMs);
  const text = run.values<string>("graphite-lines").find((each) => each.includes(".servers."));
  const names = text?.match(/^gaming\.servers\.[\w-]+\.up /gm) ?? [];
  expect(new Set(names).size).toBe(500);
  expect(text).toContain(`\ngaming.pipeline.server-operations.series_refused 7 `);
});
