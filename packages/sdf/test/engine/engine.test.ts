import { describe, expect, test } from "vitest";
import { DataflowEngine, EngineError, readHash } from "../../src/engine/index.ts";
import { drainValues, loadModule, newEngine, recordsOf } from "./load.ts";

const START_MS = 1_731_405_600_000;

/** Players that wander for a minute over five levels; times are out of order by up to 800 ms. */
function wanderings(count: number): unknown[] {
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  return Array.from({ length: count }, (_, index) => {
    const player = random(60);
    const atMs = START_MS + Math.floor((index * 60_000) / count) - random(800);
    return {
      player_id: `p${player}`,
      session_id: `s${player}-${random(2)}`,
      event_type: "move",
      level_id: `level_${random(5)}`,
      map_id: `map_${random(2)}`,
      timestamp: new Date(atMs).toISOString(),
      feed: { shard: index % 3, seq: Math.floor(index / 3) + 1 },
    };
  });
}

const records = recordsOf(wanderings(3000)).map((record, index) => ({
  ...record,
  timestamp: START_MS + index * 20,
}));

/** Runs all records in batches of `size`, calling `between` after each batch. */
function run(
  engine: DataflowEngine,
  size: number,
  between: (next: number) => DataflowEngine = () => engine,
) {
  let current = engine;
  const values: { topic: string; value: unknown }[] = [];
  for (let from = 0; from < records.length; from += size) {
    const batch = { source: 0, partition: 0, records: records.slice(from, from + size) };
    current.process(batch, START_MS);
    values.push(...drainValues(current));
    current = between(from + size);
  }
  current.finish();
  values.push(...drainValues(current));
  return values;
}

describe("results", () => {
  test("do not depend on how records are cut into batches", async () => {
    const module = await loadModule("dataflows/player-engagement");
    const whole = run(new DataflowEngine(module), records.length);
    expect(whole.length).toBeGreaterThan(100);
    for (const size of [1, 7, 256]) expect(run(new DataflowEngine(module), size)).toEqual(whole);
  });

  test("do not change when a new instance takes over in the middle of a window", async () => {
    const module = await loadModule("dataflows/player-engagement");
    const whole = run(new DataflowEngine(module), 100);
    let engine = new DataflowEngine(module);
    const resumed = run(engine, 100, () => {
      const snapshot = engine.snapshot();
      engine = new DataflowEngine(module);
      engine.restore(snapshot);
      return engine;
    });
    expect(resumed).toEqual(whole);
  });

  test("come on time when nothing comes any more, also after a new instance took over", async () => {
    const module = await loadModule("dataflows/player-engagement");
    const first = new DataflowEngine(module);
    first.process({ source: 0, partition: 0, records: records.slice(0, 1) }, START_MS);
    first.tick(START_MS + 400);
    const second = new DataflowEngine(module);
    second.restore(first.snapshot());
    // A day later: the time while no instance ran does not count.
    const dayLater = START_MS + 86_400_000;
    second.tick(dayLater);
    expect(drainValues(second)).toEqual([]);
    second.tick(dayLater + 10_000);
    expect(drainValues(second).map(({ topic }) => topic)).toContain("level-activity");
  });
});

describe("a partition that has not been read yet", () => {
  const early = records.slice(0, 1500);
  const batchOf = (partition: number) => ({ source: 0, partition, records: early });
  const levels = (engine: DataflowEngine) =>
    drainValues(engine).filter(({ topic }) => topic === "level-activity");

  test("keeps windows open for its records, when the engine knows of it", async () => {
    const engine = await newEngine("dataflows/player-engagement");
    engine.declarePartitions(0, [0, 1], START_MS);
    engine.process(batchOf(0), START_MS);
    expect(levels(engine)).toEqual([]);
    engine.process(batchOf(1), START_MS);
    expect(levels(engine).length).toBeGreaterThan(10);
    expect(engine.stats().services.every(({ late }) => late === 0)).toBe(true);
  });

  test("holds nothing up once it has been idle", async () => {
    const engine = await newEngine("dataflows/player-engagement");
    engine.declarePartitions(0, [0, 1], START_MS);
    engine.process(batchOf(0), START_MS);
    engine.tick(START_MS + 400);
    expect(levels(engine)).toEqual([]);
    engine.tick(START_MS + 500);
    expect(levels(engine).length).toBeGreaterThan(10);
  });

  test("may be declared again after a restore", async () => {
    const first = await newEngine("dataflows/player-engagement");
    first.declarePartitions(0, [0, 1], START_MS);
    first.process(batchOf(0), START_MS);
    const second = await newEngine("dataflows/player-engagement");
    second.restore(first.snapshot());
    second.declarePartitions(0, [0, 1], START_MS);
    second.process(batchOf(1), START_MS);
    expect(second.stats().services.every(({ late }) => late === 0)).toBe(true);
  });
});

test.each([
  ["nearly a day goes on", 86_399, 86_399],
  ["longer than a day begins anew", 86_401, 0],
])("a session that was silent for %s", async (_name, silentSeconds, duration) => {
  const engine = await newEngine("dataflows/player-engagement");
  for (const atMs of [START_MS, START_MS + silentSeconds * 1000]) {
    engine.tick(atMs);
    const timestamp = new Date(atMs).toISOString();
    const visits = recordsOf([{ ...(wanderings(1)[0] as object), timestamp }], atMs);
    engine.process({ source: 0, partition: 0, records: visits }, atMs);
  }
  engine.finish();
  const levels = drainValues(engine).filter(({ topic }) => topic === "level-activity");
  expect(levels.at(-1)?.value).toMatchObject({ average_session_duration: duration });
});

describe("snapshots", () => {
  test("of an empty engine are taken", async () => {
    const module = await loadModule("dataflows/game-economy");
    const engine = new DataflowEngine(module);
    new DataflowEngine(module).restore(engine.snapshot());
  });

  test("that are damaged or another dataflow's are refused with the reason", async () => {
    const engagement = await newEngine("dataflows/player-engagement");
    const economy = await newEngine("dataflows/game-economy");
    engagement.process({ source: 0, partition: 0, records: records.slice(0, 10) }, START_MS);
    const snapshot = engagement.snapshot();
    expect(() => economy.restore(snapshot)).toThrow(/have other shapes/);
    expect(() => engagement.restore(snapshot.subarray(0, -1))).toThrow(/damaged/);
    expect(() => engagement.restore(new Uint8Array(3))).toThrow(/not a snapshot/);
    expect(() => engagement.restore(new Uint8Array(3))).toThrow(EngineError);
  });
});

test("modules carry the hash of what made them", async () => {
  expect(readHash(await loadModule("dataflows/player-engagement"))).toMatch(/^[0-9a-f]{64}$/);
});
