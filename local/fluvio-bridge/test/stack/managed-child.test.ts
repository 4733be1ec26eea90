import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { LogLine } from "../../src/log.ts";
import { ManagedChild } from "../../src/stack/managed-child.ts";
import { StackError } from "../../src/stack/stack-error.ts";
import { isRunning } from "./processes.ts";

const children: ManagedChild<"fluvio">[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill();
});

function managed(fixture: string) {
  const log: LogLine[] = [];
  const restarts: { reason: string; inMs: number }[] = [];
  const ports: number[] = [];
  const made = new ManagedChild<"fluvio">({
    name: "fluvio",
    env: process.env,
    module: join(import.meta.dirname, "fixtures", `${fixture}.ts`),
    settings: () => {
      ports.push(ports.length);
      return { port: ports.length, dataDir: "", retentionSeconds: 60, partitionBytesMax: 1e9 };
    },
    log: (line) => log.push(line),
    onRestart: (event) => restarts.push(event),
  });
  children.push(made);
  return { child: made, log, restarts, ports };
}

test("a child is ready when it says so, and what it logs arrives", async () => {
  const { child: made, log } = managed("well-behaved");
  const report = await made.start();
  expect(report.ports).toEqual({ fluvio: 1 });
  expect(made.isReady).toBe(true);
  await vi.waitFor(() => expect(log).toHaveLength(2));
  expect(log).toContainEqual({ level: "info", scope: "fixture", message: "started on 1" });
  expect(log).toContainEqual({
    level: "warn",
    scope: "fluvio",
    message: "a line of somebody else",
  });
  await vi.waitFor(() => expect(made.stats).toEqual({ count: 1 }), { timeout: 3_000 });
  await made.stop(2_000);
});

test("a clean stop leaves no process behind", async () => {
  const { child: made, restarts } = managed("well-behaved");
  const { detail } = await made.start();
  const [pid, grandchild] = [made.pid ?? 0, Number(detail)];
  expect([isRunning(pid), isRunning(grandchild)]).toEqual([true, true]);
  await made.stop(2_000);
  await vi.waitFor(() => expect([isRunning(pid), isRunning(grandchild)]).toEqual([false, false]));
  await sleep(400);
  expect(restarts).toEqual([]);
});

test("a child that was killed is started again, and what it had started is gone", async () => {
  const { child: made, restarts, ports } = managed("well-behaved");
  const { detail } = await made.start();
  const first = made.pid ?? 0;
  process.kill(first, "SIGKILL");
  await vi.waitFor(() => expect(restarts).toHaveLength(1));
  expect(restarts[0]).toMatchObject({ reason: "SIGKILL" });
  await vi.waitFor(() => expect(made.isReady).toBe(true), { timeout: 5_000 });
  expect(made.pid).not.toBe(first);
  expect(isRunning(Number(detail))).toBe(false);
  expect(ports).toHaveLength(2);
  await made.stop(2_000);
});

test("a child that hangs is killed at the deadline", async () => {
  const { child: made, log } = managed("hangs");
  await made.start();
  const pid = made.pid ?? 0;
  const startedMs = performance.now();
  await made.stop(300);
  expect(performance.now() - startedMs).toBeLessThan(1_500);
  expect(isRunning(pid)).toBe(false);
  expect(log.map(({ message }) => message)).toContainEqual(expect.stringContaining("was killed"));
});

describe("a child that does not start", () => {
  test("says why", async () => {
    const { child: made, restarts } = managed("refuses");
    await expect(made.start()).rejects.toThrow("the data folder is of a newer version");
    await vi.waitFor(() => expect(made.pid).toBeUndefined());
    expect(restarts).toEqual([]);
  });

  test("is explained by its last words", async () => {
    const { child: made } = managed("dies");
    const error = await made.start().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StackError);
    expect(String(error)).toContain("ended at once (exit code 7)");
    expect(String(error)).toContain("shared object");
  });
});

test("a child ends when its supervisor is killed", async () => {
  const parent = spawn(process.execPath, [join(import.meta.dirname, "fixtures/parent.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let pids: number[] = [];
  for await (const line of createInterface({ input: parent.stdout })) {
    pids = line.split(" ").map(Number);
    break;
  }
  expect(pids.map(isRunning)).toEqual([true, true]);
  parent.kill("SIGKILL");
  await vi.waitFor(() => expect(pids.map(isRunning)).toEqual([false, false]), { timeout: 4_000 });
});
