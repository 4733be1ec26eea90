/** `arenaflow sdf` as a person meets it: started as a process. */
import { type DataflowGraph, insightKey, type Window } from "@arenaflow/events";
import type { DataflowGraph as SdfGraph } from "@arenaflow/sdf/node";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Fluvio } from "@arenaflow/fluvio/client";
import { startFluvioServer } from "@arenaflow/fluvio/server";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

const BIN = join(import.meta.dirname, "../../bin/arenaflow.mjs");
const PROJECT = join(import.meta.dirname, "../../../..");
const DATAFLOWS = join(PROJECT, "dataflows");
const OPERATIONS = join(DATAFLOWS, "server-operations");

let root: string;
let dir: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "arenaflow-sdf-"));
  dir = join(root, "dataflows");
  cpSync(OPERATIONS, join(dir, "flow"), { recursive: true });
  // Dataflows name their packages by paths that begin at their own folder.
  cpSync(join(PROJECT, "sdf-packages"), join(root, "sdf-packages"), { recursive: true });
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function sdf(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> {
  const options = { cwd: dir, env: { ...process.env, ...env } };
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, "sdf", ...args], options, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

/** A copy of the dataflow with another text in one of its files. */
function changed(name: string, file: string, from: string, to: string): string {
  const copy = join(dir, name);
  cpSync(OPERATIONS, copy, { recursive: true });
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
  return name;
}

describe("check", () => {
  test("takes folders, files and folders of folders", async () => {
    for (const operand of ["flow", "flow/dataflow.yaml", "."]) {
      const { code, out } = await sdf(["check", operand]);
      expect(code).toBe(0);
      expect(out).toMatch(/^✓ flow: server-operations 0\.\d+\.0, \d+ services\n$/);
    }
  });

  test("says where the problem is and what would be right", async () => {
    const bad = changed("bad", "dataflow.yaml", "apiVersion: 0.6.0", "apiVersion: 9.9.9");
    const { code, err } = await sdf(["check", "flow", bad]);
    expect(code).toBe(1);
    expect(err).toContain(
      'bad/dataflow.yaml:2:13: unknown apiVersion "9.9.9"\n  hint: known: 0.4.0',
    );
    expect(err).toContain("✗ bad: 1 problem\n");
  });

  test("says that the module is another's", async () => {
    const other = changed("other", "dataflow.yaml", "grace-period: 1s", "grace-period: 2s");
    const { out } = await sdf(["check", other]);
    expect(out).toContain("dataflow.wasm is not built from it");
  });
});

describe("build", () => {
  test("leaves alone what is up to date", async () => {
    expect(await sdf(["build", "flow"])).toMatchObject({ code: 0, out: "✓ flow: up to date\n" });
  });

  test("without Rust says how to get it", async () => {
    const stale = changed("stale", "dataflow.yaml", "grace-period: 1s", "grace-period: 3s");
    const { code, err } = await sdf(["build", stale], { ARENAFLOW_RUSTC: "/nowhere/rustc" });
    expect(code).toBe(1);
    expect(err).toContain(
      "No rustc was found at /nowhere/rustc.\nInstall Rust from https://rustup.rs",
    );
  });
});

describe("test", () => {
  test("runs what the dataflow brings along", async () => {
    const { code, out } = await sdf(["test", "flow"]);
    expect(code).toBe(0);
    expect(out).toContain("  ✓ one measurement\n");
    expect(out).toMatch(/\d+ passed\n$/);
  });

  test("shows what differs", async () => {
    const wrong = changed(
      "wrong",
      "dataflow.test.yaml",
      "samples: 1, cpu_load: 65",
      "samples: 1, cpu_load: 66",
    );
    const { code, out } = await sdf(["test", wrong]);
    expect(code).toBe(1);
    expect(out).toContain("  ✗ one measurement\n      server-health:\n");
    expect(out).toContain("differs in cpu_load: expected 66, got 65");
    expect(out).toMatch(/1 failed, \d+ passed\n$/);
  });
});

/** The compiler says whether the engine's picture is what the contract has. */
const asInsight = (graph: SdfGraph & Window): DataflowGraph => graph;

/** Reads the pictures that the dashboard would get, until one shows the record. */
async function expectPicture(endpoint: string): Promise<void> {
  const fluvio = await Fluvio.connect({ endpoint });
  const topic = "dataflow-graph";
  await vi.waitFor(async () => {
    expect((await fluvio.offsets(topic))[0]?.end).toBeGreaterThan(0);
    const consumer = await fluvio.consumer(topic, { start: { fromEnd: 1 } });
    const { value: batch } = await consumer.next();
    await consumer.close();
    const text = new TextDecoder().decode(batch?.records.at(-1)?.value);
    const graph = asInsight(JSON.parse(text) as SdfGraph & Window);
    expect(insightKey(topic, { ...graph })).toContain("server-operations");
    expect(graph.window_end - graph.window_start).toBe(5000);
    const service = graph.nodes.find(({ kind }) => kind === "service");
    expect(service?.operators?.length).toBeGreaterThan(0);
    expect(graph.edges).toContainEqual(
      expect.objectContaining({ from: "topic:server-metrics", records: 1 }),
    );
  }, 20_000);
  await fluvio.close();
}

describe("run", () => {
  test("runs until it is told to stop, and shows what is inside", async () => {
    const server = await startFluvioServer({ dataDir: join(root, "fluvio"), port: 0 });
    const endpoint = `127.0.0.1:${server.port}`;
    const args = [
      "run",
      "flow",
      "--endpoint",
      endpoint,
      "--checkpoint",
      "checkpoints",
      "--threads",
      "2",
      "-e",
      "UNUSED=x",
    ];
    const child = spawn(process.execPath, [BIN, "sdf", ...args], { cwd: dir });
    const lines: string[] = [];
    let errors = "";
    child.stderr.on("data", (chunk) => (errors += String(chunk)));
    createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
    try {
      await vi.waitFor(() => expect(lines).toHaveLength(2), 20_000);
      expect(lines[0]).toBe(`Running server-operations against ${endpoint}. Ctrl-C stops.`);
      const url = /^Look inside: (http:\/\/127\.0\.0\.1:\d+\/dataflows)$/.exec(lines[1]!)?.[1];

      const fluvio = await Fluvio.connect({ endpoint });
      const producer = await fluvio.producer("server-metrics");
      await producer.send({ value: "no metric" });
      await fluvio.close();
      await vi.waitFor(async () => {
        const answer = await fetch(`${url}/server-operations`);
        expect(await answer.json()).toMatchObject({ dropped: 1 });
      }, 5000);
      await expectPicture(endpoint);
      child.kill("SIGINT");
      expect(await once(child, "exit")).toEqual([0, null]);
      expect(lines.at(-1)).toMatch(/^server-operations: 0 to feed-acks, .*, 0 late, 1 dropped$/);
      expect(errors).toContain("no operator asks for the environment variable UNUSED by name");
    } finally {
      child.kill("SIGKILL");
      await server.close();
    }
  });

  test.each([
    [["frob"], "expected check, build, test or run, got frob"],
    [["check", "nowhere"], "nowhere is no dataflow: there is no nowhere/dataflow.yaml"],
    [["run", "flow", "--threads", "0"], "--threads should be from 1 to 64"],
    [
      ["run", "flow", "--threads", "2", "--groups", "0,2"],
      "--groups should be numbers from 0 to 1",
    ],
    [["run", "flow", "-e", "NAME"], "--env should be NAME=VALUE"],
  ])("%j is not understood", async (args, message) => {
    const { code, err } = await sdf(args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});
