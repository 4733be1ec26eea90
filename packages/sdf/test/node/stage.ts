/** A server, a client and a folder for tests that run dataflows between topics. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Fluvio } from "@arenaflow/fluvio/client";
import { type FluvioServer, startFluvioServer } from "@arenaflow/fluvio/server";

const CHILD = fileURLToPath(new URL("./run-child.ts", import.meta.url));
const KILL_AT_STEP = new URL("./kill-at-step.ts", import.meta.url).href;
const REPOSITORY = new URL("../../../../", import.meta.url);

export interface Received {
  readonly key: string | null;
  readonly value: Record<string, unknown>;
}

export class Stage {
  readonly dir: string;
  server: FluvioServer;
  readonly fluvio: Fluvio;
  /** What the processes logged. */
  readonly lines: string[] = [];
  readonly #children: ChildProcess[] = [];
  readonly #consumers: { close(): Promise<void> }[] = [];

  private constructor(dir: string, server: FluvioServer, fluvio: Fluvio) {
    this.dir = dir;
    this.server = server;
    this.fluvio = fluvio;
  }

  static async open(): Promise<Stage> {
    const dir = await mkdtemp(join(tmpdir(), "sdf-stage-"));
    const server = await startFluvioServer({ dataDir: join(dir, "fluvio"), port: 0 });
    const fluvio = await Fluvio.connect({ endpoint: `127.0.0.1:${server.port}` });
    return new Stage(dir, server, fluvio);
  }

  get endpoint(): string {
    return `127.0.0.1:${this.server.port}`;
  }

  /** Stops the server and starts it again on the same port and data. */
  async restartServer(downMs: number): Promise<void> {
    const { port } = this.server;
    await this.server.close();
    await sleep(downMs);
    this.server = await startFluvioServer({ dataDir: join(this.dir, "fluvio"), port });
  }

  /** Collects a topic from its beginning into the list returned. */
  async collect(topic: string): Promise<Received[]> {
    await this.fluvio.admin.ensureTopic(topic);
    const consumer = await this.fluvio.consumer(topic, { start: "beginning" });
    this.#consumers.push(consumer);
    const received: Received[] = [];
    const decoder = new TextDecoder();
    void (async () => {
      for await (const batch of consumer) {
        for (const { key, value } of batch.records) {
          received.push({
            key: key === null ? null : decoder.decode(key),
            value: JSON.parse(decoder.decode(value)) as Record<string, unknown>,
          });
        }
      }
    })();
    return received;
  }

  /** Starts the dataflow in a process of its own and waits until it runs. */
  async spawn(dataflow: string, threads = 1): Promise<ChildProcess> {
    const child = this.start(dataflow, threads);
    await child.running;
    return child.process;
  }

  /** Starts the dataflow in a process of its own; `running` rejects when that ends before it runs. */
  start(
    dataflow: string,
    threads = 1,
    groups: readonly number[] = [],
    /** Dies in the middle of this step on files (kill-at-step.ts). */
    killAtStep?: number,
  ): { process: ChildProcess; running: Promise<void> } {
    const dir = fileURLToPath(new URL(dataflow, REPOSITORY));
    const args = [CHILD, dir, this.endpoint, join(this.dir, "checkpoints"), `${threads}`];
    if (groups.length > 0) args.push(groups.join(","));
    if (killAtStep !== undefined) args.unshift("--import", KILL_AT_STEP);
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, KILL_AT_STEP: String(killAtStep ?? 0) },
    });
    this.#children.push(child);
    createInterface(child.stderr).on("line", (line) => this.lines.push(line));
    const running = new Promise<void>((resolve, reject) => {
      child.stdout.once("data", () => resolve());
      child.once("exit", (code) =>
        reject(new Error(`the runner ended with ${code}: ${this.lines.join("\n")}`)),
      );
    });
    return { process: child, running };
  }

  async close(): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    await Promise.all(this.#consumers.map(async (consumer) => consumer.close()));
    await this.fluvio.close();
    await this.server.close();
    await rm(this.dir, { recursive: true, force: true });
  }
}
