/** From an HTTP endpoint through a topic of a real server to another HTTP endpoint. */
import { mkdtempSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fluvio } from "@arenaflow/fluvio/client";
import { startFluvioServer, type FluvioServer } from "@arenaflow/fluvio/server";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { parseConnector } from "../../src/connectors/config.ts";
import { startConnector, type RunningConnector } from "../../src/connectors/run-connector.ts";
import { bodyOf, serve } from "./http-server.ts";

const stops: (() => Promise<unknown>)[] = [];
let fluvio: FluvioServer;
let dataDir: string;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "arenaflow-"));
  fluvio = await startFluvioServer({ dataDir, port: 0 });
});
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
  await fluvio.close();
});

function run(type: "http-source" | "http-sink", url: string): RunningConnector {
  const text =
    type === "http-source"
      ? `
meta: { name: in, type: http-source, version: 0.5.0, topic: events }
http: { endpoint: "${url}", stream: true }`
      : `
meta:
  name: out
  type: http-sink
  version: 0.3.0
  topic: events
  consumer:
    id: out
    offset: { strategy: auto, start: beginning, flush-period: { secs: 0, nanos: 50000000 } }
http: { endpoint: "${url}", backoff_min: 10ms, backoff_max: 50ms }`;
  const result = parseConnector(text, () => undefined);
  if ("problems" in result) throw new Error(result.problems.join("\n"));
  const running = startConnector(result.config, {
    endpoint: `127.0.0.1:${fluvio.port}`,
    log: () => undefined,
  });
  stops.push(() => running.close());
  return running;
}

/** A stream that sends these lines and stays open. */
async function lineServer(): Promise<{ url: string; send: (lines: string[]) => void }> {
  let open: ServerResponse | undefined;
  const waiting: string[] = [];
  const made = await serve((_, response) => {
    open = response;
    response.write(waiting.splice(0).join(""));
  });
  stops.push(() => made.close());
  return {
    url: made.url,
    send(lines) {
      const text = lines.map((line) => `${line}\n`);
      if (open === undefined) waiting.push(...text);
      else open.write(text.join(""));
    },
  };
}

async function recorder(): Promise<{ url: string; bodies: string[]; fail: { left: number } }> {
  const bodies: string[] = [];
  const fail = { left: 0 };
  const made = await serve(async (request, response) => {
    const body = await bodyOf(request);
    fail.left -= 1;
    response.statusCode = fail.left >= 0 ? 503 : 204;
    if (response.statusCode === 204) bodies.push(body);
    response.end();
  });
  stops.push(() => made.close());
  return { url: made.url, bodies, fail };
}

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `{"n":${from + i}}`);

test("every record arrives, once, in order, and the sink goes on where it stopped", async () => {
  const source = await lineServer();
  const target = await recorder();
  const input = run("http-source", source.url);
  const output = run("http-sink", target.url);
  source.send(numbered(0, 1_000));
  await vi.waitFor(() => expect(target.bodies).toHaveLength(1_000), { timeout: 8_000 });
  expect(target.bodies).toEqual(numbered(0, 1_000));
  expect(input.status()).toMatchObject({ state: "running", records: 1_000, refused: 0 });
  expect(output.status()).toMatchObject({ state: "running", records: 1_000, retries: 0 });

  await output.close();
  source.send(numbered(1_000, 1_010));
  await vi.waitFor(() => expect(input.status().records).toBe(1_010));
  run("http-sink", target.url);
  await vi.waitFor(() => expect(target.bodies).toHaveLength(1_010));
  expect(target.bodies).toEqual(numbered(0, 1_010));
});

test("an endpoint that is busy changes neither order nor number", async () => {
  const source = await lineServer();
  const target = await recorder();
  target.fail.left = 5;
  run("http-source", source.url);
  const output = run("http-sink", target.url);
  source.send(numbered(0, 50));
  await vi.waitFor(() => expect(target.bodies).toHaveLength(50), { timeout: 5_000 });
  expect(target.bodies).toEqual(numbered(0, 50));
  expect(output.status().retries).toBe(5);
});

test("a Fluvio server that is away for a while", async () => {
  const source = await lineServer();
  const target = await recorder();
  const input = run("http-source", source.url);
  run("http-sink", target.url);
  source.send(numbered(0, 10));
  await vi.waitFor(() => expect(target.bodies).toHaveLength(10), { timeout: 5_000 });
  const { port } = fluvio;
  await fluvio.close();
  fluvio = await startFluvioServer({ dataDir, port });
  source.send(numbered(10, 20));
  await vi.waitFor(() => expect(new Set(target.bodies).size).toBe(20), { timeout: 8_000 });
  // What was on its way may come twice; what comes first comes in order.
  expect([...new Set(target.bodies)]).toEqual(numbered(0, 20));
  expect(input.status().records).toBeGreaterThanOrEqual(20);
});

test("a record is in the topic as it was on the wire, without a key", async () => {
  const source = await lineServer();
  run("http-source", source.url);
  source.send(["a", "", "ü"]);
  const client = await Fluvio.connect({ endpoint: `127.0.0.1:${fluvio.port}` });
  stops.push(() => client.close());
  await vi.waitFor(async () => expect(await client.admin.listTopics()).toHaveLength(1));
  const consumer = await client.consumer("events", { start: "beginning" });
  const records: { key: Uint8Array | null; text: string }[] = [];
  for await (const batch of consumer) {
    for (const { key, value } of batch.records)
      records.push({ key, text: Buffer.from(value).toString() });
    if (records.length === 3) break;
  }
  expect(records).toEqual([
    { key: null, text: "a" },
    { key: null, text: "" },
    { key: null, text: "ü" },
  ]);
});
