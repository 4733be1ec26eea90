/**
 * Runs one group of a dataflow's partitions between topics. Records go through one engine, turn by
 * turn; outputs are kept until the server has acknowledged them; about every second state, offsets
 * and output positions are written together, after every output from before that moment is
 * acknowledged. After a crash the turns behind the last checkpoint are done again, and outputs that
 * the topics have already are left out: a crash is a pause.
 */
import { setImmediate as turnOfTheLoop, setTimeout as sleep } from "node:timers/promises";
import type { PartitionRange } from "@arenaflow/fluvio/client";
import type { Plan, Query } from "../engine/index.ts";
import { channelsOf, isIntermediate, type Origin } from "./channels.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { ensureTopics } from "./ensure-topics.ts";
import { GroupProgress } from "./group-progress.ts";
import type { Log, LogLine } from "./log.ts";
import { LookOut, type SeenSource } from "./look-out.ts";
import { inGroup } from "./partition-group.ts";
import { RejectionLog } from "./rejection-log.ts";
import { RunnerError } from "./runner-error.ts";
import { Scheduler } from "./scheduler.ts";
import { type Opened, openParts, type RunnerParts } from "./runner-parts.ts";
import type { DataflowStats, GroupAnswer, RunningDataflow } from "./running-dataflow.ts";
import { startOffsets } from "./start-offsets.ts";
import { readTurns, type Turn } from "./turn-log.ts";
import { WakeUp } from "./wake-up.ts";

const CHECKPOINT_INTERVAL_MS = 1_000;
const TICK_MS = 100;
/** Outputs waiting for the server before processing stops. */
const PENDING_OUTPUTS_MAX = 20_000;
/** How long `close` waits for the server to acknowledge the last outputs. */
const CLOSE_WAIT_MS = 5_000;
/** Processing without a break before timers and sockets have their turn. */
const BREATH_MS = 8;
/** Between complaints that the server is away. */
const AWAY_PAUSE_MS = 250;

export class Runner implements RunningDataflow {
  readonly plan: Plan;
  readonly finished: Promise<void>;
  readonly #parts: RunnerParts;
  readonly #log: Log;
  readonly #now: () => number;
  readonly #end = Promise.withResolvers<void>();
  readonly #rejections: RejectionLog;
  readonly #changed = new WakeUp();
  #opened: Opened | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** All partitions of each source, of other groups too. */
  readonly #partitions: number[][] = [];
  #closing: Promise<void> | undefined;
  #progress: GroupProgress | undefined;
  #scheduler: Scheduler | undefined;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.plan = parts.plan;
    this.#log = parts.options.log;
    this.#now = parts.options.now ?? Date.now;
    this.#rejections = new RejectionLog(parts.plan.name, this.#log);
    this.finished = this.#end.promise;
    // Whoever does not look at `finished` must not crash by it; failures are logged as well.
    this.finished.catch(() => {});
  }

  /** Goes on from the checkpoint. @throws what keeps it from running; it is closed then */
  async open(latest: Checkpoint | undefined): Promise<void> {
    try {
      await this.#open(latest);
    } catch (cause) {
      this.#closing ??= this.#shutDown({ checkpoint: false });
      await this.#closing;
      throw cause;
    }
  }

  async #open(latest: Checkpoint | undefined): Promise<void> {
    const { checkpointDir, fluvio, options, plan } = this.#parts;
    await ensureTopics(
      fluvio,
      [...plan.sources, ...plan.sinks].map(({ topic }) => topic),
    );
    const again = latest === undefined ? [] : await turnsBehind(checkpointDir, latest, plan);
    const opened = await openParts(this.#parts, latest, {
      isReplay: again.length > 0,
      rejections: this.#rejections,
      now: this.#now,
      onChange: () => this.#changed.now(),
      onFailure: (cause) => this.#fail(cause),
    });
    this.#opened = opened;
    const { sources, work } = opened;
    const ranges = await this.#startReading(latest, opened);
    if (latest !== undefined && again.length > 0) {
      work.settle(latest.progress.clockMs);
      await work.repeat(again, () => {
        sources.wake();
        return this.#failed(this.#changed.next());
      });
    }
    opened.outputs.goOn();
    work.resume(opened.clock.nowMs, { isFresh: again.length === 0 });
    this.#declare(opened);
    // From here on the turns to do again, if need be, are those of this run.
    await this.#failed(opened.checkpointer.write());
    if (opened.checkpointer.isDirty) throw this.#notWritten();
    for (const [source, all] of ranges.entries()) this.#sawRanges(source, all, opened);
    void this.#process(opened);
    void this.#watch(opened);
    this.#startSchedules();
    const everyMs = options.checkpointIntervalMs ?? CHECKPOINT_INTERVAL_MS;
    this.#timer = setInterval(() => {
      void opened.checkpointer.write();
      this.#changed.now();
    }, everyMs);
    this.#say(
      "info",
      `Running ${plan.name} ${plan.version} ${describeStart(latest, again.length)}.`,
    );
  }

  /** Schedules have one partition, which the first group reads, and so writes. */
  #startSchedules(): void {
    const { fluvio, group, plan, store } = this.#parts;
    if (plan.schedules === undefined || group.index > 0) return;
    const mayWrite = async (): Promise<void> => store.check();
    const { name: dataflow } = plan;
    const options = { fluvio, dataflow, now: this.#now, mayWrite, log: this.#log };
    this.#scheduler = new Scheduler(options);
    this.#scheduler.start(plan.schedules);
  }

  /** @returns what the sources hold */
  async #startReading(
    latest: Checkpoint | undefined,
    { sources }: Opened,
  ): Promise<PartitionRange[][]> {
    const { checkpointDir, fluvio, plan } = this.#parts;
    const all: PartitionRange[][] = [];
    for (const [index, source] of plan.sources.entries()) {
      const ranges = await fluvio.offsets(source.topic);
      all.push(ranges);
      this.#partitions[index] = ranges.map(({ partition }) => partition);
      const saved = latest?.offsets[source.topic];
      const ours = this.#ours(ranges);
      const log = this.#log;
      const positions = startOffsets({ source, ranges: ours, saved, checkpointDir, log });
      await sources.read(index, positions);
    }
    return all;
  }

  /** The ranges of those partitions that this runner reads. */
  #ours(ranges: readonly PartitionRange[]): PartitionRange[] {
    return ranges.filter(({ partition }) => inGroup(partition, this.#parts.group));
  }

  /** Tells the engine of all partitions and channels whose records may come. */
  #declare({ clock, inbox, work }: Opened): void {
    const { group, plan } = this.#parts;
    const world = { plan, groups: group.count, partitions: this.#partitions };
    for (const source of plan.sources.keys()) {
      const partitions = [...inbox.positions(source).keys()];
      const channels = isIntermediate(plan, source) ? channelsOf(world, source) : [undefined];
      const origins = partitions.flatMap((partition) =>
        [...channels].map((channel): Origin => ({ source, partition, channel })),
      );
      work.declare(source, origins, clock.nowMs);
    }
  }

  /** Processes what is in the inbox, until the runner is closed. */
  async #process({ checkpointer, clock, inbox, outputs, sources, work }: Opened): Promise<void> {
    try {
      let sinceMs = performance.now();
      while (this.#closing === undefined) {
        const isFull = outputs.pending > PENDING_OUTPUTS_MAX;
        const portion = isFull ? undefined : inbox.takeNext();
        sources.wake();
        if (portion === undefined) {
          await this.#changed.next();
          sinceMs = performance.now();
          continue;
        }
        work.process(portion, clock.nowMs);
        checkpointer.isDirty = true;
        this.#changed.now();
        if (performance.now() - sinceMs < BREATH_MS) continue;
        await turnOfTheLoop();
        sinceMs = performance.now();
      }
    } catch (cause) {
      this.#fail(cause);
    }
  }

  /** Lets the engine's clock go on while nothing waits, until the runner is closed. */
  async #watch(opened: Opened): Promise<void> {
    const { checkpointer, clock, work } = opened;
    const { fluvio, options, plan } = this.#parts;
    const lookOut = new LookOut({
      fluvio,
      plan,
      now: this.#now,
      onRanges: async (source, ranges) => this.#noteRanges(source, ranges, opened),
      processed: (source, ranges) => this.#untilProcessed(source, ranges, opened),
      settled: (seen) => this.#settled(seen, opened),
    });
    while (this.#closing === undefined) {
      await sleep(options.tickMs ?? TICK_MS);
      const seenMs = await lookOut.caughtUp().catch(async () => {
        // The server is away. Time stands still until it is back: windows stay open for what comes.
        await sleep(AWAY_PAUSE_MS);
        return undefined;
      });
      if (seenMs === undefined || this.#closing !== undefined) continue;
      clock.caughtUp(seenMs);
      try {
        if (work.tick(clock.nowMs)) checkpointer.isDirty = true;
      } catch (cause) {
        this.#fail(cause);
      }
    }
  }

  /** Begins to read partitions that were added, and notes where all end. */
  async #noteRanges(
    source: number,
    ranges: readonly PartitionRange[],
    opened: Opened,
  ): Promise<void> {
    const known = this.#partitions[source]?.length ?? 0;
    if (ranges.length !== known && this.#closing === undefined) {
      this.#partitions[source] = ranges.map(({ partition }) => partition);
      const added = this.#ours(ranges).filter(
        ({ partition }) => opened.inbox.nextOf(source, partition) === undefined,
      );
      // From their beginning: everything in them is new.
      await opened.sources.read(
        source,
        new Map(added.map(({ partition, start }) => [partition, start])),
      );
      this.#declare(opened);
      opened.checkpointer.isDirty = true;
    }
    this.#sawRanges(source, ranges, opened);
  }

  #sawRanges(source: number, ranges: readonly PartitionRange[], { inbox }: Opened): void {
    for (const range of this.#ours(ranges)) inbox.saw(source, range);
    this.#changed.now();
  }

  /** What was made of these records is acknowledged, here and in the other groups. */
  async #settled(seen: readonly SeenSource[], opened: Opened): Promise<boolean> {
    const { group, options, plan } = this.#parts;
    const offsets = opened.checkpointer.offsets();
    if (!(await opened.outputs.settled())) return false;
    if (group.count === 1) return true;
    this.#progress ??= new GroupProgress(options.checkpointDir, group);
    await this.#progress.publish(offsets);
    for (const { source, ranges } of seen) {
      const topic = plan.sources[source]?.topic ?? "";
      const isOver = (): boolean => this.#closing !== undefined;
      if (!(await this.#progress.others(topic, ranges, isOver))) return false;
    }
    return true;
  }

  async #untilProcessed(
    source: number,
    ranges: readonly PartitionRange[],
    { inbox }: Opened,
  ): Promise<boolean> {
    const isBehind = ({ partition, end }: PartitionRange): boolean =>
      (inbox.nextOf(source, partition) ?? end) < end;
    while (this.#closing === undefined && ranges.some(isBehind)) await this.#changed.next();
    return this.#closing === undefined;
  }

  #say(level: LogLine["level"], message: string): void {
    this.#log({ level, message, fields: { dataflow: this.plan.name } });
  }

  get #pending(): number {
    return this.#opened?.outputs.pending ?? 0;
  }

  /** Waits for something, but not longer than the runner is sound. */
  async #failed<T>(awaited: Promise<T>): Promise<T> {
    const result = await Promise.race([awaited, this.finished.then(() => undefined)]);
    if (this.#closing !== undefined) throw new RunnerError("not_running", "It was closed.");
    return result as T;
  }

  #notWritten(): RunnerError {
    return new RunnerError(
      "checkpoint_refused",
      `No checkpoint can be written to ${this.#parts.checkpointDir}; the log says why. Make room there, or name another folder.`,
    );
  }

  stats(): DataflowStats {
    return {
      name: this.plan.name,
      offsets: this.#opened?.checkpointer.offsets() ?? {},
      written: this.#opened?.outputs.written() ?? {},
      pendingOutputs: this.#pending,
      dropped: this.#rejections.total,
      engine: this.#parts.engine.stats(),
    };
  }

  query(query: Query): Promise<readonly GroupAnswer[]> {
    return Promise.resolve().then(() => {
      if (this.#closing !== undefined) {
        throw new RunnerError("not_running", `${this.plan.name} does not run any more.`);
      }
      const { engine, group } = this.#parts;
      return [{ group: group.index, ...engine.query(query) }];
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown({ checkpoint: true });
    return this.#closing;
  }

  #fail(cause: unknown): void {
    if (this.#closing !== undefined) return;
    const error = cause instanceof Error ? cause : new Error(String(cause));
    this.#say("error", error.message);
    this.#end.reject(error);
    // The engine may be in any state: what is on disk is the truth.
    this.#closing = this.#shutDown({ checkpoint: false });
    this.#closing.catch(() => {});
  }

  async #shutDown(options: { readonly checkpoint: boolean }): Promise<void> {
    clearInterval(this.#timer);
    // Let `#closing` be assigned before the loops are woken to look at it.
    await Promise.resolve();
    const { outputs, sources, turns } = this.#opened ?? {};
    await this.#scheduler?.close();
    await sources?.close();
    this.#changed.now();
    if (options.checkpoint) await this.#lastCheckpoint();
    await outputs?.close();
    await this.#parts.fluvio.close();
    await turns?.close();
    await this.#parts.store.close();
    this.#end.resolve();
  }

  async #lastCheckpoint(): Promise<void> {
    // While the server is away outputs cannot settle; then the checkpoint before is the last one.
    const timer = setTimeout(() => {
      this.#say(
        "warn",
        `Closed with ${this.#pending} outputs that the server did not take; they come again after the next start.`,
      );
      this.#opened?.outputs.stop();
    }, CLOSE_WAIT_MS);
    await this.#opened?.checkpointer.last();
    clearTimeout(timer);
  }
}

/** What was done after a checkpoint. The dataflow's sources may have another order by now. */
async function turnsBehind(dir: string, { progress }: Checkpoint, plan: Plan): Promise<Turn[]> {
  const topics = Object.keys(progress.declared);
  const turns = await readTurns(dir, progress.turns);
  return turns.flatMap((turn) => {
    const source = plan.sources.findIndex(({ topic }) => topic === topics[turn.source]);
    if (turn.kind === "tick" || turn.kind === "resume") return [turn];
    return source < 0 ? [] : [{ ...turn, source }];
  });
}

function describeStart(latest: Checkpoint | undefined, again: number): string {
  if (latest === undefined) return "from its start";
  return again === 0
    ? "on from its checkpoint"
    : `on from its checkpoint, ${again} turns done again`;
}
