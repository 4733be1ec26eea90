/** Dataflows between topics of the embedded server. */
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EngineStats } from "../../src/engine/index.ts";
import { runDataflow, runDataflows } from "../../src/node/index.ts";
import { drainValues, newEngine, recordsOf } from "../engine/load.ts";
import { type Received, Stage } from "./stage.ts";

const DATAFLOWS = fileURLToPath(new URL("../../../../dataflows", import.meta.url));
const START_MS = 1_731_405_600_000;

let stage: Stage;
let lines: string[];

beforeEach(async () => {
  lines = [];
  stage = await Stage.open();
});

afterEach(async () => {
  await stage.close();
});

function run(name: string) {
  return runDataflow({
    dir: join(DATAFLOWS, name),
    endpoint: stage.endpoint,
    checkpointDir: join(stage.dir, name),
    checkpointIntervalMs: 100,
    log: ({ message }) => lines.push(message),
  });
}

function event(index: number, atMs: number) {
  return {
    player_id: `p${index % 40}`,
    session_id: `s${index % 40}`,
    event_type: "move",
    level_id: `level_${index % 7}`,
    map_id: "map_01",
    timestamp: new Date(atMs).toISOString(),
    event_id: `e${index}`,
    feed: { shard: 0, seq: index + 1 },
  };
}

async function produce(topic: string, values: readonly unknown[]) {
  const producer = await stage.fluvio.producer(topic, { lingerMs: 0 });
  await Promise.all(values.map(async (value) => producer.send({ value: JSON.stringify(value) })));
  await producer.close();
}

/** Asserts that all records under one key are equal, and gives one for each key. */
function byWindow(received: readonly Received[]) {
  const windows = new Map<string, Record<string, unknown>>();
  for (const { value: whole } of received) {
    // Players of the last minute are counted across windows, as far as records have come by then:
    // partitions that are read one after the other give other numbers than all in one.
    const { active_last_minute: _players, ...value } = whole;
    const key = JSON.stringify([value["window_start"], value["level_id"], value["map_id"]]);
    const twin = windows.get(key);
    if (twin !== undefined) expect(value).toEqual(twin);
    windows.set(key, value);
  }
  return windows;
}

/** Late records of the windows that the tests look at; what comes through a further topic has an order of its own. */
function lateOf({ services }: EngineStats): number | undefined {
  return services.find(({ name }) => name === "level-activity")?.late;
}

/** The positions of shard 0 that came back. */
function acknowledged(received: readonly Received[]): Set<number> {
  const positions = new Set<number>();
  for (const { value } of received) {
    if (value["shard"] !== 0) continue;
    for (const [from, to] of value["ranges"] as [number, number][]) {
      for (let seq = from; seq <= to; seq += 1) positions.add(seq);
    }
  }
  return positions;
}

describe("a dataflow between topics", () => {
  test("turns the three kinds of events into their insights", async () => {
    const activity = await stage.collect("level-activity");
    const sales = await stage.collect("item-sales");
    const health = await stage.collect("server-health");
    const all = await runDataflows({
      root: DATAFLOWS,
      endpoint: stage.endpoint,
      checkpointRoot: join(stage.dir, "checkpoints"),
      log: ({ message }) => lines.push(message),
    });
    await produce("player-events", [
      {
        player_id: "12345",
        session_id: "abcd1234",
        event_type: "move",
        level_id: "level_01",
        map_id: "map_05",
        timestamp: "2024-11-12T10:00:00Z",
      },
    ]);
    await produce("purchases", [
      {
        player_id: "12345",
        item_id: "skin_dragon",
        price: 4.99,
        currency: "USD",
        purchase_timestamp: "2024-11-12T10:05:00Z",
        ip_address: "192.168.0.1",
      },
    ]);
    await produce("server-metrics", [
      {
        server_id: "server_1",
        cpu_load: 65,
        memory_usage: 80,
        latency: 120,
        timestamp: "2024-11-12T10:10:00Z",
      },
    ]);
    await vi.waitFor(
      () => expect([activity, sales, health].map((topic) => topic.length)).toEqual([1, 1, 1]),
      15_000,
    );
    expect(activity[0]?.value).toMatchObject({ level_id: "level_01", active_players: 1 });
    expect(sales[0]?.value).toMatchObject({ item_id: "skin_dragon", total_revenue: 4.99 });
    expect(health[0]?.value).toMatchObject({ server_id: "server_1", cpu_load: 65 });
    await all.close();
    await all.finished;
  });

  test("goes on where it was closed, in the middle of a window", async () => {
    const activity = await stage.collect("level-activity");
    const first = await run("player-engagement");
    await produce("player-events", [event(0, START_MS), event(7, START_MS + 1000)]);
    await vi.waitFor(() =>
      expect(first.stats().offsets).toMatchObject({ "player-events": { 0: 2 } }),
    );
    await first.close();
    const second = await run("player-engagement");
    expect(second.stats().offsets).toMatchObject({ "player-events": { 0: 2 } });
    await produce("player-events", [event(14, START_MS + 2000), event(14, START_MS + 7000)]);
    await vi.waitFor(() => expect(activity).toHaveLength(1), 5000);
    expect(activity[0]?.value).toMatchObject({ active_players: 3, window_start: START_MS });
    await second.close();
  });

  test("drops what cannot be read, says where it was, and goes on", async () => {
    const dataflow = await run("server-operations");
    await produce("server-metrics", ["no metric", { server_id: "s", timestamp: "?" }]);
    await vi.waitFor(() => expect(dataflow.stats().dropped).toBeGreaterThanOrEqual(2), 5000);
    expect(lines.some((line) => line.startsWith("Record 0 of server-metrics/0 was dropped"))).toBe(
      true,
    );
    await dataflow.close();
  });

  test("refuses a checkpoint that is ahead of its topic", async () => {
    const first = await run("player-engagement");
    await produce("player-events", [event(0, START_MS)]);
    await vi.waitFor(() =>
      expect(first.stats().offsets).toMatchObject({ "player-events": { 0: 1 } }),
    );
    await first.close();
    await stage.fluvio.admin.deleteTopic("player-events");
    await expect(run("player-engagement")).rejects.toMatchObject({ code: "checkpoint_refused" });
  });

  test("waits while the server is away, and loses neither records nor outputs", async () => {
    const activity = await stage.collect("level-activity");
    const dataflow = await run("player-engagement");
    const before = Array.from({ length: 500 }, (_, index) => event(index, START_MS + index * 9));
    await produce("player-events", before);
    await vi.waitFor(() =>
      expect(dataflow.stats().offsets).toMatchObject({ "player-events": { 0: 500 } }),
    );
    // Longer than the idleness: the window must not close over the records that are still to come.
    await stage.restartServer(1500);
    await produce("player-events", [event(500, START_MS + 4800), event(501, START_MS + 20_000)]);
    await vi.waitFor(() => expect(byWindow(activity).size).toBe(7), 10_000);
    const players = [...byWindow(activity).values()].map((value) => value["active_players"]);
    expect(players).toEqual(Array.from({ length: 7 }, () => 40));
    await dataflow.close();
  });

  test("keeps outputs until the server takes them", async () => {
    const activity = await stage.collect("level-activity");
    const dataflow = await run("player-engagement");
    await produce("player-events", [event(0, START_MS)]);
    await vi.waitFor(() =>
      expect(dataflow.stats().offsets).toMatchObject({ "player-events": { 0: 1 } }),
    );
    // The window's result is on its way, or about to be, when the server goes.
    await produce("player-events", [event(7, START_MS + 20_000)]);
    await stage.restartServer(500);
    await vi.waitFor(() => expect(byWindow(activity).size).toBe(1), 10_000);
    await dataflow.close();
  });

  test("uses the checkpoint before a torn one", async () => {
    const activity = await stage.collect("level-activity");
    const first = await run("player-engagement");
    await produce("player-events", [event(0, START_MS)]);
    await vi.waitFor(() =>
      expect(first.stats().offsets).toMatchObject({ "player-events": { 0: 1 } }),
    );
    await sleep(300);
    await produce("player-events", [event(7, START_MS + 1000)]);
    await vi.waitFor(() =>
      expect(first.stats().offsets).toMatchObject({ "player-events": { 0: 2 } }),
    );
    await first.close();
    const dir = join(stage.dir, "player-engagement");
    const newest = readdirSync(dir).filter((name) => name.startsWith("checkpoint-"));
    await writeFile(join(dir, newest.toSorted().at(-1)!), "torn");
    const second = await run("player-engagement");
    await produce("player-events", [event(14, START_MS + 7000)]);
    await vi.waitFor(() => expect(activity).toHaveLength(1), 5000);
    expect(activity[0]?.value).toMatchObject({ active_players: 2 });
    expect(lines.some((line) => line.includes("is damaged"))).toBe(true);
    await second.close();
  });
});

describe("a runner that is killed", () => {
  const count = 6000;
  const partitions = 3;
  const events = Array.from({ length: count }, (_, index) => {
    const jitterMs = (index * 7919) % 700;
    return event(index, START_MS + index * 10 - jitterMs);
  });

  /** Sends events by player, so that a session stays in one partition. */
  async function play(from: number, to: number) {
    const producer = await stage.fluvio.producer("player-events");
    const slice = events.slice(from, to);
    await Promise.all(
      slice.map(async (value) =>
        producer.send({ key: value.player_id, value: JSON.stringify(value) }),
      ),
    );
    await producer.close();
  }

  /** Moves time on in every partition, so that the last windows close. */
  async function moveOn() {
    const producer = await stage.fluvio.producer("player-events");
    const last = { ...event(0, START_MS + 600_000), level_id: "end", feed: { shard: 1, seq: 1 } };
    const value = JSON.stringify(last);
    for (let partition = 0; partition < partitions; partition += 1) {
      await producer.send({ partition, value });
    }
    await producer.close();
  }

  /** What one engine makes of all events, without any partition, process or kill. */
  async function expectedWindows() {
    const engine = await newEngine("dataflows/player-engagement");
    engine.process({ source: 0, partition: 0, records: recordsOf(events) }, 0);
    engine.finish();
    expect(lateOf(engine.stats())).toBe(0);
    const outputs = drainValues(engine).filter(({ topic }) => topic === "level-activity");
    return byWindow(
      outputs.map(({ value }) => ({ key: null, value: value as Record<string, unknown> })),
    );
  }

  test("or started far behind, counts what waits in every partition", async () => {
    const expected = await expectedWindows();
    await stage.fluvio.admin.createTopic("player-events", { partitions });
    const activity = await stage.collect("level-activity");
    await play(0, count);
    const dataflow = await run("player-engagement");
    await vi.waitFor(() => expect(byWindow(activity).size).toBe(expected.size), 10_000);
    expect(byWindow(activity)).toEqual(expected);
    expect(lateOf(dataflow.stats().engine)).toBe(0);
    await dataflow.close();
  });

  test("twice, at any moment, makes every window's result as without", async () => {
    const expected = await expectedWindows();
    await stage.fluvio.admin.createTopic("player-events", { partitions });
    const activity = await stage.collect("level-activity");
    const acks = await stage.collect("feed-acks");
    const dataflow = join("dataflows", "player-engagement");
    let child = await stage.spawn(dataflow);
    const receivedAtKill: number[] = [];
    for (let from = 0; from < count; from += 200) {
      await play(from, from + 200);
      await sleep(60);
      if (from === 2000 || from === 4200) {
        child.kill("SIGKILL");
        await once(child, "exit");
        receivedAtKill.push(activity.length);
        child = await stage.spawn(dataflow);
      }
    }
    await vi.waitFor(
      async () => {
        await moveOn();
        const windows = activity.filter(({ value }) => value["level_id"] !== "end");
        expect(byWindow(windows)).toEqual(expected);
        expect(acknowledged(acks).size).toBe(count);
      },
      { timeout: 20_000, interval: 300 },
    );
    expect(receivedAtKill.every((length) => length > 0)).toBe(true);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  }, 60_000);
});
