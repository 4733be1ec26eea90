/** The edge alone, in a workerd of its own that a test may kill. */
import { readdir, readFile } from "node:fs/promises";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { expect } from "vitest";
import { unstable_getMiniflareWorkerOptions } from "wrangler";

import { CONFIG } from "../../bench/ingest/bundle.ts";

const HOST = "127.0.0.1";

/** On the same data after every start. */
export class Edge {
  readonly #dir: string;
  readonly #source: string;
  #miniflare: Miniflare | undefined;
  url = "";

  constructor(dir: string, source: string) {
    this.#dir = dir;
    this.#source = source;
  }

  async start(): Promise<void> {
    const { workerOptions } = unstable_getMiniflareWorkerOptions(CONFIG);
    const { modulesRules: _, assets: __, ...worker } = workerOptions;
    const modules = [{ type: "ESModule" as const, path: "worker.mjs", contents: this.#source }];
    const options = convertV4MiniflareOptions({
      host: HOST,
      port: 0,
      cf: false,
      logRequests: false,
      workers: [
        {
          ...worker,
          name: "ingest",
          modules,
          unsafeDirectSockets: [{ host: HOST, port: 0 }],
        },
      ],
    });
    options.resourcePersistencePath = this.#dir;
    this.#miniflare = new Miniflare(options);
    await this.#miniflare.ready;
    this.url = (await this.#miniflare.unsafeGetDirectURL("ingest")).origin;
  }

  /** Ends workerd as a crash of the machine would, as far as it can tell. */
  async kill(): Promise<void> {
    this.url = "";
    const pids = await workerdChildren();
    expect(pids).toHaveLength(1);
    for (const pid of pids) process.kill(pid, "SIGKILL");
    await this.#miniflare?.dispose().catch(() => undefined);
  }

  async stop(): Promise<void> {
    await this.#miniflare?.dispose();
  }
}

async function workerdChildren(): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
    if (stat.includes("(workerd") && Number(parent) === process.pid) found.push(Number(name));
  }
  return found;
}
