/** A dataflow in several threads: each group of partitions has its own. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { runDataflow } from "../../src/node/index.ts";
import { drainValues, newEngine, recordsOf } from "../engine/load.ts";
import { makeSteps, walk } from "./relay-steps.ts";
import { type Received, Stage } from "./stage.ts";

const ENGAGEMENT = fileURLToPath(
  new URL("../../../../dataflows/player-engagement", import.meta.url),
);
const RELAY = fileURLToPath(new URL("relay", import.meta.url));
const START_MS = 1_731_405_600_000;
const PARTITIONS = 3;

let stage: Stage;

beforeEach(async () => {
  stage = await Stage.open();
  await stage.fluvio.admin.createTopic("player-events", { partitions: PARTITIONS });
});

afterEach(() => stage.close());

function run(threads: number, dir = ENGAGEMENT) {
  return runDataflow({
    dir,
    endpoint: stage.endpoint,
    checkpointDir: join(stage.dir, "checkpoints"),
    checkpointIntervalMs: 100,
    threads,
    log: () => {},
  });
}

const events = Array.from({ length: 900 }, (_, index) => ({
  player_id: `p${index % 30}`,
  session_id: `s${index % 30}`,
  event_type: "move",
  level_id: `level_${index % 2}`,
  map_id: "map",
  timestamp: new Date(START_MS + index * 20).toISOString(),
}));
const partitionOf = (index: number, partitions = PARTITIONS) => (index % 30) % partitions;

async function play(from: number, to: number, partitions = PARTITIONS) {
  const producer = await stage.fluvio.producer("player-events");
  await Promise.all(
    events.slice(from, to).map(async (event, at) =>
      producer.send({
        partition: partitionOf(from + at, partitions),
        value: JSON.stringify(event),
      }),
    ),
  );
  await producer.close();
}

const textsOf = (values: readonly unknown[]) =>
  [...new Set(values.map((value) => JSON.stringify(value)))].toSorted();

/** What two engines make of the partitions 0 and 2, and 1. */
async function expected() {
  const values: unknown[] = [];
  for (const group of [0, 1]) {
    const engine = await newEngine("dataflows/player-engagement");
    const own = events.filter((_, index) => partitionOf(index) % 2 === group);
    engine.process({ source: 0, partition: 0, records: recordsOf(own) }, 0);
    engine.finish();
    const outputs = drainValues(engine).filter(({ topic }) => topic === "level-activity");
    values.push(...outputs.map(({ value }) => value));
  }
  return textsOf(values);
}

const resultsOf = (received: readonly Received[]) => textsOf(received.map(({ value }) => value));

describe("two threads", () => {
  test("share the partitions, and go on from their checkpoints", async () => {
    const activity = await stage.collect("level-activity");
    const first = await run(2);
    await play(0, 500);
    await vi.waitFor(
      () => expect(Object.values(first.stats().offsets["player-events"]!)).toEqual([167, 167, 166]),
      10_000,
    );
    await first.close();
    await first.finished;
    const folders = await readdir(join(stage.dir, "checkpoints"));
    expect(folders).toEqual(expect.arrayContaining(["group-0-of-2", "group-1-of-2"]));
    const second = await run(2);
    expect(second.stats().offsets).toMatchObject({ "player-events": { 0: 167, 1: 167, 2: 166 } });
    await play(500, events.length);
    const wanted = await expected();
    await vi.waitFor(() => expect(resultsOf(activity)).toEqual(wanted), 15_000);
    await second.close();
  });

  test("share partitions that are added while they run", async () => {
    const activity = await stage.collect("level-activity");
    const dataflow = await run(2);
    await play(0, 400);
    await stage.fluvio.admin.addPartitions("player-events", 2);
    // The producers of the rest know five partitions: the two new ones go to one thread each.
    await play(400, events.length, 5);
    await vi.waitFor(() => {
      const next = dataflow.stats().offsets["player-events"]!;
      expect(Object.keys(next)).toEqual(["0", "1", "2", "3", "4"]);
      expect(Object.values(next).reduce((sum, each) => sum + each, 0)).toBe(events.length);
    }, 10_000);
    const seen = () =>
      activity.reduce((sum, { value }) => sum + Number(value["active_players"]), 0);
    await vi.waitFor(() => expect(seen()).toBeGreaterThan(0), 10_000);
    await dataflow.close();
    const again = await run(2);
    expect(Object.keys(again.stats().offsets["player-events"]!)).toHaveLength(5);
    await again.close();
  });

  test("answer questions together", async () => {
    await stage.fluvio.admin.createTopic("steps", { partitions: PARTITIONS });
    const dataflow = await run(2, RELAY);
    await walk(stage.fluvio, makeSteps(24), PARTITIONS);
    const service = "number";
    await vi.waitFor(async () => {
      const answers = await dataflow.query({ service, sql: "select _key from walked" });
      expect(answers.map(({ group, count }) => [group, count])).toEqual([
        [0, 16],
        [1, 8],
      ]);
    }, 10_000);
    await expect(dataflow.query({ service, sql: "select" })).rejects.toMatchObject({
      code: "query_refused",
    });
    await vi.waitFor(() => {
      const { services } = dataflow.stats().engine;
      expect(services.find(({ name }) => name === service)?.rows).toBe(24);
    });
    await dataflow.close();
    await expect(dataflow.query({ service, sql: "select 1" })).rejects.toMatchObject({
      code: "not_running",
    });
  });

  test("do not go on from the checkpoints of one, nor one from theirs", async () => {
    await (await run(1)).close();
    await expect(run(2)).rejects.toMatchObject({
      code: "checkpoint_refused",
      message: expect.stringMatching(
        /those of 1 thread, not of 2\. Run the dataflow with 1/,
      ) as unknown,
    });
  });

  test("end together when one cannot go on", async () => {
    const dataflow = await run(2);
    await stage.fluvio.admin.deleteTopic("player-events");
    await expect(dataflow.finished).rejects.toThrow();
    await dataflow.close();
  });

  test("are refused when a group's checkpoint is another dataflow's", async () => {
    const other = await runDataflow({
      dir: ENGAGEMENT.replace("player-engagement", "game-economy"),
      endpoint: stage.endpoint,
      checkpointDir: join(stage.dir, "checkpoints", "group-1-of-2"),
      log: () => {},
    });
    await other.close();
    await expect(run(2)).rejects.toMatchObject({ code: "checkpoint_refused" });
  });
});
