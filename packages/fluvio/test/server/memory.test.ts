/**
 * Memory stays flat while records pass, synced to disk and deleted by retention: what a
 * server is given by its system, and what a client has in use. `FLUVIO_RECORDS=10000000` is the long form.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { startServer } from "../support/running-server.ts";
import { temporaryDir } from "../support/stack.ts";

const RECORDS = Number(process.env["FLUVIO_RECORDS"] ?? 600_000);
const RECORDS_PER_SECOND_MIN = 5000;
const MOVER = fileURLToPath(new URL("../support/move-records.ts", import.meta.url));
const BYTES_PER_MIB = 1024 * 1024;
/** Heaps breathe; that records stayed in one would show as 86 MiB of the short form. */
const GROWTH_SHARE_MAX = 0.1;
const GROWTH_MIB_MAX = 32;

test.runIf(existsSync("/proc/self/status"))(
  `memory stays flat while ${RECORDS} records pass`,
  { timeout: 30_000 + (RECORDS / RECORDS_PER_SECOND_MIN) * 1000 },
  async () => {
    const server = await startServer(await temporaryDir());
    const args = ["--expose-gc", MOVER, `127.0.0.1:${server.port}`, String(RECORDS)];
    const mover = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void mover.kill("SIGKILL"));
    const ended = once(mover, "exit");
    const client: number[] = [];
    const ours: number[] = [];
    for await (const line of createInterface({ input: mover.stdout })) {
      client.push((JSON.parse(line) as { bytes: number }).bytes / BYTES_PER_MIB);
      ours.push(residentMib(server.child.pid));
    }
    expect(await ended).toEqual([0, null]);
    expectFlat("client", client);
    expectFlat("server", ours);
  },
);

function residentMib(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** The last quarter against the second: the first is when code is compiled and buffers grow. */
function expectFlat(who: string, mib: readonly number[]): void {
  const quarter = Math.floor(mib.length / 4);
  const earlier = median(mib.slice(quarter, 2 * quarter));
  const later = median(mib.slice(-quarter));
  const course = `${who}: ${earlier.toFixed(0)} MiB, then ${later.toFixed(0)} MiB`;
  if (process.env["FLUVIO_RECORDS"] !== undefined) console.log(course);
  expect(later, course).toBeLessThan(earlier * (1 + GROWTH_SHARE_MAX) + GROWTH_MIB_MAX);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
