/**
 * How fast the dataflows take the simulated game's events, against JSON.parse of the same bytes:
 * each alone on its own events, then all three on the events as they come. Rounds alternate, so that
 * a busy machine slows both; CPU time of this thread is counted. Where there is a rustc, also what
 * reading alone takes of that: the same modules that read events, and nothing after them. Then the
 * longest close of a window with a million players known. Run: `node bench/dataflows.ts`
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { buildDataflow, ToolchainError } from "@arenaflow/sdf/compile";
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
const ROUND_EVENTS_MIN = 40_000;
const PLAYERS = 1_000_000;
/** Who comes within a window of ten seconds; fewer buy than play. */
const PER_WINDOW = { "player-events": 50_000, purchases: 10_000 } as const;
/** Then windows of players who were there before, each so far behind the one before. */
const RETURNING_WINDOWS = 3;
const RETURNING_STEP = 7_919;
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

type Modules = ReadonlyMap<Topic, WebAssembly.Module>;

const modules = new Map<Topic, WebAssembly.Module>();
for (const topic of TOPICS) {
  const file = new URL(`../dataflows/${DATAFLOW_OF[topic]}/dataflow.wasm`, import.meta.url);
  modules.set(topic, await WebAssembly.compile(await readFile(file)));
}

/** Reads what the dataflows read, and drops it. @returns nothing without rustc */
async function readingModules(): Promise<Modules | undefined> {
  try {
    const built = await buildDataflow(fileURLToPath(new URL("dataflows/reading", import.meta.url)));
    if ("problems" in built) throw new Error(JSON.stringify(built.problems));
    const module = await WebAssembly.compile(new Uint8Array(built.wasm));
    return new Map(TOPICS.map((topic) => [topic, module]));
  } catch (error) {
    if (error instanceof ToolchainError) return undefined;
    throw error;
  }
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

function newEngine(
  topic: Topic,
  of: Modules = modules,
): { engine: DataflowEngine; source: number } {
  const engine = new DataflowEngine(of.get(topic) as WebAssembly.Module);
  const source = engine.plan.sources.findIndex((candidate) => candidate.topic === topic);
  return { engine, source };
}

/** What was done, and the CPU time it took. */
interface Pass {
  readonly events: number;
  readonly seconds: number;
}

/** Events per second of CPU time; a short pass is done again, for the clock counts in milliseconds. */
function rateOf(pass: () => Pass): number {
  let [events, seconds] = [0, 0];
  while (events < ROUND_EVENTS_MIN) {
    const done = pass();
    events += done.events;
    seconds += done.seconds;
  }
  return events / seconds;
}

function processAll(slices: readonly Slice[], of: Modules): Pass {
  const engines = new Map(TOPICS.map((topic) => [topic, newEngine(topic, of)]));
  const started = cpuSeconds();
  let events = 0;
  for (const { topic, atMs, records } of slices) {
    const { engine, source } = engines.get(topic) as ReturnType<typeof newEngine>;
    engine.process({ source, partition: 0, records }, atMs);
    settle(engine, atMs);
    events += records.length;
  }
  return { events, seconds: cpuSeconds() - started };
}

let fieldsSeen = 0;

function parseAll(slices: readonly Slice[]): Pass {
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
  return { events, seconds: cpuSeconds() - started };
}

function compare(
  slices: readonly Slice[],
  of: Modules = modules,
): { ratio: number; eventsPerSecond: number } {
  const rates: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    const parsed = rateOf(() => parseAll(slices));
    const processed = rateOf(() => processAll(slices, of));
    if (round < WARM_UP_ROUNDS) continue;
    rates.push(processed);
    ratios.push(processed / parsed);
  }
  return { ratio: Math.round(median(ratios) * 1000) / 1000, eventsPerSecond: median(rates) };
}

/** What a player does first, and a buyer, as JSON. */
const FIRST = {
  "player-events": (player: number, time: string): string =>
    `{"player_id":"player_${player}","session_id":"s${player}","event_type":"move"` +
    `,"level_id":"level_${player % 12}","map_id":"map_${player % 5}","timestamp":"${time}"}`,
  purchases: (player: number, time: string): string =>
    `{"player_id":"player_${player}","item_id":"pet_fox","price":2.99,"currency":"USD"` +
    `,"ip_address":"10.${player >> 16}.${(player >> 8) & 255}.${player & 255}"` +
    `,"event_id":"${player}/${time}","purchase_timestamp":"${time}"}`,
} as const;

/**
 * The longest that one record took which closes windows, in milliseconds of wall time: while a million
 * come to be known, and while some of them, all over the million, come back.
 */
function longestFlush(topic: keyof typeof FIRST): number {
  const { engine, source } = newEngine(topic);
  const perWindow = PER_WINDOW[topic];
  const first = (player: number, atMs: number): string =>
    FIRST[topic](player, new Date(atMs).toISOString());
  let longest = 0;
  for (let known = 0; known < PLAYERS + RETURNING_WINDOWS * perWindow;) {
    const startMs = START_MS + (known / perWindow) * WINDOW_MS;
    const lines = Array.from({ length: perWindow }, (_, n) =>
      first(
        known < PLAYERS ? known + n : (n * RETURNING_STEP + known) % PLAYERS,
        startMs + GRACE_MS + (n * (WINDOW_MS - 2 * GRACE_MS)) / perWindow,
      ),
    );
    engine.process({ source, partition: 0, records: recordsOf(lines, startMs) }, startMs);
    settle(engine, startMs);
    const closeMs = startMs + WINDOW_MS + GRACE_MS;
    const started = performance.now();
    const records = recordsOf([first(2 * PLAYERS + known, closeMs)], closeMs);
    engine.process({ source, partition: 0, records }, closeMs);
    settle(engine, closeMs);
    longest = Math.max(longest, performance.now() - started);
    known += perWindow;
  }
  return Math.round(longest);
}

// First, while there is little on the heap: to collect what the rest leaves there takes longer than a flush.
const flushes = {
  flush_1m_players_ms: longestFlush("player-events"),
  flush_1m_buyers_ms: longestFlush("purchases"),
};
const mixed = play((_, nowMs) => nowMs >= START_MS + SETTLE_MS + PLAY_MS);
const many = play((counts) => Math.min(counts.purchases, counts["server-metrics"]) >= RECORDS_MIN);
const own = (slices: readonly Slice[], topic: Topic): Slice[] =>
  slices.filter((slice) => slice.topic === topic);
const reading = await readingModules();
const all = compare(mixed);
const result: Record<string, number> = {};
for (const topic of TOPICS) {
  const name = DATAFLOW_OF[topic].split("-")[1];
  const slices = own(topic === "player-events" ? mixed : many, topic);
  result[`${name}_vs_json_parse`] = compare(slices).ratio;
  if (reading !== undefined)
    result[`${name}_reading_vs_json_parse`] = compare(slices, reading).ratio;
}
result["all_events_per_s"] = Math.round(all.eventsPerSecond);
result["all_vs_json_parse"] = all.ratio;
Object.assign(result, flushes);
if (fieldsSeen === 0) throw new Error("nothing was parsed");
console.log(JSON.stringify({ dataflows: result }));
