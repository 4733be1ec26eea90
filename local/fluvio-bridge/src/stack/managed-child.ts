/**
 * The supervisor's side of one child process: starts it, knows when it is ready, starts it again
 * when it ends without being told to, and stops it within a deadline.
 *
 * Each child leads a process group of its own. So what it started itself (workerd) can be ended
 * with it, even when the child can no longer do that; and a Ctrl-C reaches the supervisor alone.
 */
import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { exponentialBackoff } from "../connectors/backoff.ts";
import { parseLogLine, type Log } from "../log.ts";
import type {
  ChildName,
  ChildSettings,
  ChildStats,
  FromChild,
  ReadyReport,
  ToChild,
} from "./child-protocol.ts";
import { StackError } from "./stack-error.ts";

const RESTART_MIN_MS = 250;
const RESTART_MAX_MS = 5_000;
/** A child that has run this long has recovered: its next restart is quick again. */
const RECOVERED_MS = 30_000;
/** No sign of life for this long: it hangs. Many times the pause of a busy child. */
const SILENCE_MS_MAX = 30_000;
const SILENCE_CHECK_MS = 5_000;
const READY_MS_MAX = 60_000;
/** Lines kept to explain an end during start. */
const TAIL_LINES = 8;

export interface ManagedChildOptions<Name extends ChildName> {
  readonly name: Name;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  /** Asked for at every start: ports found at the first are kept at the next. */
  readonly settings: () => ChildSettings[Name];
  readonly onRestart: (event: { name: Name; reason: string; inMs: number }) => void;
  /** The module to run; tests give their own. */
  readonly module?: string;
}

export class ManagedChild<Name extends ChildName> {
  readonly #options: ManagedChildOptions<Name>;
  readonly #backoff = exponentialBackoff(RESTART_MIN_MS, RESTART_MAX_MS);
  readonly #tail: string[] = [];
  #process: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #restart: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #stopping = false;
  #stats: ChildStats = {};
  #aliveAtMs = 0;
  #firstReady = Promise.withResolvers<ReadyReport>();
  #isReady = false;
  #everReady = false;

  constructor(options: ManagedChildOptions<Name>) {
    this.#options = options;
    this.#firstReady.promise.catch(() => undefined);
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get stats(): ChildStats {
    return this.#stats;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Starts the process. @throws {StackError} when it does not become ready */
  async start(): Promise<ReadyReport> {
    const { name } = this.#options;
    this.#spawn();
    this.#watch = setInterval(() => this.#checkAlive(), SILENCE_CHECK_MS);
    this.#watch.unref();
    const late = setTimeout(() => {
      this.#firstReady.reject(this.#startError(`is not ready after ${READY_MS_MAX / 1000} s`));
    }, READY_MS_MAX);
    try {
      return await this.#firstReady.promise;
    } catch (error) {
      this.#stopping = true;
      this.#killGroup();
      throw error instanceof StackError
        ? error
        : new Error(`${name} did not start`, { cause: error });
    } finally {
      clearTimeout(late);
    }
  }

  /** Asks it to end; kills it, and all it started, when it has not within `deadlineMs`. */
  async stop(deadlineMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    clearInterval(this.#watch);
    this.#firstReady.reject(this.#startError("was stopped before it was ready"));
    const child = this.#process;
    if (child === undefined) return;
    this.#tell(child, { type: "stop" });
    const deadline = setTimeout(() => {
      const message = `did not end within ${deadlineMs} ms and was killed`;
      this.#options.log({ level: "warn", scope: this.#options.name, message });
      this.#killGroup();
    }, deadlineMs);
    await this.#exited;
    clearTimeout(deadline);
  }

  /** Ends it and all it started, at once. */
  kill(): void {
    this.#stopping = true;
    this.#killGroup();
  }

  #spawn(): void {
    const { name, env, settings, module } = this.#options;
    const child = fork(module ?? join(import.meta.dirname, "children", `${name}.ts`), [], {
      detached: true,
      env,
      execArgv: ["--disable-warning=ExperimentalWarning"],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#process = child;
    this.#isReady = false;
    this.#aliveAtMs = performance.now();
    const exited = Promise.withResolvers<void>();
    this.#exited = exited.promise;
    if (child.stdout !== null) this.#readLog(child.stdout, "info");
    if (child.stderr !== null) this.#readLog(child.stderr, "warn");
    child.on("message", (message: FromChild) => this.#receive(message));
    child.on("error", (error) => this.#firstReady.reject(this.#startError(error.message)));
    const startedMs = performance.now();
    child.once("exit", (code, signal) => {
      this.#killGroup();
      this.#process = undefined;
      this.#isReady = false;
      exited.resolve();
      this.#ended(signal ?? `exit code ${code ?? 0}`, performance.now() - startedMs);
    });
    this.#tell(child, { type: "start", settings: settings() });
  }

  #receive(message: FromChild): void {
    this.#aliveAtMs = performance.now();
    switch (message.type) {
      case "ready":
        this.#isReady = true;
        this.#everReady = true;
        this.#firstReady.resolve(message.report);
        break;
      case "refused":
        if (!this.#everReady) this.#firstReady.reject(this.#startError(message.message));
        else {
          this.#options.log({ level: "warn", scope: this.#options.name, message: message.message });
        }
        break;
      case "stats":
        this.#stats = message.stats;
        break;
    }
  }

  #ended(reason: string, ranMs: number): void {
    if (this.#stopping) return;
    if (!this.#everReady) {
      const said = this.#tail.join("\n");
      this.#firstReady.reject(this.#startError(`ended at once (${reason})${said && `:\n${said}`}`));
      return;
    }
    if (ranMs >= RECOVERED_MS) this.#backoff.reset();
    const inMs = Math.round(this.#backoff.next());
    this.#options.onRestart({ name: this.#options.name, reason, inMs });
    this.#restart = setTimeout(() => this.#spawn(), inMs);
  }

  /** A child that hangs is killed; its end then starts it again. */
  #checkAlive(): void {
    const silentMs = performance.now() - this.#aliveAtMs;
    if (this.#process === undefined || silentMs < SILENCE_MS_MAX) return;
    const message = `no sign of life for ${Math.round(silentMs / 1000)} s: killing it`;
    this.#options.log({ level: "warn", scope: this.#options.name, message });
    this.#killGroup();
  }

  #killGroup(): void {
    const child = this.#process;
    if (child?.pid === undefined) return;
    try {
      // Windows has no process groups.
      if (process.platform === "win32") child.kill("SIGKILL");
      else process.kill(-child.pid, "SIGKILL");
    } catch {
      // Nothing of the group is left.
    }
  }

  #tell(child: ChildProcess, message: ToChild<Name>): void {
    if (child.connected) child.send(message, () => undefined);
  }

  #readLog(stream: Readable, level: "info" | "warn"): void {
    const { name, log } = this.#options;
    createInterface({ input: stream, crlfDelay: Infinity }).on("line", (text) => {
      if (text.trim() === "") return;
      const line = parseLogLine(text, { level, scope: name });
      if (this.#tail.push(text) > TAIL_LINES) this.#tail.shift();
      log(line);
    });
  }

  #startError(why: string): StackError {
    const { name } = this.#options;
    return new StackError([{ what: `${name}: ${why}`, next: `See .arenaflow/logs/${name}.log.` }]);
  }
}
