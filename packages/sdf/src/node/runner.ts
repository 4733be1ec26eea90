/**
 * Runs one dataflow between topics. Records go through one engine; outputs are kept until the
 * server has acknowledged them; about every second state and input offsets are written together,
 * after every output from before that moment is acknowledged. So a crash at any point continues
 * from a checkpoint whose outputs are all in the topics: input counts once in the state, and
 * outputs from after the checkpoint come again, equal to their twins.
 */
import type { ConsumedBatch, Consumer, Fluvio } from "@arenaflow/fluvio/client";
import type { DataflowEngine, Plan, Query } from "../engine/index.ts";
import type { Checkpoint, CheckpointStore, Offsets } from "./checkpoint.ts";
import { ensureTopics } from "./ensure-topics.ts";
import type { Log, LogLine } from "./log.ts";
import { Outputs } from "./outputs.ts";
import { type Group, inGroup } from "./partition-group.ts";
import { ProcessingClock } from "./processing-clock.ts";
import { RejectionLog } from "./rejection-log.ts";
import { RunnerError } from "./runner-error.ts";
import type {
  DataflowStats,
  GroupAnswer,
  RunDataflowOptions,
  RunningDataflow,
} from "./running-dataflow.ts";
import { type PartitionRange, startOffsets } from "./start-offsets.ts";

const CHECKPOINT_INTERVAL_MS = 1_000;
const TICK_MS = 100;
/** Outputs waiting for the server before reading stops. */
const PENDING_OUTPUTS_MAX = 20_000;
/** How long `close` waits for the server to acknowledge the last outputs. */
const CLOSE_WAIT_MS = 5_000;

export interface RunnerParts {
  readonly options: RunDataflowOptions;
  /** The partitions that this runner reads. */
  readonly group: Group;
  /** Where the store is. */
  readonly checkpointDir: string;
  readonly plan: Plan;
  readonly engine: DataflowEngine;
  readonly store: CheckpointStore;
  readonly fluvio: Fluvio;
}

export class Runner implements RunningDataflow {
  readonly plan: Plan;
  readonly finished: Promise<void>;
  readonly #parts: RunnerParts;
  readonly #log: Log;
  readonly #now: () => number;
  readonly #end = Promise.withResolvers<void>();
  readonly #rejections: RejectionLog;
  readonly #clock: ProcessingClock;
  #outputs: Outputs | undefined;
  readonly #consumers: Consumer[] = [];
  readonly #reading: Promise<void>[] = [];
  /** The next offset to read, per source and partition. */
  readonly #positions: Map<number, number>[] = [];
  #timers: NodeJS.Timeout[] = [];
  #dirty = true;
  #checkpointing: Promise<void> | undefined;
  #looking = false;
  #seen: { atMs: number; ends: PartitionRange[][] } | undefined;
  #room: (() => void)[] = [];
  #closing: Promise<void> | undefined;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.plan = parts.plan;
    this.#log = parts.options.log;
    this.#now = parts.options.now ?? Date.now;
    this.#clock = new ProcessingClock(this.#now());
    this.#rejections = new RejectionLog(parts.plan.name, this.#log);
    this.finished = this.#end.promise;
    // Whoever does not look at `finished` must not crash by it; failures are logged as well.
    this.finished.catch(() => {});
  }

  async open(latest: Checkpoint | undefined): Promise<void> {
    const { fluvio, options, plan } = this.#parts;
    const topics = [...plan.sources, ...plan.sinks].map(({ topic }) => topic);
    await ensureTopics(fluvio, topics);
    this.#outputs = await Outputs.open({
      fluvio,
      plan,
      log: this.#log,
      onProgress: () => this.#wakeReaders(),
    });
    for (const source of plan.sources) {
      const ranges = this.#ours(await fluvio.offsets(source.topic));
      const saved = latest?.offsets[source.topic];
      const { checkpointDir } = this.#parts;
      this.#positions.push(startOffsets({ source, ranges, saved, checkpointDir, log: this.#log }));
    }
    for (const [index, positions] of this.#positions.entries()) {
      this.#parts.engine.declarePartitions(index, positions.keys(), this.#clock.nowMs);
    }
    await this.#openConsumers();
    for (const [index, consumer] of this.#consumers.entries()) {
      this.#reading.push(this.#read(index, consumer));
    }
    const tickMs = options.tickMs ?? TICK_MS;
    const checkpointMs = options.checkpointIntervalMs ?? CHECKPOINT_INTERVAL_MS;
    this.#timers = [
      setInterval(() => void this.#lookAhead(), tickMs),
      setInterval(() => void this.#checkpoint(), checkpointMs),
    ];
    const from = latest === undefined ? "from its start" : "on from its checkpoint";
    this.#say("info", `Running ${plan.name} ${plan.version} ${from}.`);
  }

  async #openConsumers(): Promise<void> {
    const { fluvio, group, plan } = this.#parts;
    for (const [index, { topic }] of plan.sources.entries()) {
      const positions = this.#positions[index] ?? new Map<number, number>();
      this.#consumers.push(
        await fluvio.consumer(topic, {
          ...(group.count === 1 ? {} : { partitions: [...positions.keys()] }),
          start: { absolute: Object.fromEntries(positions) },
          giveUpAfterMs: Number.POSITIVE_INFINITY,
        }),
      );
    }
  }

  /** The ranges of those partitions that this runner reads. */
  #ours(ranges: readonly PartitionRange[]): PartitionRange[] {
    return ranges.filter(({ partition }) => inGroup(partition, this.#parts.group));
  }

  async #read(source: number, consumer: Consumer): Promise<void> {
    try {
      for await (const batch of consumer) {
        while (this.#pending > PENDING_OUTPUTS_MAX && this.#closing === undefined) {
          await new Promise<void>((resolve) => this.#room.push(resolve));
        }
        if (this.#closing !== undefined) return;
        this.#process(source, batch);
      }
      if (this.#closing !== undefined) return;
      const topic = this.plan.sources[source]?.topic;
      throw new RunnerError(
        "source_lost",
        `Reading ${topic} ended by itself. Does the topic still exist? Start the dataflow again; it goes on from its checkpoint.`,
      );
    } catch (cause) {
      this.#fail(cause);
    }
  }

  #process(source: number, batch: ConsumedBatch): void {
    const { partition } = batch;
    const positions = this.#positions[source] as Map<number, number>;
    const next = positions.get(partition) ?? 0;
    // A reconnect may bring records again that are already counted.
    const records = batch.records.filter((record) => record.offset >= next);
    const last = records.at(-1);
    if (last === undefined) return;
    this.#parts.engine.process({ source, partition, records }, this.#clock.nowMs);
    positions.set(partition, last.offset + 1);
    this.#dirty = true;
    this.#collect();
    this.#tickWhenCaughtUp();
  }

  #collect(): void {
    const { engine } = this.#parts;
    for (const record of engine.drain()) {
      this.#outputs?.push(record);
      this.#dirty = true;
    }
    const rejections = engine.takeRejections();
    this.#outputs?.keep(rejections);
    this.#rejections.add(rejections, this.#now());
  }

  /** Asks where the topics end, so that silence in a topic is told from records not read yet. */
  async #lookAhead(): Promise<void> {
    if (this.#looking || this.#closing !== undefined) return;
    this.#looking = true;
    try {
      const atMs = this.#now();
      const { fluvio, plan } = this.#parts;
      const ends = await Promise.all(
        plan.sources.map(async ({ topic }) => this.#ours(await fluvio.offsets(topic))),
      );
      this.#seen = { atMs, ends };
      this.#tickWhenCaughtUp();
    } catch {
      // The server is away. Time stands still until it is back: windows stay open for what comes.
    } finally {
      this.#looking = false;
    }
  }

  #tickWhenCaughtUp(): void {
    const seen = this.#seen;
    if (seen === undefined || this.#closing !== undefined) return;
    const caughtUp = seen.ends.every((ranges, source) =>
      ranges.every(({ partition, end }) => {
        const next = this.#positions[source]?.get(partition);
        return next === undefined || next >= end;
      }),
    );
    if (!caughtUp) return;
    this.#seen = undefined;
    this.#clock.caughtUp(seen.atMs);
    try {
      this.#parts.engine.tick(this.#clock.nowMs);
      this.#collect();
    } catch (cause) {
      this.#fail(cause);
    }
  }

  /** Writes a checkpoint when anything happened since the last one. */
  #checkpoint(): Promise<void> {
    this.#checkpointing ??= this.#writeCheckpoint().finally(() => {
      this.#checkpointing = undefined;
    });
    return this.#checkpointing;
  }

  async #writeCheckpoint(): Promise<void> {
    if (!this.#dirty) return;
    this.#dirty = false;
    try {
      // State, offsets and the outputs' marks are taken in one breath: nothing runs in between.
      const state = this.#parts.engine.snapshot();
      const offsets = this.#offsets();
      if ((await this.#outputs?.settled()) === false) return;
      await this.#parts.store.write({ state, offsets });
    } catch (cause) {
      this.#dirty = true;
      const { checkpointDir } = this.#parts;
      this.#say(
        "error",
        `No checkpoint could be written to ${checkpointDir} (${String(cause)}); the one before stays valid, trying again.`,
      );
    }
  }

  #offsets(): Offsets {
    return Object.fromEntries(
      this.plan.sources.map(({ topic }, source) => [
        topic,
        Object.fromEntries(this.#positions[source] ?? []),
      ]),
    );
  }

  #say(level: LogLine["level"], message: string): void {
    this.#log({ level, message, fields: { dataflow: this.plan.name } });
  }

  get #pending(): number {
    return this.#outputs?.pending ?? 0;
  }

  #wakeReaders(): void {
    const waiting = this.#room;
    this.#room = [];
    for (const resolve of waiting) resolve();
  }

  stats(): DataflowStats {
    return {
      name: this.plan.name,
      offsets: this.#offsets(),
      written: this.#outputs?.written() ?? {},
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
    for (const timer of this.#timers) clearInterval(timer);
    // Let `#closing` be assigned before readers are woken to look at it.
    await Promise.resolve();
    this.#wakeReaders();
    await Promise.allSettled(this.#consumers.map(async (consumer) => consumer.close()));
    if (options.checkpoint) {
      await Promise.allSettled(this.#reading);
      await this.#lastCheckpoint();
    }
    await this.#outputs?.close();
    await this.#parts.fluvio.close();
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
      this.#outputs?.stop();
    }, CLOSE_WAIT_MS);
    await this.#checkpointing;
    await this.#checkpoint();
    clearTimeout(timer);
  }
}
