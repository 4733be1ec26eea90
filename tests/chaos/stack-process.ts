/** The stack as a process that can be killed, and comes back on the same data and ports. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** The processes of the stack; `supervisor` takes all others down with it. */
export const PARTS = ["workers", "fluvio", "dataflows", "connectors"] as const;
/** Carbon and graphite-web are there where they are installed. */
export type Part = (typeof PARTS)[number] | "graphite";

export interface StackSettings {
  readonly dataDir: string;
  readonly ports: { readonly ingest: number; readonly fluvio: number };
  /** Whether the stack runs a Graphite of its own. */
  readonly graphite: boolean;
  /** Added to the environment of the stack's processes. */
  readonly env: Readonly<Record<string, string>>;
}

interface StackUrls {
  readonly ingest: string;
  readonly fluvio: string;
  /** Of graphite-web, where there is one; another one after each start. */
  readonly graphite?: string | undefined;
}

export type ToStack = { readonly type: "pids" } | { readonly type: "stop" };
export type FromStack =
  | { readonly type: "ready"; readonly urls: StackUrls }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "pids"; readonly pids: Partial<Record<Part, number>> }
  | { readonly type: "restarting"; readonly part: string; readonly reason: string };

const READY_MS_MAX = 90_000;
const STOP_MS_MAX = 20_000;
const PIDS_MS_MAX = 5000;
/** Orphans of a killed supervisor have to give their ports back; a start waits that long by itself. */
const START_TRIES_MAX = 4;

export class StackProcess {
  #settings: StackSettings;
  #process: ChildProcess | undefined;
  urls: StackUrls = { ingest: "", fluvio: "" };
  /** How often the supervisor has started a part again. */
  restarts = 0;

  constructor(settings: StackSettings) {
    this.#settings = settings;
  }

  get hasGraphite(): boolean {
    return this.#settings.graphite;
  }

  /** Starts it, or starts it again. @throws when it does not become ready */
  async start(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.urls = await this.#startOnce();
        return;
      } catch (error) {
        if (attempt === START_TRIES_MAX) throw error;
        await sleep(2000);
      }
    }
  }

  async #startOnce(): Promise<StackUrls> {
    const child = fork(
      join(import.meta.dirname, "stack-main.ts"),
      [JSON.stringify(this.#settings)],
      {
        stdio: ["ignore", "ignore", "inherit", "ipc"],
        execArgv: ["--disable-warning=ExperimentalWarning"],
      },
    );
    this.#process = child;
    const ready = Promise.withResolvers<StackUrls>();
    child.on("message", (message: FromStack) => {
      if (message.type === "ready") ready.resolve(message.urls);
      if (message.type === "failed") ready.reject(new Error(message.message));
      if (message.type === "restarting") this.restarts += 1;
    });
    child.on("error", (error) => ready.reject(error));
    child.once("exit", () => ready.reject(new Error("the stack ended while it was starting")));
    const late = setTimeout(
      () => ready.reject(new Error(`the stack is not ready after ${READY_MS_MAX / 1000} s`)),
      READY_MS_MAX,
    );
    try {
      const urls = await ready.promise;
      const port = (address: string): number => Number(address.slice(address.lastIndexOf(":") + 1));
      const ports = { ingest: port(urls.ingest), fluvio: port(urls.fluvio) };
      this.#settings = { ...this.#settings, ports };
      return urls;
    } finally {
      clearTimeout(late);
    }
  }

  /** The process id of a part, while it runs. */
  async pidOf(part: Part): Promise<number | undefined> {
    const child = this.#process;
    if (child?.connected !== true) return undefined;
    const answer = Promise.withResolvers<number | undefined>();
    const listen = (message: FromStack): void => {
      if (message.type === "pids") answer.resolve(message.pids[part]);
    };
    child.on("message", listen);
    const late = setTimeout(() => answer.resolve(undefined), PIDS_MS_MAX);
    child.send({ type: "pids" } satisfies ToStack, () => undefined);
    const pid = await answer.promise;
    clearTimeout(late);
    child.off("message", listen);
    return pid;
  }

  /** Sends a signal to a part and all it has started. @returns false when it does not run */
  async signal(part: Part, signal: NodeJS.Signals): Promise<boolean> {
    const pid = await this.pidOf(part);
    if (pid === undefined) return false;
    try {
      process.kill(-pid, signal);
      return true;
    } catch {
      return false;
    }
  }

  /** Kills the supervisor, whose parts end by themselves, and starts the stack again. */
  async killSupervisor(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
    await this.start();
  }

  /** Stops everything in order. */
  async stop(): Promise<void> {
    const child = this.#process;
    if (child?.connected !== true) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    // It may have ended in between: then there is nobody to tell.
    child.send({ type: "stop" } satisfies ToStack, () => undefined);
    await Promise.race([ended, sleep(STOP_MS_MAX)]);
    child.kill("SIGKILL");
  }
}
