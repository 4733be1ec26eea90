/**
 * The child's side: takes its settings, starts its part, reports, and ends when told to or when
 * the supervisor is gone, however that ended.
 */
import { formatLogLine, describeError, type Log } from "../log.ts";
import {
  STATS_EVERY_MS,
  type ChildName,
  type ChildSettings,
  type ChildStats,
  type FromChild,
  type ReadyReport,
  type ToChild,
} from "./child-protocol.ts";

/** A part of the stack, started. */
interface Part {
  readonly report: ReadyReport;
  stats(): ChildStats;
  /** Rejects when the part cannot go on: the process ends then, and is started again. */
  readonly finished?: Promise<void>;
  close(): Promise<void>;
}

export type StartPart<Name extends ChildName> = (
  settings: ChildSettings[Name],
  log: Log,
) => Promise<Part>;

/** The supervisor kills a child that takes longer; without one the child has to do it itself. */
const CLOSE_MS_MAX = 2_000;

/** Runs a part in this process. To be called once, from the child's own module. */
export function runChild<Name extends ChildName>(start: StartPart<Name>): void {
  // A terminal's Ctrl-C goes to the whole group; the order of stopping is the supervisor's to give.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => undefined);
  // The supervisor may be gone while a line is being written.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);

  const child = new Child(start);
  process.on("message", (message: ToChild<Name>) => void child.receive(message));
  process.on("disconnect", () => void child.stop());
  process.on("uncaughtException", (error) => child.fail(error));
  process.on("unhandledRejection", (error) => child.fail(error));
}

class Child<Name extends ChildName> {
  readonly #start: StartPart<Name>;
  #part: Part | undefined;
  #stopping = false;

  constructor(start: StartPart<Name>) {
    this.#start = start;
  }

  async receive(message: ToChild<Name>): Promise<void> {
    switch (message.type) {
      case "start":
        return await this.#begin(message.settings);
      case "stop":
        return await this.stop();
    }
  }

  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    setTimeout(() => process.exit(1), CLOSE_MS_MAX).unref();
    try {
      await this.#part?.close();
      process.exit(0);
    } catch (error) {
      log({ level: "warn", scope: "stop", message: describeError(error) });
      process.exit(1);
    }
  }

  /** Something nobody expected: the process is no longer to be trusted, a new one is. */
  fail(error: unknown): void {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log({ level: "error", scope: "crash", message: stack });
    process.exit(1);
  }

  async #begin(settings: ChildSettings[Name]): Promise<void> {
    try {
      const part = await this.#start(settings, log);
      this.#part = part;
      part.finished?.catch((error: unknown) => this.fail(error));
      if (this.#stopping) return;
      tell({ type: "ready", report: part.report });
      setInterval(() => tell({ type: "stats", stats: part.stats() }), STATS_EVERY_MS);
    } catch (error) {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      log({ level: "debug", scope: "start", message });
      tell({ type: "refused", message: describeError(error) });
      setTimeout(() => process.exit(1), 100);
    }
  }
}

function tell(message: FromChild): void {
  if (process.connected) process.send?.(message);
}

function log(line: Parameters<Log>[0]): void {
  process.stdout.write(`${formatLogLine(line)}\n`);
}
