/**
 * Runs some of a dataflow's groups of partitions in this process, and stands by for those of other
 * processes: the group of a process that has died or was stopped goes on here, from its last
 * checkpoint, and is given back when its process asks for it. All processes share the folder of
 * checkpoints; leases in it (lease.ts) keep two from running one group.
 */
import { rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Plan, Query } from "../engine/index.ts";
import { leaseState } from "./lease.ts";
import type { LoadedDataflow } from "./load-dataflow.ts";
import { mergeStats } from "./merge-stats.ts";
import { groupCheckpointDir } from "./partition-group.ts";
import { RunnerError } from "./runner-error.ts";
import type {
  DataflowStats,
  GroupAnswer,
  RunDataflowOptions,
  RunningDataflow,
} from "./running-dataflow.ts";
import { GroupThread } from "./threads.ts";

const LOOK_MS = 250;
/** A group that was given back, or never run, is left to its own process for so long. */
const PATIENCE_MS = 3_000;
/** A wish that was not renewed for so long is over. */
const WISH_VOID_MS = 3_000;

export interface SharedGroups {
  /** How many groups there are, in all processes. */
  readonly count: number;
  /** Those of this process. */
  readonly own: readonly number[];
}

/** Starts the own groups that are free, and looks for the others from then on. */
export async function runSharedGroups(
  options: RunDataflowOptions,
  loaded: LoadedDataflow,
  groups: SharedGroups,
): Promise<RunningDataflow> {
  const shared = new SharedDataflow(options, loaded, groups);
  await shared.start();
  return shared;
}

class SharedDataflow implements RunningDataflow {
  readonly plan: Plan;
  readonly finished: Promise<void>;
  readonly #options: RunDataflowOptions;
  readonly #loaded: LoadedDataflow;
  readonly #groups: SharedGroups;
  readonly #threads = new Map<number, GroupThread>();
  /** Since when a group has been free, by the clock of this process. */
  readonly #freeSince = new Map<number, number>();
  readonly #end = Promise.withResolvers<void>();
  #looking: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: RunDataflowOptions, loaded: LoadedDataflow, groups: SharedGroups) {
    this.plan = loaded.plan;
    this.#options = options;
    this.#loaded = loaded;
    this.#groups = groups;
    this.finished = this.#end.promise;
    this.finished.catch(() => {});
  }

  async start(): Promise<void> {
    try {
      await this.#look();
    } catch (cause) {
      await this.close();
      throw cause;
    }
    this.#looking = this.#keepLooking();
  }

  async #keepLooking(): Promise<void> {
    while (this.#closing === undefined) {
      await sleep(LOOK_MS);
      try {
        await this.#look();
      } catch (cause) {
        this.#fail(cause);
      }
    }
  }

  async #look(): Promise<void> {
    for (let group = 0; group < this.#groups.count; group += 1) {
      if (this.#closing !== undefined) return;
      const isOwn = this.#groups.own.includes(group);
      if (this.#threads.has(group)) {
        if (!isOwn && (await this.#isWished(group))) await this.#giveBack(group);
        continue;
      }
      if (await this.#mayTake(group, isOwn)) await this.#run(group);
      else if (isOwn) await writeFile(this.#wishFile(group), "");
    }
  }

  async #mayTake(group: number, isOwn: boolean): Promise<boolean> {
    const state = await leaseState(this.#dirOf(group));
    if (state !== "free") this.#freeSince.delete(group);
    if (isOwn || state !== "free") return state !== "held";
    const since = this.#freeSince.get(group) ?? performance.now();
    this.#freeSince.set(group, since);
    return performance.now() - since >= PATIENCE_MS && !(await this.#isWished(group));
  }

  async #run(group: number): Promise<void> {
    if (this.#closing !== undefined) return;
    const { log, now: _now, groups: _groups, ...options } = this.#options;
    const { module, plan } = this.#loaded;
    const { count } = this.#groups;
    const thread = new GroupThread({ options, module, plan, group: { index: group, count } }, log);
    this.#threads.set(group, thread);
    try {
      await thread.running;
    } catch (cause) {
      this.#threads.delete(group);
      // Another process was faster.
      if (isAbout(cause, "checkpoint_in_use")) return;
      throw cause;
    }
    this.#freeSince.delete(group);
    await rm(this.#wishFile(group), { force: true });
    this.#say(`Group ${group} of ${count} runs here.`);
    thread.finished.then(
      () => this.#threads.delete(group),
      (cause: unknown) => {
        this.#threads.delete(group);
        if (!isAbout(cause, "lease_lost")) this.#fail(cause);
      },
    );
  }

  async #giveBack(group: number): Promise<void> {
    await this.#threads.get(group)?.close();
    this.#threads.delete(group);
    this.#say(`Group ${group} of ${this.#groups.count} was given back.`);
  }

  async #isWished(group: number): Promise<boolean> {
    return stat(this.#wishFile(group)).then(
      ({ mtimeMs }) => Date.now() - mtimeMs < WISH_VOID_MS,
      () => false,
    );
  }

  #dirOf(group: number): string {
    const { count } = this.#groups;
    return groupCheckpointDir(this.#options.checkpointDir, { index: group, count });
  }

  #wishFile(group: number): string {
    return join(this.#options.checkpointDir, `wish-${group}-of-${this.#groups.count}`);
  }

  #say(message: string): void {
    this.#options.log({ level: "info", message, fields: { dataflow: this.plan.name } });
  }

  stats(): DataflowStats {
    const all = [...this.#threads.values()].flatMap(({ stats }) => stats ?? []);
    return mergeStats(this.plan.name, all);
  }

  async query(query: Query): Promise<readonly GroupAnswer[]> {
    const threads = [...this.#threads.values()];
    return (await Promise.all(threads.map(async (thread) => thread.query(query)))).flat();
  }

  #fail(cause: unknown): void {
    if (this.#closing !== undefined) return;
    this.#end.reject(cause instanceof Error ? cause : new Error(String(cause)));
    void this.close();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // Let `#closing` be assigned before anything looks at it.
    await Promise.resolve();
    await Promise.allSettled([...this.#threads.values()].map(async (thread) => thread.close()));
    await this.#looking;
    this.#end.resolve();
  }
}

function isAbout(cause: unknown, code: RunnerError["code"]): boolean {
  return cause instanceof RunnerError && cause.code === code;
}
