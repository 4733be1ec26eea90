/**
 * How fast the simulated game writes its events, against JSON.stringify of ready-made ones.
 * Both sides end in UTF-8 bytes of NDJSON; rounds alternate, so that a busy machine slows both.
 * CPU time of this thread is counted, not wall time. Run: `node bench/generator.ts`
 */
import { type Batch, catalog, scenarioNamed, World } from "@arenaflow/simulation";

const ROUNDS = 7;
const WARM_UP_ROUNDS = 2;
const EVENTS_PER_ROUND = 200_000;
const READY_MADE_EVENTS = 20_000;
/** Times the scenario's players: 3,500 online, about what one Worker streams at most. */
const RATE = 10;
const STEP_MS = 50;
const SETTLE_MS = 30_000;
const START_MS = Date.parse("2026-11-22T18:00:00.000Z");

const encoder = new TextEncoder();
const buffer = new Uint8Array(16 * 1024 * 1024);

function cpuSeconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}

/** Writes lines as NDJSON bytes; the count keeps the work from being optimised away. */
function serialise(lines: readonly string[]): number {
  return lines.length === 0 ? 0 : encoder.encodeInto(`${lines.join("\n")}\n`, buffer).written;
}

function serialiseAll(batch: Batch): number {
  return (
    serialise(batch["player-events"]) +
    serialise(batch.purchases) +
    serialise(batch["server-metrics"])
  );
}

function eventsIn(batch: Batch): number {
  return batch["player-events"].length + batch.purchases.length + batch["server-metrics"].length;
}

function generateRound(world: World): number {
  const started = cpuSeconds();
  let events = 0;
  while (events < EVENTS_PER_ROUND) {
    const batch = world.advance(world.nowMs + STEP_MS);
    serialiseAll(batch);
    events += eventsIn(batch);
  }
  return events / (cpuSeconds() - started);
}

function stringifyRound(readyMade: readonly (readonly object[])[]): number {
  const started = cpuSeconds();
  let events = 0;
  while (events < EVENTS_PER_ROUND) {
    for (const batch of readyMade) {
      serialise(batch.map((event) => JSON.stringify(event)));
      events += batch.length;
    }
  }
  return events / (cpuSeconds() - started);
}

/** Parsed events in the batches the world gave them in. */
function makeReady(world: World): object[][] {
  const batches: object[][] = [];
  for (let events = 0; events < READY_MADE_EVENTS;) {
    const batch = world.advance(world.nowMs + STEP_MS);
    const lines = [...batch["player-events"], ...batch.purchases, ...batch["server-metrics"]];
    batches.push(lines.map((line) => JSON.parse(line) as object));
    events += lines.length;
  }
  return batches;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

const world = new World({
  seed: 7,
  startMs: START_MS,
  scenario: scenarioNamed("default"),
  catalog,
});
world.setRate(RATE);
world.advance(START_MS + SETTLE_MS);
const readyMade = makeReady(world);
const rates: number[] = [];
const ratios: number[] = [];
for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
  const stringified = stringifyRound(readyMade);
  const generated = generateRound(world);
  if (round < WARM_UP_ROUNDS) continue;
  rates.push(generated);
  ratios.push(generated / stringified);
}
const result = {
  generate_vs_stringify: Math.round(median(ratios) * 1000) / 1000,
  events_per_s: Math.round(median(rates)),
};
console.log(JSON.stringify({ generator: result }));
