/** The two Workers of the benchmark, each in a workerd of its own. */
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convertV4MiniflareOptions, Miniflare, type V4WorkerOptions } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";

import { bundle, CONFIG } from "./bundle.ts";

const HOST = "127.0.0.1";
const NS_PER_S = 1e9;

/** One Worker under load. */
export interface Served {
  readonly port: number;
  readonly path: string;
  /** CPU time of the Worker's process since its start; 0 where it cannot be told. */
  readonly cpuSeconds: () => number;
}

export interface Pair {
  readonly ours: Served;
  readonly bare: Served;
  readonly close: () => Promise<void>;
}

/** Starts both, with their data in a temporary folder. */
export async function startPair(): Promise<Pair> {
  const ours = await startServed("ours");
  const bare = await startServed("bare");
  return {
    ours: ours.served,
    bare: bare.served,
    close: async () => {
      await Promise.all([ours.close(), bare.close()]);
    },
  };
}

/** Starts one of the two. */
export async function startServed(side: "ours" | "bare") {
  Object.assign(process.env, {
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    DO_NOT_TRACK: "1",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_SEND_METRICS: "false",
  });
  const dir = await mkdtemp(join(tmpdir(), "arenaflow-bench-"));
  const worker = side === "ours" ? await ourWorker() : await bareWorker();
  const path = side === "ours" ? "/v1/events/player-events" : "/";
  const { miniflare, served, startedAt } = await start(worker, dir);
  return {
    served: { ...served, path },
    /** On the clock of `performance.now`: when the start of workerd was asked for. */
    startedAt,
    close: async () => {
      await miniflare.dispose();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function ourWorker(): Promise<V4WorkerOptions> {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(CONFIG);
  const {
    modulesRules: _,
    assets: __,
    bindings,
    ...options
  } = workerOptions as typeof workerOptions & {
    bindings: Record<string, unknown>;
  };
  // The feed is read as a whole, and nobody acknowledges.
  const vars = { ...bindings, FEED_WINDOW: "10000000", BACKLOG_MIB_MAX: "8192" };
  return workerOf({ ...options, bindings: vars, name: "ingest" }, await bundle());
}

async function bareWorker(): Promise<V4WorkerOptions> {
  const contents = await readFile(join(import.meta.dirname, "bare-worker.js"), "utf8");
  const options = {
    name: "bare",
    compatibilityDate: "2026-10-01",
    durableObjects: { BLOBS: { className: "Blobs", useSQLite: true } },
  };
  return workerOf(options, contents);
}

function workerOf(options: object, contents: string): V4WorkerOptions {
  const modules = [{ type: "ESModule" as const, path: "worker.mjs", contents }];
  return { ...options, modules, unsafeDirectSockets: [{ host: HOST, port: 0 }] };
}

async function start(worker: V4WorkerOptions, persistDir: string) {
  const before = workerdPids();
  const options = convertV4MiniflareOptions({
    host: HOST,
    port: 0,
    cf: false,
    logRequests: false,
    workers: [worker],
  });
  options.resourcePersistencePath = persistDir;
  const startedAt = performance.now();
  const miniflare = new Miniflare(options);
  await miniflare.ready;
  const pid = workerdPids().find((found) => !before.includes(found));
  const url = await miniflare.unsafeGetDirectURL(worker.name ?? "");
  const served = { port: Number(url.port), cpuSeconds: () => cpuSecondsOf(pid) };
  return { miniflare, startedAt, served };
}

/** The workerd processes that this one started. */
function workerdPids(): readonly number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => {
        const stat = statOf(pid);
        return stat.name.startsWith("workerd") && stat.parent === process.pid;
      });
  } catch {
    return [];
  }
}

function statOf(pid: number): { name: string; parent: number } {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = text.lastIndexOf(")");
    const [, parent] = text.slice(end + 2).split(" ");
    return { name: text.slice(text.indexOf("(") + 1, end), parent: Number(parent) };
  } catch {
    return { name: "", parent: 0 };
  }
}

/** Time on a processor of all threads, to the nanosecond: /proc/<pid>/stat counts in hundredths of a second. */
function cpuSecondsOf(pid: number | undefined): number {
  if (pid === undefined) return 0;
  let ns = 0;
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const [onCpu] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ");
      ns += Number(onCpu);
    }
  } catch {
    return 0;
  }
  return ns / NS_PER_S;
}
