/**
 * How fast the simulated game writes its events, against JSON.stringify of ready-made ones.
 * Both sides end in UTF-8 bytes of NDJSON; rounds alternate, so that a busy machine slows both.
 * CPU time of this thread is counted, not wall time. Then a million players are online at once, who
 * act seldom so that many of them come and go: what they keep in memory, and how much it grows.
 * Run: `node bench/generator.ts`
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Batch, catalog, scenarioNamed, World } from "@arenaflow/simulation";

const ROUNDS = 7;
const WARM_UP_ROUNDS = 2;
const EVENTS_PER_ROUND = 200_000;
const READY_MADE_EVENTS = 20_000;
/** Times the scenario's players: 3,500 online, about what one Worker streams at most. */
const RATE = 10;
const STEP_MS = 50;
const SETTLE_MS = 30_000;
const CROWD = 1_000_000;
/** Seconds between two acts of a player, and of the world's time until they are all there. */
const CROWD_STEP_SECONDS = 60;
const CROWD_ARRIVES_MS = 120_000;
/** Long enough for half of the players to leave and others to come. */
const CROWD_STAYS_MS = 240_000;
const BATCH_EVENTS_MAX = 5000;
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

/** Megabytes that stay after a garbage collection, buffers included. */
function keptMegabytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

function playOn(crowded: World, ms: number): void {
  for (const batch of crowded.advanceInBatches(crowded.nowMs + ms, BATCH_EVENTS_MAX)) {
    serialiseAll(batch);
  }
}

/** A world of a million players online: what it keeps, and how much more of it after a while. */
function measureCrowd(): { megabytes: number; growth: number } {
  const before = keptMegabytes();
  const base = scenarioNamed("default");
  const scenario = {
    ...base,
    session: {
      ...base.session,
      stepSeconds: CROWD_STEP_SECONDS,
      pauseSeconds: CROWD_STEP_SECONDS,
    },
    population: {
      ...base.population,
      accountsInitial: 1.5 * CROWD,
      accountsMax: 1.6 * CROWD,
      activeTarget: CROWD,
    },
  };
  const crowded = new World({ seed: 7, startMs: START_MS, scenario, catalog });
  crowded.fleet.scale = CROWD / base.population.activeTarget;
  playOn(crowded, CROWD_ARRIVES_MS);
  if (crowded.sessions.active < CROWD) throw new Error("the crowd is not there");
  const first = keptMegabytes() - before;
  playOn(crowded, CROWD_STAYS_MS);
  const second = keptMegabytes() - before;
  return { megabytes: second, growth: second / first };
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
const crowd = measureCrowd();
const result = {
  generate_vs_stringify: Math.round(median(ratios) * 1000) / 1000,
  events_per_s: Math.round(median(rates)),
  mb_1m_players_online: Math.round(crowd.megabytes),
  growth_1m_players_online: Math.round(crowd.growth * 1000) / 1000,
};
console.log(JSON.stringify({ generator: result }));
