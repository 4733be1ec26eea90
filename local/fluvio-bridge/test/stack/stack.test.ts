/** The real stack on free ports: comes up, survives killed children, stops without a trace. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startStack, StackError, type Stack, type StackEvent } from "../../src/stack/index.ts";
import { isRunning } from "./processes.ts";

const START_MS_MAX = 40_000;
const SAMPLE = {
  server_id: "server_1",
  cpu_load: 65,
  memory_usage: 80,
  latency: 120,
  timestamp: "2024-11-12T10:10:00Z",
};

const dataDir = mkdtempSync(join(tmpdir(), "arenaflow-"));
const events: StackEvent[] = [];
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ dataDir, generator: false, onEvent: (event) => events.push(event) });
}, START_MS_MAX);
afterAll(async () => {
  await stack.close();
  rmSync(dataDir, { recursive: true, force: true });
}, START_MS_MAX);

async function post(sample: object): Promise<number> {
  const response = await fetch(`${stack.urls.ingest}/v1/events/server-metrics`, {
    method: "POST",
    headers: { authorization: "Bearer dev", "content-type": "application/json" },
    body: JSON.stringify(sample),
  });
  await response.arrayBuffer();
  return response.status;
}

interface Insights {
  readonly items: { readonly value: { readonly server_id: string } }[];
}

async function serversSeen(): Promise<string[]> {
  const response = await fetch(`${stack.urls.ingest}/v1/insights/server-health`, {
    headers: { authorization: "Bearer dev" },
  });
  const { items } = (await response.json()) as Insights;
  return items.map(({ value }) => value.server_id);
}

test("the page and its files have their content types; the API is beside them", async () => {
  const page = await fetch(`${stack.urls.ingest}/`);
  expect(page.headers.get("content-type")).toContain("text/html");
  const html = await page.text();
  const script = /<script[^>]+src="([^"]+)"/.exec(html)?.[1];
  const styles = /<link[^>]+href="([^"]+\.css)"/.exec(html)?.[1];
  const types = await Promise.all(
    [script, styles].map(async (path) => {
      const response = await fetch(new URL(path ?? "", stack.urls.ingest));
      await response.arrayBuffer();
      return response.headers.get("content-type");
    }),
  );
  expect(types).toEqual([
    expect.stringContaining("text/javascript"),
    expect.stringContaining("text/css"),
  ]);
  const nothing = await fetch(`${stack.urls.ingest}/v1/nothing`);
  expect(nothing.headers.get("content-type")).toContain("json");
});

test("the live WebSocket opens through the same address", async () => {
  const url = `${stack.urls.ingest.replace("http", "ws")}/v1/live`;
  const socket = new WebSocket(url, ["arenaflow.v1", "bearer.dev"]);
  await new Promise((opened, failed) => {
    socket.addEventListener("open", opened);
    socket.addEventListener("error", failed);
  });
  expect(socket.protocol).toBe("arenaflow.v1");
  socket.close();
});

test("an event goes the whole way", { timeout: 20_000 }, async () => {
  expect(await post(SAMPLE)).toBe(202);
  await vi.waitFor(async () => expect(await serversSeen()).toContain("server_1"), {
    timeout: 15_000,
    interval: 200,
  });
});

test("killed children come back and the path works again", { timeout: 40_000 }, async () => {
  const before = stack.pids();
  for (const name of ["connectors", "dataflows", "fluvio"] as const) {
    process.kill(before[name] ?? 0, "SIGKILL");
  }
  await vi.waitFor(
    () => {
      const now = stack.pids();
      for (const name of ["connectors", "dataflows", "fluvio"] as const) {
        expect(now[name]).toBeDefined();
        expect(now[name]).not.toBe(before[name]);
      }
    },
    { timeout: 10_000 },
  );
  expect(stack.pids().workers).toBe(before.workers);
  expect(await post({ ...SAMPLE, server_id: "server_2" })).toBe(202);
  await vi.waitFor(async () => expect(await serversSeen()).toContain("server_2"), {
    timeout: 25_000,
    interval: 200,
  });
  expect(events.filter(({ type }) => type === "restarting").length).toBeGreaterThanOrEqual(3);
});

describe("a second stack", () => {
  test("on the same data is refused and leaves the first one alone", async () => {
    const error = await startStack({ dataDir, generator: false }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(StackError);
    expect(String(error)).toContain("already running");
    expect((await fetch(`${stack.urls.ingest}/healthz`)).ok).toBe(true);
  });

  test("on a taken port says which one and starts nothing", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((listening) => taken.once("listening", listening));
    const { port } = taken.address() as AddressInfo;
    const other = mkdtempSync(join(tmpdir(), "arenaflow-"));
    const started = startStack({ dataDir: other, generator: false, ports: { fluvio: port } });
    await expect(started).rejects.toThrow(`Port ${port}, for the Fluvio server, is taken`);
    expect(readdirSync(other)).toEqual([]);
    taken.close();
  });
});

test(
  "a stop takes less than five seconds, leaves no process, and the data is there again",
  async () => {
    const pids = Object.values(stack.pids());
    expect(pids).toHaveLength(4);
    const startedMs = performance.now();
    await stack.close();
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect(pids.map(isRunning)).toEqual([false, false, false, false]);

    stack = await startStack({ dataDir, generator: false });
    expect(await serversSeen()).toEqual(expect.arrayContaining(["server_1", "server_2"]));
  },
  START_MS_MAX,
);
