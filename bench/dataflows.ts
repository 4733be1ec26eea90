/**
 * How fast the dataflows take the simulated game's events, against JSON.parse of the same bytes:
 * each alone on its own events, then all three on the events as they come. Rounds alternate, so that
 * a busy machine slows both; CPU time of this thread is counted. Then the longest close of a window
 * with a million players known. Run: `node bench/dataflows.ts`
 */
import { readFile } from "node:fs/promises";
import { DataflowEngine, type InputRecord } from "@arenaflow/sdf/engine";
import { catalog, scenarioNamed, World } from "@arenaflow/simulation";

const ROUNDS = 5;
const WARM_UP_ROUNDS = 2;
/** Times the scenario's players, so that windows hold thousands of sessions. */
const RATE = 10;
const START_MS = Date.parse("2026-11-22T18:00:00.000Z");
const SETTLE_MS = 30_000;
const STEP_MS = 500;
const PLAY_MS = 40_000;
/** Purchases and metrics are rare: the game is played until there are so many of both. */
const RECORDS_MIN = 4_000;
const PLAYERS = 1_000_000;
const PLAYERS_PER_WINDOW = 50_000;
const WINDOW_MS = 10_000;
const GRACE_MS = 1_000;

const DATAFLOW_OF = {
  "player-events": "player-engagement",
  purchases: "game-economy",
  "server-metrics": "server-operations",
} as const;
type Topic = keyof typeof DATAFLOW_OF;
const TOPICS = Object.keys(DATAFLOW_OF) as Topic[];

interface Slice {
  readonly topic: Topic;
  readonly atMs: number;
  readonly records: readonly InputRecord[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const modules = new Map<Topic, WebAssembly.Module>();
for (const topic of TOPICS) {
  const file = new URL(`../dataflows/${DATAFLOW_OF[topic]}/dataflow.wasm`, import.meta.url);
  modules.set(topic, await WebAssembly.compile(await readFile(file)));
}

function cpuSeconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function recordsOf(lines: readonly string[], atMs: number): InputRecord[] {
  return lines.map((line, offset) => ({
    offset,
    timestamp: atMs,
    key: null,
    value: encoder.encode(line),
  }));
}

/** The game's events as they come, until there is enough. */
function play(enough: (counts: Record<Topic, number>, nowMs: number) => boolean): Slice[] {
  const scenario = scenarioNamed("default");
  const world = new World({ seed: 7, startMs: START_MS, scenario, catalog });
  world.setRate(RATE);
  world.advance(START_MS + SETTLE_MS);
  const slices: Slice[] = [];
  const counts = { "player-events": 0, purchases: 0, "server-metrics": 0 };
  while (!enough(counts, world.nowMs)) {
    const atMs = world.nowMs + STEP_MS;
    const batch = world.advance(atMs);
    for (const topic of TOPICS) {
      counts[topic] += batch[topic].length;
      if (batch[topic].length > 0)
        slices.push({ topic, atMs, records: recordsOf(batch[topic], atMs) });
    }
  }
  return slices;
}

/** Drains an engine; what it also reads goes back in, as under the runner. */
function settle(engine: DataflowEngine, nowMs: number): void {
  const { sources, sinks } = engine.plan;
  for (let drained = engine.drain(); drained.length > 0; drained = engine.drain()) {
    const back = drained.filter(({ sink }) =>
      sources.some(({ topic }) => topic === sinks[sink]?.topic),
    );
    for (const [sink, outputs] of Map.groupBy(back, (output) => output.sink)) {
      const source = sources.findIndex(({ topic }) => topic === sinks[sink]?.topic);
      const records = outputs.map(({ timestamp, key, value }, offset) => ({
        offset,
        timestamp,
        key,
        value,
      }));
      engine.process({ source, partition: 0, records }, nowMs);
    }
  }
}

function newEngine(topic: Topic): { engine: DataflowEngine; source: number } {
  const engine = new DataflowEngine(modules.get(topic) as WebAssembly.Module);
  const source = engine.plan.sources.findIndex((candidate) => candidate.topic === topic);
  return { engine, source };
}

/** Events per second of CPU time. */
function processRound(slices: readonly Slice[]): number {
  const engines = new Map(TOPICS.map((topic) => [topic, newEngine(topic)]));
  const started = cpuSeconds();
  let events = 0;
  for (const { topic, atMs, records } of slices) {
    const { engine, source } = engines.get(topic) as ReturnType<typeof newEngine>;
    engine.process({ source, partition: 0, records }, atMs);
    settle(engine, atMs);
    events += records.length;
  }
  return events / (cpuSeconds() - started);
}

let fieldsSeen = 0;

function parseRound(slices: readonly Slice[]): number {
  const started = cpuSeconds();
  let events = 0;
  for (const { records } of slices) {
    for (const { value } of records) {
      const event = JSON.parse(decoder.decode(value)) as { player_id?: string };
      // Keeps the work from being optimised away.
      fieldsSeen += event.player_id === undefined ? 0 : 1;
    }
    events += records.length;
  }
  return events / (cpuSeconds() - started);
}

function compare(slices: readonly Slice[]): { ratio: number; eventsPerSecond: number } {
  const rates: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    const parsed = parseRound(slices);
    const processed = processRound(slices);
    if (round < WARM_UP_ROUNDS) continue;
    rates.push(processed);
    ratios.push(processed / parsed);
  }
  return { ratio: Math.round(median(ratios) * 1000) / 1000, eventsPerSecond: median(rates) };
}

/** The longest that one record took which closes windows, in milliseconds of wall time. */
function longestFlush(): number {
  const { engine, source } = newEngine("player-events");
  const event = (player: number, atMs: number): string =>
    `{"player_id":"player_${player}","session_id":"s${player}","event_type":"move"` +
    `,"level_id":"level_${player % 12}","map_id":"map_${player % 5}"` +
    `,"timestamp":"${new Date(atMs).toISOString()}"}`;
  let longest = 0;
  for (let player = 0; player < PLAYERS; player += PLAYERS_PER_WINDOW) {
    const startMs = START_MS + (player / PLAYERS_PER_WINDOW) * WINDOW_MS;
    const lines = Array.from({ length: PLAYERS_PER_WINDOW }, (_, n) =>
      event(player + n, startMs + GRACE_MS + (n * (WINDOW_MS - 2 * GRACE_MS)) / PLAYERS_PER_WINDOW),
    );
    engine.process({ source, partition: 0, records: recordsOf(lines, startMs) }, startMs);
    settle(engine, startMs);
    const closeMs = startMs + WINDOW_MS + GRACE_MS;
    const started = performance.now();
    const records = recordsOf([event(PLAYERS + player, closeMs)], closeMs);
    engine.process({ source, partition: 0, records }, closeMs);
    settle(engine, closeMs);
    longest = Math.max(longest, performance.now() - started);
  }
  return Math.round(longest);
}

const mixed = play((_, nowMs) => nowMs >= START_MS + SETTLE_MS + PLAY_MS);
const many = play((counts) => Math.min(counts.purchases, counts["server-metrics"]) >= RECORDS_MIN);
const own = (slices: readonly Slice[], topic: Topic): Slice[] =>
  slices.filter((slice) => slice.topic === topic);
const all = compare(mixed);
const result = {
  engagement_vs_json_parse: compare(own(mixed, "player-events")).ratio,
  economy_vs_json_parse: compare(own(many, "purchases")).ratio,
  operations_vs_json_parse: compare(own(many, "server-metrics")).ratio,
  all_events_per_s: Math.round(all.eventsPerSecond),
  all_vs_json_parse: all.ratio,
  flush_1m_players_ms: longestFlush(),
};
if (fieldsSeen === 0) throw new Error("nothing was parsed");
console.log(JSON.stringify({ dataflows: result }));
