/**
 * Where a dataflow's outputs go: a writer for each topic and channel, and one for each source's
 * dropped records.
 */
import { type Fluvio, FluvioError, type PartitionRange } from "@arenaflow/fluvio/client";
import type { OutputRecord, Plan, Rejection } from "../engine/index.ts";
import {
  groupChannel,
  keepsOrigins,
  newLineage,
  type Origin,
  originChannel,
  producerIdOf,
  tagOf,
} from "./channels.ts";
import type { Log } from "./log.ts";
import { type OutputPositions, readWritten, type TopicPosition } from "./output-positions.ts";
import {
  describeRejection,
  isKeptInVain,
  RejectedTopicProducer,
  rejectedTopicOf,
} from "./rejected-topic.ts";
import { type OutputProducer, SinkWriter } from "./sink-writer.ts";
import { TopicWriter } from "./topic-writer.ts";

export interface OutputsOptions {
  readonly fluvio: Fluvio;
  readonly plan: Plan;
  /** Number of the group of partitions whose outputs these are. */
  readonly group: number;
  /** Of the checkpoint; `undefined` at a start from empty state. */
  readonly positions: OutputPositions | undefined;
  /** Whether turns will be done again: then the topics are asked which outputs they have. */
  readonly isReplay: boolean;
  /** Resolves when the turns that made the outputs so far are on disk. */
  readonly turnsSynced: () => Promise<void>;
  /** Rejects when another process runs the dataflow now. */
  readonly mayWrite: () => Promise<void>;
  readonly log: Log;
  /** Called when outputs were acknowledged. */
  readonly onProgress: () => void;
}

interface Topic {
  readonly name: string;
  readonly partitions: number;
  readonly position: TopicPosition;
  /** By partition and producer. */
  readonly written: ReadonlyMap<number, ReadonlyMap<number, number>>;
  /** By channel. */
  readonly writers: Map<number, TopicWriter>;
  total: number;
}

export class Outputs {
  readonly #options: OutputsOptions;
  readonly #tag: number;
  readonly #lineage: number;
  readonly #topics = new Map<string, Topic>();
  readonly #keepsOrigins: readonly boolean[];
  readonly #rejected = new Map<string, SinkWriter>();
  readonly #rejectedProducers: RejectedTopicProducer[] = [];
  #isReplaying: boolean;
  #stopped = false;

  private constructor(options: OutputsOptions) {
    this.#options = options;
    this.#tag = tagOf(options.plan);
    this.#lineage = options.positions?.lineage ?? newLineage();
    this.#isReplaying = options.isReplay;
    this.#keepsOrigins = options.plan.sinks.map((_, sink) => keepsOrigins(options.plan, sink));
  }

  /** Finds out how far the outputs have come; the topics have to be there. */
  static async open(options: OutputsOptions): Promise<Outputs> {
    const outputs = new Outputs(options);
    for (const name of new Set(options.plan.sinks.map(({ topic }) => topic))) {
      outputs.#topics.set(name, await outputs.#openTopic(name));
    }
    return outputs;
  }

  async #openTopic(name: string): Promise<Topic> {
    const { fluvio, isReplay, positions } = this.#options;
    const ranges = await fluvio.offsets(name);
    const position = positions?.topics[name] ?? startOf(ranges);
    const written = isReplay ? await readWritten(fluvio, name, position.from) : new Map();
    const partitions = ranges.length;
    return { name, partitions, position, written, writers: new Map(), total: 0 };
  }

  /** Outputs and dropped records that the server has not acknowledged yet. */
  get pending(): number {
    let pending = 0;
    for (const writer of this.#sinkWriters()) pending += writer.pending;
    return pending;
  }

  /** Outputs since the start, by topic. */
  written(): Record<string, number> {
    return Object.fromEntries([...this.#topics.values()].map(({ name, total }) => [name, total]));
  }

  /** How far the outputs have come: those made now, and what was acknowledged at least. */
  positions(): OutputPositions {
    const topics = [...this.#topics.values()].map((topic) => [topic.name, positionOf(topic)]);
    return {
      lineage: this.#lineage,
      topics: Object.fromEntries(topics) as OutputPositions["topics"],
    };
  }

  /** @param origin of the record that made it; `undefined` when time did */
  push(record: OutputRecord, origin: Origin | undefined): void {
    const topic = this.#topics.get(this.#options.plan.sinks[record.sink]?.topic ?? "");
    if (topic === undefined) return;
    const isOfOrigin = origin !== undefined && this.#keepsOrigins[record.sink] === true;
    const channel = isOfOrigin ? originChannel(origin) : groupChannel(this.#options.group);
    const known = topic.writers.get(channel) ?? this.#openWriter(topic, channel);
    known.push(record);
    topic.total += 1;
  }

  /** All turns have been done again. */
  goOn(): void {
    this.#isReplaying = false;
    for (const topic of this.#topics.values()) {
      for (const writer of topic.writers.values()) writer.goOn(topic.partitions);
      topic.total = 0;
    }
  }

  #openWriter(topic: Topic, channel: number): TopicWriter {
    const { fluvio, mayWrite } = this.#options;
    const producerId = producerIdOf(this.#tag, this.#lineage, channel);
    const written = [...topic.written].flatMap(([partition, producers]) => {
      const behind = producers.get(producerId);
      return behind === undefined ? [] : [[partition, behind] as const];
    });
    const writer = new TopicWriter({
      fluvio,
      topic: topic.name,
      mayWrite,
      producerId,
      partitions: this.#isReplaying ? topic.position.partitions : topic.partitions,
      made: topic.position.made[channel] ?? [],
      written: new Map(written),
      writer: (producer) => this.#writer(topic.name, producer, isTooLong),
      onTooLong: (bytes) => this.#sayGivenUp(topic.name, `it would have ${bytes} bytes`),
    });
    if (this.#stopped) writer.sink.stop();
    topic.writers.set(channel, writer);
    return writer;
  }

  /** Keeps dropped records in `<topic>-rejected`. */
  keep(rejections: readonly Rejection[]): void {
    for (const rejection of rejections) {
      const output = describeRejection(this.#options.plan.name, rejection);
      if (output !== undefined) this.#rejectedWriter(rejection.topic).push(output);
    }
  }

  /** Resolves with true when everything given before this call is acknowledged, with false when stopped before. */
  async settled(): Promise<boolean> {
    const settled = await Promise.all(this.#sinkWriters().map(async (writer) => writer.settled()));
    return !settled.includes(false);
  }

  /** Gives up what is pending. */
  stop(): void {
    this.#stopped = true;
    for (const writer of this.#sinkWriters()) writer.stop();
  }

  async close(): Promise<void> {
    this.stop();
    const writers = [...this.#topics.values()].flatMap((topic) => [...topic.writers.values()]);
    const producers = [...writers, ...this.#rejectedProducers];
    await Promise.allSettled(producers.map(async (producer) => producer.close()));
  }

  #sinkWriters(): SinkWriter[] {
    const topics = [...this.#topics.values()];
    const sinks = topics.flatMap(({ writers }) => [...writers.values()].map(({ sink }) => sink));
    return [...sinks, ...this.#rejected.values()];
  }

  #rejectedWriter(source: string): SinkWriter {
    const known = this.#rejected.get(source);
    if (known !== undefined) return known;
    const topic = rejectedTopicOf(source);
    const producer = new RejectedTopicProducer(this.#options.fluvio, topic);
    this.#rejectedProducers.push(producer);
    const writer = this.#writer(topic, producer, isKeptInVain);
    if (this.#stopped) writer.stop();
    this.#rejected.set(source, writer);
    return writer;
  }

  #writer(
    topic: string,
    producer: OutputProducer,
    isHopeless: (error: unknown) => boolean,
  ): SinkWriter {
    const { log, onProgress, plan, turnsSynced } = this.#options;
    const fields = { dataflow: plan.name, topic };
    return new SinkWriter({
      producer,
      isHopeless,
      onProgress,
      isReady: turnsSynced,
      onGivenUp: (error) => this.#sayGivenUp(topic, String(error)),
      onFailure: (error, failed) => {
        const message = `${failed} outputs to ${topic} were not accepted (${String(error)}); trying again.`;
        log({ level: "warn", message, fields });
      },
    });
  }

  #sayGivenUp(topic: string, why: string): void {
    const { log, plan } = this.#options;
    const message = `An output to ${topic} was given up: ${why}.`;
    log({ level: "error", message, fields: { dataflow: plan.name, topic } });
  }
}

function isTooLong(error: unknown): boolean {
  return error instanceof FluvioError && error.code === "MessageTooLarge";
}

function startOf(ranges: readonly PartitionRange[]): TopicPosition {
  return { partitions: ranges.length, from: ranges.map(({ end }) => end), made: {} };
}

function positionOf(topic: Topic): TopicPosition {
  const writers = [...topic.writers.values()];
  const from = Array.from({ length: topic.partitions }, (_, partition) =>
    Math.max(
      topic.position.from[partition] ?? 0,
      ...writers.map(({ acknowledged }) => acknowledged[partition] ?? 0),
    ),
  );
  const made = [...topic.writers].map(([channel, writer]) => [channel, writer.made] as const);
  return {
    partitions: topic.partitions,
    from,
    made: { ...topic.position.made, ...Object.fromEntries(made) },
  };
}
