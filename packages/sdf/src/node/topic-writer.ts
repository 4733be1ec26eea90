/**
 * Writes one channel's outputs to one topic. It numbers them, chooses their partitions, and while
 * turns are done again it leaves out those that the topic has already.
 */
import {
  type Fluvio,
  partitionForKey,
  type Producer,
  RECORD_BYTES_MAX,
  RECORD_OVERHEAD_BYTES_MAX,
  SEQUENCE_END,
} from "@arenaflow/fluvio/client";
import type { Output, OutputProducer, SinkWriter } from "./sink-writer.ts";

/** Few outputs per window and a viewer waiting: send almost at once. */
const LINGER_MS = 5;

export interface TopicWriterOptions {
  readonly fluvio: Fluvio;
  readonly topic: string;
  readonly producerId: number;
  /** Rejects when another process writes these outputs now. */
  readonly mayWrite: () => Promise<void>;
  /** Over how many partitions outputs are spread. */
  readonly partitions: number;
  /** Outputs made so far, by partition. */
  readonly made: readonly number[];
  /** By partition the number behind the last output that the topic has, as far as that is known. */
  readonly written: ReadonlyMap<number, number>;
  /** Makes what sends outputs in order and waits for their acknowledgement. */
  readonly writer: (producer: OutputProducer) => SinkWriter;
  readonly onTooLong: (bytes: number) => void;
}

export class TopicWriter {
  readonly #options: TopicWriterOptions;
  readonly #made: number[];
  /** Outputs below these numbers are in the topic. */
  readonly #skipBelow: number[];
  readonly #sink: SinkWriter;
  /** The offset behind the last acknowledged output, by partition. */
  readonly acknowledged: number[] = [];
  #partitions: number;
  #opening: Promise<Producer> | undefined;
  #producer: Producer | undefined;

  constructor(options: TopicWriterOptions) {
    this.#options = options;
    this.#partitions = options.partitions;
    this.#made = [...options.made];
    this.#skipBelow = this.#made.map((made, partition) => skipBelow(made, options, partition));
    for (const [partition] of options.written) {
      if (partition >= this.#made.length) {
        this.#skipBelow[partition] = skipBelow(0, options, partition);
      }
    }
    this.#sink = options.writer({ send: (record) => this.#send(record) });
  }

  get sink(): SinkWriter {
    return this.#sink;
  }

  /** Outputs made so far, by partition. */
  get made(): readonly number[] {
    return Array.from({ length: this.#made.length }, (_, partition) => this.#made[partition] ?? 0);
  }

  push({ key, value }: Output): void {
    const bytes = value.length + (key?.length ?? 0) + RECORD_OVERHEAD_BYTES_MAX;
    if (bytes > RECORD_BYTES_MAX) {
      this.#options.onTooLong(bytes);
      return;
    }
    const partition = this.#partitionFor(key);
    const number = this.#made[partition] ?? 0;
    this.#made[partition] = number + 1;
    if (number < (this.#skipBelow[partition] ?? 0)) return;
    this.#sink.push({ key, value, partition });
  }

  /** All turns have been done again: what comes now is new. */
  goOn(partitions: number): void {
    for (const [partition, below] of this.#skipBelow.entries()) {
      // Only when the log of turns has lost its end to a broken disk.
      this.#made[partition] = Math.max(this.#made[partition] ?? 0, below);
    }
    this.#partitions = partitions;
  }

  #partitionFor(key: Uint8Array | null): number {
    if (this.#partitions === 1) return 0;
    if (key !== null) return partitionForKey(key, this.#partitions);
    const total = this.#made.reduce((sum, made) => sum + made, 0);
    return total % this.#partitions;
  }

  async #send({ key, value, partition }: Output): Promise<void> {
    this.#opening ??= this.#open();
    const opening = this.#opening;
    try {
      const producer = await opening;
      const sent = await producer.send({
        key,
        value,
        ...(partition === undefined ? {} : { partition }),
      });
      this.acknowledged[sent.partition] = sent.offset + 1;
    } catch (cause) {
      if (this.#producer === undefined) this.#opening = undefined;
      throw cause;
    }
  }

  async #open(): Promise<Producer> {
    const { fluvio, mayWrite, producerId, topic, made } = this.#options;
    const count = Math.max(this.#partitions, made.length, this.#skipBelow.length);
    const next = Array.from({ length: count }, (_, partition) => {
      const number = Math.max(made[partition] ?? 0, this.#skipBelow[partition] ?? 0);
      return [partition, number % SEQUENCE_END] as const;
    });
    this.#producer = await fluvio.producer(topic, {
      lingerMs: LINGER_MS,
      // An output that was given up would leave a gap, and the next ones would overtake it.
      deliveryTimeoutMs: Number.POSITIVE_INFINITY,
      identity: { producerId, nextSequences: new Map(next) },
      // A process that was suspended may have gathered batches before another one took over.
      maySend: mayWrite,
    });
    return this.#producer;
  }

  async close(): Promise<void> {
    await this.#opening?.catch(() => {});
    this.#producer?.abort();
  }
}

/** The whole number behind the last written output: the topic knows 31 bits of it. */
function skipBelow(made: number, { written }: TopicWriterOptions, partition: number): number {
  const behind = written.get(partition);
  if (behind === undefined) return made;
  const ahead = (behind - (made % SEQUENCE_END) + SEQUENCE_END) % SEQUENCE_END;
  return ahead < SEQUENCE_END / 2 ? made + ahead : made;
}
