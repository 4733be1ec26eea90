/**
 * Sends records to one topic. The server owns a record once `send` has resolved; before that the
 * producer does, and retries within its deadline.
 *
 * A retry after a lost answer is stored once by our server, which looks at the records' numbers, and may
 * be stored twice by a Fluvio cluster, which only keeps them: readers can tell by them. Without retries
 * (a deadline of 0) nothing is stored twice, and a send whose answer was lost rejects.
 */
import type { BatchCodec } from "../wire/batch.ts";
import { partitionForKey } from "../wire/partitioner.ts";
import { RECORD_OVERHEAD_BYTES_MAX } from "../wire/records.ts";
import type { TopicCompression } from "../wire/topic.ts";
import type { Cluster, TopicLayout } from "./cluster.ts";
import { FluvioError } from "./fluvio-error.ts";
import {
  PartitionQueue,
  type QueuedRecord,
  type SendResult,
  type Settle,
} from "./partition-queue.ts";

export interface ProducerOptions {
  /** How long to wait for more records before sending. Default 0: what one turn of the loop adds. */
  readonly lingerMs?: number;
  /** A batch of this size is sent at once. Default 256 KiB. */
  readonly batchBytesMax?: number;
  /** Default: what the topic asks for, else none. */
  readonly compression?: BatchCodec;
  /** Most bytes waiting for acknowledgement; further sends wait for room. Default 64 MiB. */
  readonly bufferBytesMax?: number;
  /** How long a batch is retried before its sends reject; 0 retries nothing. Default 30 s. */
  readonly deliveryTimeoutMs?: number;
  /**
   * For a producer that goes on where an earlier one ended: who it is, and what numbers its next
   * records bear. Readers see both (`ConsumedBatch.runs`). Default: a random id, from 0.
   */
  readonly identity?: ProducerIdentity;
  /** Awaited before each request: while it rejects, nothing is sent. */
  readonly maySend?: () => Promise<void>;
}

export interface ProducerIdentity {
  /** A whole number from 0 to 2^52 - 1. */
  readonly producerId: number;
  /** By partition; 0 where there is none. Numbers begin again at 0 behind 2^31 - 1. */
  readonly nextSequences: ReadonlyMap<number, number>;
}

/** Where a record is, or why it could not be sent. */
export type SendOutcome = SendResult | FluvioError;

export interface OutgoingRecord {
  /** Records of one key go to one partition, the one that Fluvio's other clients choose. */
  readonly key?: Uint8Array | string | null;
  readonly value: Uint8Array | string;
  /** Overrides the choice by key. */
  readonly partition?: number;
}

const MIB = 1024 * 1024;
const BATCH_BYTES_DEFAULT = 256 * 1024;
/** Batches per request, together. Other servers refuse requests much beyond this. */
const REQUEST_BYTES_MAX = MIB;
/** Times the requests in flight, fewer than the server remembers to tell repeated ones by. */
const REQUEST_BATCHES_MAX = 32;
/** While some are stored together, with one fsync, the next ones travel. */
const REQUESTS_IN_FLIGHT_MAX = 6;
const BUFFER_BYTES_DEFAULT = 64 * MIB;
const DELIVERY_TIMEOUT_MS_DEFAULT = 30_000;
/** Longest record, with `RECORD_OVERHEAD_BYTES_MAX`; Fluvio's own servers refuse longer batches than about this. */
export const RECORD_BYTES_MAX = 2 * MIB;
/** Sends that may wait for room in the buffer; the caller holds their values. */
const WAITING_SENDS_MAX = 1_000_000;
const PRODUCER_ID_MAX = 2 ** 52;

interface Waiting {
  readonly record: Prepared;
  readonly settle: Settle;
  readonly index: number;
}

interface Prepared extends QueuedRecord {
  readonly partition: number | undefined;
}

export class Producer {
  readonly #cluster: Cluster;
  readonly #queues: PartitionQueue[];
  readonly #bufferBytesMax: number;
  #layout: TopicLayout;
  #waiting: Waiting[] = [];
  #bufferedBytes = 0;
  #roundRobin = 0;
  #isClosed = false;
  /** The first failure since the last flush. */
  #failure: FluvioError | undefined;

  private constructor(cluster: Cluster, layout: TopicLayout, options: ProducerOptions) {
    this.#cluster = cluster;
    this.#layout = layout;
    this.#bufferBytesMax = options.bufferBytesMax ?? BUFFER_BYTES_DEFAULT;
    const settings = {
      lingerMs: options.lingerMs ?? 0,
      batchBytesMax: options.batchBytesMax ?? BATCH_BYTES_DEFAULT,
      requestBytesMax: REQUEST_BYTES_MAX,
      requestBatchesMax: REQUEST_BATCHES_MAX,
      requestsInFlightMax: REQUESTS_IN_FLIGHT_MAX,
      deliveryTimeoutMs: options.deliveryTimeoutMs ?? DELIVERY_TIMEOUT_MS_DEFAULT,
      codec: chooseCodec(layout.compression, options.compression),
    };
    const { identity } = options;
    const producerId = identity?.producerId ?? Math.floor(Math.random() * PRODUCER_ID_MAX);
    this.#queues = layout.leaders.map(
      (_, partition) =>
        new PartitionQueue({
          topic: layout.topic,
          partition,
          producerId,
          firstSequence: identity?.nextSequences.get(partition) ?? 0,
          cluster,
          settings,
          ...(options.maySend === undefined ? {} : { maySend: options.maySend }),
          leader: (isRetry) => this.#leaderOf(partition, isRetry),
          onFreed: (bytes) => this.#free(bytes),
          onFailed: (error) => void (this.#failure ??= error),
        }),
    );
  }

  /** @throws FluvioError `TopicNotFound` */
  static async open(cluster: Cluster, topic: string, options: ProducerOptions): Promise<Producer> {
    return new Producer(cluster, await cluster.layout(topic), options);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get topic(): string {
    return this.#layout.topic;
  }

  /**
   * Sends a record.
   * @returns where it is, once the server has it as durably as the server promises
   */
  send(record: OutgoingRecord): Promise<SendResult> {
    return new Promise((settle) => this.#accept(record, Date.now(), settle, 0));
  }

  /**
   * Sends records with one promise for all of them, which costs less than one for each.
   * @returns what became of each, in their order, once all of it is known; a failure does not reject
   */
  sendAll(records: readonly OutgoingRecord[]): Promise<SendOutcome[]> {
    const outcomes: SendOutcome[] = [];
    let unsettled = records.length;
    if (unsettled === 0) return Promise.resolve(outcomes);
    return new Promise((resolve) => {
      const note = (outcome: SendOutcome, index: number): void => {
        outcomes[index] = outcome;
        unsettled -= 1;
        if (unsettled === 0) resolve(outcomes);
      };
      const settle: Settle = (outcome, index) => {
        if (outcome instanceof Promise) outcome.catch((error: FluvioError) => note(error, index));
        else note(outcome, index);
      };
      const timestampMs = Date.now();
      for (let index = 0; index < records.length; index += 1) {
        this.#accept(records[index] as OutgoingRecord, timestampMs, settle, index);
      }
    });
  }

  /**
   * Sends what has gathered without lingering and waits until nothing is unacknowledged.
   * @throws FluvioError the first failure of a send since the last flush
   */
  async flush(): Promise<void> {
    do {
      await Promise.all(this.#queues.map((queue) => queue.drain()));
    } while (this.#bufferedBytes > 0 || this.#waiting.length > 0);
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }

  /** Flushes, then takes no more sends. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.flush();
  }

  /** Closes at once: sends that are not acknowledged reject, though their records may arrive. */
  abort(): void {
    this.#isClosed = true;
    const error = new FluvioError("Closed", "the producer was closed before the record was sent");
    for (const { settle, index } of this.#waiting.splice(0)) settle(Promise.reject(error), index);
    for (const queue of this.#queues) queue.abort(error);
  }

  /** Takes a record into its queue, or to those that wait for room; settles it when it can't. */
  #accept(record: OutgoingRecord, timestampMs: number, settle: Settle, index: number): void {
    const prepared = prepare(record, timestampMs);
    const problem = this.#problemWith(prepared);
    if (problem !== undefined) {
      settle(Promise.reject(problem), index);
      return;
    }
    const hasRoom = this.#bufferedBytes + prepared.bytes <= this.#bufferBytesMax;
    if (this.#waiting.length === 0 && (hasRoom || this.#bufferedBytes === 0)) {
      this.#enqueue(prepared, settle, index);
    } else if (this.#waiting.length >= WAITING_SENDS_MAX) {
      const message = `${WAITING_SENDS_MAX} sends wait for room in the buffer; await them`;
      settle(Promise.reject(new FluvioError("BufferFull", message)), index);
    } else {
      this.#waiting.push({ record: prepared, settle, index });
    }
  }

  #problemWith({ partition, bytes }: Prepared): FluvioError | undefined {
    if (this.#isClosed) return new FluvioError("Closed", "the producer was closed");
    if (bytes > RECORD_BYTES_MAX) {
      const message = `a record of ${bytes} bytes; at most ${RECORD_BYTES_MAX} can be sent`;
      return new FluvioError("MessageTooLarge", message);
    }
    if (partition === undefined || this.#queues[partition] !== undefined) return undefined;
    const message = `topic "${this.topic}" has ${this.#queues.length} partitions, not one numbered ${partition}`;
    return new FluvioError("InvalidArgument", message);
  }

  #enqueue(record: Prepared, settle: Settle, index: number): void {
    this.#bufferedBytes += record.bytes;
    const queue = this.#queues[this.#partitionFor(record)] as PartitionQueue;
    queue.append(record, settle, index);
  }

  #partitionFor({ key, partition }: Prepared): number {
    if (partition !== undefined) return partition;
    const count = this.#queues.length;
    if (key !== null) return partitionForKey(key, count);
    this.#roundRobin = (this.#roundRobin + 1) % count;
    return this.#roundRobin;
  }

  #free(bytes: number): void {
    this.#bufferedBytes -= bytes;
    let count = 0;
    for (const { record, settle, index } of this.#waiting) {
      const hasRoom = this.#bufferedBytes + record.bytes <= this.#bufferBytesMax;
      if (!hasRoom && this.#bufferedBytes > 0) break;
      this.#enqueue(record, settle, index);
      count += 1;
    }
    if (count > 0) this.#waiting = this.#waiting.slice(count);
  }

  async #leaderOf(partition: number, isRetry: boolean): Promise<number> {
    if (isRetry) this.#layout = await this.#cluster.layout(this.topic);
    const leader = this.#layout.leaders[partition];
    if (leader !== undefined) return leader;
    throw new FluvioError("PartitionNotLeader", `partition ${partition} has no leader`);
  }
}

function prepare(record: OutgoingRecord, timestampMs: number): Prepared {
  const key = record.key ?? null;
  const keyBytes = typeof key === "string" ? Buffer.from(key) : key;
  const value = typeof record.value === "string" ? Buffer.from(record.value) : record.value;
  const bytes = value.length + (keyBytes?.length ?? 0) + RECORD_OVERHEAD_BYTES_MAX;
  return { key: keyBytes, value, partition: record.partition, bytes, timestampMs };
}

function chooseCodec(topic: TopicCompression, wanted: BatchCodec | undefined): BatchCodec {
  if (topic === "any") return wanted ?? "none";
  if (wanted === undefined || wanted === topic) return topic;
  const message = `the topic takes ${topic} only, the producer was asked for ${wanted}`;
  throw new FluvioError("InvalidArgument", message);
}
