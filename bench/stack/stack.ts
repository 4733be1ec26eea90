/** The stack under load, seen from outside: its backlog, its memory, and how late insights come. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Stack, startStack } from "../../local/fluvio-bridge/src/stack/index.ts";
import type { LoadOptions, LoadReport } from "./load.ts";

/** Dataflows wait this long for stragglers after a window's end. */
const GRACE_MS = 1000;
const OUTPUT_BYTES_MAX = 1024 * 1024;
const KIB_PER_MIB = 1024;
/** Places in /proc/<pid>/stat, counted after the command's name. */
const PROCESS_GROUP = 2;
const UTIME = 11;
const STIME = 12;
/** USER_HZ, which is 100 wherever Linux runs on a laptop. */
const TICKS_PER_SECOND = 100;
const AUTHORIZED = { headers: { authorization: "Bearer dev" } };

let runs = 0;

export interface LoadedStack {
  readonly stack: Stack;
  readonly close: () => Promise<void>;
}

/** A stack without the simulated game, on data of its own. */
export async function openStack(): Promise<LoadedStack> {
  const dataDir = mkdtempSync(join(tmpdir(), "arenaflow-bench-"));
  const stack = await startStack({ dataDir, generator: false });
  const close = async (): Promise<void> => {
    await stack.close();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { stack, close };
}

/** Runs the clients in a process of their own. */
export async function load(
  { urls }: Stack,
  options: Pick<LoadOptions, "rate" | "seconds"> & Partial<LoadOptions>,
): Promise<LoadReport> {
  runs += 1;
  const full: LoadOptions = {
    port: Number(new URL(urls.ingest).port),
    players: 10_000,
    batch: 200,
    connections: 16,
    run: runs,
    ...options,
  };
  const script = join(import.meta.dirname, "load.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(full)], {
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  return JSON.parse(stdout) as LoadReport;
}

/** Accepted events that no dataflow has acknowledged yet. */
export async function backlog({ urls }: Stack): Promise<number> {
  const answer = await fetch(`${urls.ingest}/v1/status`, AUTHORIZED);
  return ((await answer.json()) as { backlog: number }).backlog;
}

/** Waits until nothing waits. @returns false when that takes too long */
export async function drained(stack: Stack, msMax: number): Promise<boolean> {
  const deadline = performance.now() + msMax;
  while (performance.now() < deadline) {
    if ((await backlog(stack)) === 0) return true;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return false;
}

/** Collects how long after its window was due each insight arrived at a WebSocket, in milliseconds. */
export class Lateness {
  readonly #socket: WebSocket;
  readonly #values: number[] = [];

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }: MessageEvent<string>) => {
      const nowMs = Date.now();
      type Message = { readonly position: number; readonly value: { readonly window_end: number } };
      const parsed = JSON.parse(data) as Message | Message[];
      for (const { position, value } of Array.isArray(parsed) ? parsed : [parsed]) {
        this.#values.push(nowMs - value.window_end - GRACE_MS);
        socket.send(`{"seen":${position}}`);
      }
    });
  }

  static async open({ urls }: Stack): Promise<Lateness> {
    const address = `${urls.ingest.replace("http", "ws")}/v1/live?topics=level-activity,server-health`;
    const socket = new WebSocket(address, ["arenaflow.v1", "bearer.dev"]);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", () => reject(new Error("the live WebSocket did not open")));
    });
    return new Lateness(socket);
  }

  /** @param fraction 0.5 for the median */
  percentile(fraction: number): number {
    const sorted = this.#values.toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length * fraction)] ?? NaN;
  }

  get count(): number {
    return this.#values.length;
  }

  close(): void {
    this.#socket.close();
  }
}

/** Resident memory of the stack's processes and all they started, in MiB; NaN where /proc is missing. */
export function residentMib(stack: Stack): Record<string, number> {
  const sizes: Record<string, number> = {};
  for (const [part, pid] of Object.entries(stack.pids())) {
    let kib = 0;
    for (const each of groupOf(pid)) {
      const status = readFileSync(`/proc/${each}/status`, "utf8");
      kib += Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
    }
    sizes[part] = Math.round(kib / KIB_PER_MIB);
  }
  return sizes;
}

/** CPU time of the stack's processes and all they started, in seconds; NaN where /proc is missing. */
export function cpuSeconds(stack: Stack): Record<string, number> {
  const used: Record<string, number> = {};
  for (const [part, pid] of Object.entries(stack.pids())) {
    const ticks = groupOf(pid).map((each) => {
      const fields = statOf(each);
      return Number(fields[UTIME]) + Number(fields[STIME]);
    });
    used[part] = ticks.reduce((total, each) => total + each, 0) / TICKS_PER_SECOND;
  }
  return used;
}

function groupOf(leader: number): string[] {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    return Number(statOf(name)[PROCESS_GROUP]) === leader;
  });
}

/** Fields of /proc/<pid>/stat after the command's name; none when the process is gone. */
function statOf(pid: string): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}
