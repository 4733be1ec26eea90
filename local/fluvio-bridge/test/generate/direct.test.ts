/** The simulated game in topics: with both clients, and the same events as the Worker streams. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EVENT_TOPICS, type EventTopic } from "@arenaflow/events";
import { Fluvio } from "@arenaflow/fluvio/client";
import { loadNativeClient } from "@arenaflow/fluvio/native";
import { startFluvioServer, type FluvioServer } from "@arenaflow/fluvio/server";
import { catalog, scenarioNamed, type TruthEntry, World } from "@arenaflow/simulation";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PROJECT, PROJECT_DIR } from "../../src/stack/layout.ts";
import { ARENAFLOW, arenaflow } from "./command.ts";
import { startWorker } from "./worker.ts";

const START = "2026-11-22T18:00:00.000Z";
const native = await loadNativeClient(join(PROJECT_DIR, ".arenaflow", "native-client"));

let dir: string;
let server: FluvioServer;
let endpoint: string;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "arenaflow-"));
  server = await startFluvioServer({ dataDir: join(dir, "fluvio"), port: 0 });
  endpoint = `127.0.0.1:${server.port}`;
});

afterEach(async () => {
  await server.close();
  rmSync(dir, { recursive: true });
});

/** Every record of a topic, in the order of its partition. */
async function recordsOf(topic: EventTopic): Promise<{ key: string; value: string }[]> {
  const fluvio = await Fluvio.connect({ endpoint });
  try {
    const [range] = await fluvio.offsets(topic);
    const records: { key: string; value: string }[] = [];
    if (range === undefined || range.end === 0) return records;
    const consumer = await fluvio.consumer(topic, { start: "beginning" });
    for await (const batch of consumer) {
      for (const { key, value } of batch.records) {
        const text = (bytes: Uint8Array | null) => Buffer.from(bytes ?? []).toString("utf8");
        records.push({ key: text(key), value: text(value) });
      }
      if (records.length >= range.end) break;
    }
    return records;
  } finally {
    await fluvio.close();
  }
}

/** What a world of these settings does in 30 s. */
function expected(settings: { seed: number; scenario: string; rate: number }): World {
  const { seed, scenario, rate } = settings;
  const startMs = Date.parse(START);
  const world = new World({ seed, startMs, scenario: scenarioNamed(scenario), catalog });
  if (rate !== 1) world.setRate(rate);
  return world;
}

interface Counts {
  readonly sent: number;
  readonly acknowledged: number;
}

const GAME = ["--duration", "30", "--speed", "60", "--start", START, "--seed", "11"];

describe("generate --direct", () => {
  test.for(["own", "native"])(
    "with the %s client puts exactly the world's events into the topics, in order",
    async (client, { skip }) => {
      skip(client === "native" && native === undefined, "@fluvio/client is not installed");
      const options = ["--scenario", "fraud-heavy", "--rate", "2", "--endpoint", endpoint];
      const truthFile = join(dir, "truth.ndjson");
      const args = [...GAME, ...options, "--client", client, "--truth", truthFile, "--json"];
      const { code, out, err } = await arenaflow("generate", "--direct", ...args);
      expect({ code, err }).toMatchObject({ code: 0 });
      expect(err).toContain(client === "own" ? "own client" : "native @fluvio/client 0.14.9");
      expect(err).not.toContain("Warning");

      const world = expected({ seed: 11, scenario: "fraud-heavy", rate: 2 });
      const batch = world.advance(Date.parse(START) + 30_000);
      const { direct } = JSON.parse(out) as { direct: { topics: Record<string, object> } };
      for (const topic of EVENT_TOPICS) {
        const records = await recordsOf(topic);
        expect(records.map((record) => record.value)).toEqual(batch[topic]);
        const count = batch[topic].length;
        expect(direct.topics[topic]).toEqual({ sent: count, acknowledged: count });
      }
      const [purchase] = await recordsOf("purchases");
      expect(JSON.parse(purchase!.value)).toMatchObject({ player_id: purchase!.key });
      const truth = readFileSync(truthFile, "utf8").trimEnd().split("\n");
      const patterns = truth.map((line) => (JSON.parse(line) as TruthEntry).pattern);
      expect(patterns).toEqual(world.truth.after(0, 1000).map((entry) => entry.pattern));
    },
  );

  test("shows totals, with a scenario from a file, and ends by itself", async () => {
    const file = join(dir, "small.json");
    const population = { accounts_initial: 50, accounts_max: 60, active_target: 5 };
    const scenario = { extends: "default", name: "small", description: "Five.", population };
    writeFileSync(file, JSON.stringify(scenario));
    const args = [...GAME, "--scenario", file, "--endpoint", endpoint, "--client", "own"];
    const { code, out, err } = await arenaflow("generate", "--direct", ...args);
    expect(code).toBe(0);
    expect(err).toContain("Scenario small, seed 11, rate 1, from 2026-11-22T18:00:00.000Z");
    expect(out).toMatch(/TOPIC +SENT +ACKNOWLEDGED\nplayer-events +(\d+) +\1\npurchases/);
    expect(out).toMatch(/events in .* with this project's own client/);
  });

  test("a game faster than the clock ends at now", async () => {
    const args = ["--duration", "10m", "--speed", "600", "--scenario", "quiet"];
    const beganMs = Date.now();
    const result = await arenaflow("generate", "--direct", ...args, "--endpoint", endpoint);
    expect(result.code).toBe(0);
    const records = await recordsOf("server-metrics");
    const times = records.map(({ value }) =>
      Date.parse((JSON.parse(value) as { timestamp: string }).timestamp),
    );
    expect(Math.max(...times)).toBeGreaterThan(beganMs - 10_000);
    expect(Math.max(...times)).toBeLessThan(Date.now());
    expect(Math.min(...times)).toBeLessThan(beganMs - 500_000);
  });

  test("at a Ctrl-C what is under way still arrives", async () => {
    const args = ["generate", "--direct", "--endpoint", endpoint, "--client", "own", "--json"];
    const child = spawn(process.execPath, [ARENAFLOW, ...args, "--rate", "20"]);
    const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    while ((await recordsOf("player-events").catch(() => [])).length < 200) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    child.kill("SIGINT");
    expect(await ended).toBe(0);
    const { direct } = JSON.parse(out) as { direct: { topics: Record<EventTopic, Counts> } };
    for (const topic of EVENT_TOPICS) {
      const { sent, acknowledged } = direct.topics[topic];
      expect(acknowledged).toBe(sent);
      expect((await recordsOf(topic)).length).toBe(sent);
    }
  });

  test("says where nobody answers", async () => {
    const args = [...GAME, "--endpoint", "127.0.0.1:1"];
    const { code, err } = await arenaflow("generate", "--direct", ...args);
    expect(code).toBe(1);
    expect(err).toContain("127.0.0.1:1");
  });
});

/** Reads the Worker's stream of a topic for a time. */
async function readStream(url: string, topic: string, ms: number): Promise<string[]> {
  const response = await fetch(`${url}/v1/stream/${topic}`);
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  const until = performance.now() + ms;
  let text = "";
  while (performance.now() < until) {
    const { value } = await reader.read();
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text.split("\n").slice(0, -1);
}

interface Timed {
  readonly timestamp?: string;
  readonly purchase_timestamp?: string;
}

function timeOf(line: string): number {
  const { timestamp, purchase_timestamp } = JSON.parse(line) as Timed;
  return Date.parse(timestamp ?? purchase_timestamp ?? "");
}

test("the Worker's streams and --direct give the same events for one seed and clock", async () => {
  const vars = { SEED: "11", SCENARIO: "fraud-heavy" };
  const source = { name: "generator", configPath: PROJECT.generatorConfig };
  const worker = await startWorker(source, vars);
  const streamed = new Map<EventTopic, string[]>();
  let state: { started_at: number; now: number; seed: number; scenario: string };
  let openMs = 0;
  try {
    const reading = EVENT_TOPICS.map(async (topic) => {
      streamed.set(topic, await readStream(worker.url, topic, 8000));
    });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    openMs = Date.now();
    await Promise.all(reading);
    state = (await (await fetch(`${worker.url}/v1/state`)).json()) as typeof state;
  } finally {
    await worker.close();
  }
  expect(state).toMatchObject({ seed: 11, scenario: "fraud-heavy" });

  const game = ["--seed", "11", "--scenario", "fraud-heavy", "--start", `${state.started_at}`];
  const pace = ["--duration", "10", "--speed", "20", "--endpoint", endpoint];
  expect((await arenaflow("generate", "--direct", ...game, ...pace)).code).toBe(0);
  for (const topic of EVENT_TOPICS) {
    const lines = streamed.get(topic) ?? [];
    // The streams were opened one after the other and closed so, too.
    const endMs = timeOf(lines.at(-1)!);
    const isCompared = (line: string) => timeOf(line) > openMs && timeOf(line) < endMs;
    const published = (await recordsOf(topic)).map((record) => record.value);
    expect(lines.filter(isCompared)).toEqual(published.filter(isCompared));
    expect(lines.filter(isCompared).length).toBeGreaterThan(topic === "player-events" ? 500 : 10);
  }
});
