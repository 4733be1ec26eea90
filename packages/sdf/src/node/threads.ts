/**
 * Runs a dataflow in several threads, one for each group of its partitions. Groups share nothing:
 * each reads its partitions, keeps its state and writes its checkpoints. When one cannot go on,
 * the others are closed, with their last checkpoints, and the dataflow has failed.
 */
import { Worker } from "node:worker_threads";
import { EngineError, type EngineErrorCode, type Plan, type Query } from "../engine/index.ts";
import type { LoadedDataflow } from "./load-dataflow.ts";
import { mergeStats } from "./merge-stats.ts";
import { RunnerError, type RunnerErrorCode } from "./runner-error.ts";
import type {
  DataflowStats,
  GroupAnswer,
  RunDataflowOptions,
  RunningDataflow,
} from "./running-dataflow.ts";
import type { FromThread, ThreadError, ThreadSettings, ToThread } from "./thread-protocol.ts";

const THREAD = new URL("./group-thread.ts", import.meta.url);

/** @throws what starting one of the groups throws; those already started are closed then */
export async function runInThreads(
  options: RunDataflowOptions,
  { module, plan }: LoadedDataflow,
  count: number,
): Promise<RunningDataflow> {
  const { log, now: _now, ...plain } = options;
  const threads = Array.from({ length: count }, (_, index) => {
    const settings = { options: plain, module, plan, group: { index, count } };
    return new GroupThread(settings, log);
  });
  const dataflow = new ThreadedDataflow(plan, threads);
  try {
    await Promise.all(threads.map(async (thread) => thread.running));
  } catch (cause) {
    await dataflow.close();
    throw cause;
  }
  return dataflow;
}

class ThreadedDataflow implements RunningDataflow {
  readonly plan: Plan;
  readonly finished: Promise<void>;
  readonly #threads: readonly GroupThread[];

  constructor(plan: Plan, threads: readonly GroupThread[]) {
    this.plan = plan;
    this.#threads = threads;
    this.finished = this.#untilFinished();
    this.finished.catch(() => {});
  }

  async #untilFinished(): Promise<void> {
    try {
      await Promise.all(this.#threads.map(async (thread) => thread.finished));
    } catch (cause) {
      await this.close();
      throw cause;
    }
  }

  stats(): DataflowStats {
    const all = this.#threads.flatMap(({ stats }) => (stats === undefined ? [] : [stats]));
    return mergeStats(this.plan.name, all);
  }

  async query(query: Query): Promise<readonly GroupAnswer[]> {
    const answers = await Promise.all(this.#threads.map(async (thread) => thread.query(query)));
    return answers.flat();
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#threads.map(async (thread) => thread.close()));
  }
}

export class GroupThread {
  readonly running: Promise<void>;
  readonly finished: Promise<void>;
  stats: DataflowStats | undefined;
  readonly #worker: Worker;
  readonly #running = Promise.withResolvers<void>();
  readonly #finished = Promise.withResolvers<void>();
  readonly #log: RunDataflowOptions["log"];
  readonly #questions = new Map<number, PromiseWithResolvers<readonly GroupAnswer[]>>();
  #asked = 0;
  #ended = false;

  constructor(settings: ThreadSettings, log: RunDataflowOptions["log"]) {
    this.#log = log;
    this.running = this.#running.promise;
    this.finished = this.#finished.promise;
    this.running.catch(() => {});
    this.finished.catch(() => {});
    this.#worker = new Worker(THREAD, { workerData: settings });
    this.#worker.on("message", (message: FromThread) => this.#receive(message));
    this.#worker.on("error", (cause) => this.#fail(cause));
    this.#worker.on("exit", () => {
      this.#ended = true;
      const { count, index } = settings.group;
      const message = `Thread ${index + 1} of ${count} of ${settings.plan.name} has ended. Start the dataflow again; it goes on from its checkpoint.`;
      this.#fail(new RunnerError("not_running", message));
    });
  }

  query(query: Query): Promise<readonly GroupAnswer[]> {
    const question = Promise.withResolvers<readonly GroupAnswer[]>();
    if (this.#ended) {
      question.reject(new RunnerError("not_running", "The dataflow does not run any more."));
    } else {
      this.#asked += 1;
      this.#questions.set(this.#asked, question);
      this.#tell({ type: "query", id: this.#asked, query });
    }
    return question.promise;
  }

  /** Resolves when the thread is over, however that came. */
  async close(): Promise<void> {
    if (this.#ended) return;
    const exit = new Promise<void>((resolve) => this.#worker.once("exit", () => resolve()));
    // A thread that still starts closes once it runs.
    void this.running.then(
      () => this.#tell({ type: "close" }),
      () => {},
    );
    await exit;
  }

  #tell(message: ToThread): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    this.#worker.postMessage(message);
  }

  #receive(message: FromThread): void {
    switch (message.type) {
      case "running":
        this.#running.resolve();
        return;
      case "log":
        this.#log(message.line);
        return;
      case "stats":
        this.stats = message.stats;
        return;
      case "answer":
        this.#takeQuestion(message.id)?.resolve(message.answer);
        return;
      case "refused":
        this.#takeQuestion(message.id)?.reject(toError(message.error));
        return;
      case "failed":
        this.#fail(toError(message.error));
        return;
      case "finished":
        this.#finished.resolve();
    }
  }

  #takeQuestion(id: number): PromiseWithResolvers<readonly GroupAnswer[]> | undefined {
    const question = this.#questions.get(id);
    this.#questions.delete(id);
    return question;
  }

  /** Whatever was settled before stays so. */
  #fail(cause: unknown): void {
    this.#running.reject(cause);
    this.#finished.reject(cause);
    for (const question of this.#questions.values()) question.reject(cause);
    this.#questions.clear();
  }
}

function toError({ kind, code, message }: ThreadError): Error {
  switch (kind) {
    case "runner":
      return new RunnerError(code as RunnerErrorCode, message);
    case "engine":
      return new EngineError(code as EngineErrorCode, message);
    case "other":
      return new Error(message);
  }
}
