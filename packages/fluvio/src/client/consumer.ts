/**
 * Reads one or all partitions of a topic as an async iterator of batches. Pushes are asked for only
 * while less than `prefetchBytesMax` waits to be taken. After a lost connection it goes on at the
 * offset behind the last push it received: nothing is lost, nothing comes twice.
 *
 * Breaking out of a `for await` leaves the consumer open, so that it can commit or be iterated
 * again; `close` ends it.
 */
import { setTimeout as delay } from "node:timers/promises";
import { decompress } from "../compression/index.ts";
import { offsetBehind, readBatchHeader, SEQUENCE_END } from "../wire/batch.ts";
import { readRecords, type WireRecord } from "../wire/records.ts";
import type { StreamPush } from "../wire/stream-fetch.ts";
import type { Cluster } from "./cluster.ts";
import { commitAlone } from "./commit.ts";
import { ConsumerLink } from "./consumer-link.ts";
import { FluvioError, serverError, toFluvioError } from "./fluvio-error.ts";
import { fetchRanges, fetchStoredOffsets, type PartitionRange } from "./offsets.ts";
import { clamp, resolveStart, type ConsumerOptions } from "./start-position.ts";

/** A record as it was produced. `key` and `value` are views into the batch's memory. */
export type ConsumedRecord = WireRecord;

export interface ConsumedBatch {
  readonly partition: number;
  readonly records: readonly ConsumedRecord[];
  /** Who wrote the records, in their order: each run goes to where the next one begins. */
  readonly runs: readonly ProducerRun[];
}

/** Records that one producer wrote together. */
export interface ProducerRun {
  /** Index in `records` of its first. */
  readonly at: number;
  /** -1 for a producer that does not number its records; Fluvio's own clients do not. */
  readonly producerId: number;
  /** The number of its first record. */
  readonly sequence: number;
}

interface Cursor {
  readonly partition: number;
  /** The next offset to receive; unknown until the start was resolved. */
  nextOffset: number | undefined;
  /** Where the consumer began. */
  startOffset: number | undefined;
  link: ConsumerLink | undefined;
  /** A push was received and the next one not yet asked for. */
  isAckOwed: boolean;
}

/** A push that waits to be taken. */
interface Ready {
  readonly partition: number;
  readonly batches: Uint8Array;
  readonly fromOffset: number;
}

const MIB = 1024 * 1024;
/** Large pushes: between two of them a server waits for the acknowledgement of the first. */
const FETCH_BYTES_DEFAULT = 3 * MIB;
const PREFETCH_BYTES_DEFAULT = 6 * MIB;
const GIVE_UP_AFTER_MS_DEFAULT = 60_000;
const RECONNECT_MS_FIRST = 50;
const RECONNECT_MS_MAX = 2000;

export class Consumer implements AsyncIterableIterator<ConsumedBatch> {
  readonly #cluster: Cluster;
  readonly #topic: string;
  readonly #options: ConsumerOptions;
  readonly #cursors: Cursor[];
  readonly #abort = new AbortController();
  #links = new Set<ConsumerLink>();
  #ready: Ready[] = [];
  #readyBytes = 0;
  #wakers: (() => void)[] = [];
  #failure: FluvioError | undefined;
  #isClosed = false;

  private constructor(
    cluster: Cluster,
    topic: string,
    details: { readonly options: ConsumerOptions; readonly partitions: readonly number[] },
  ) {
    this.#cluster = cluster;
    this.#topic = topic;
    this.#options = details.options;
    this.#cursors = details.partitions.map((partition) => ({
      partition,
      nextOffset: undefined,
      startOffset: undefined,
      link: undefined,
      isAckOwed: false,
    }));
  }

  /** Opens a consumer; its start is resolved when this returns. */
  static async open(cluster: Cluster, topic: string, options: ConsumerOptions): Promise<Consumer> {
    const { leaders } = await cluster.layout(topic);
    const all = leaders.map((_, partition) => partition);
    const { partitions = "all" } = options;
    const wanted = partitions === "all" ? all : [...new Set(partitions)];
    const missing = wanted.find((partition) => !all.includes(partition));
    if (missing !== undefined) {
      const message = `topic "${topic}" has ${all.length} partitions, not one numbered ${missing}`;
      throw new FluvioError("InvalidArgument", message);
    }
    const consumer = new Consumer(cluster, topic, { options, partitions: wanted });
    try {
      await consumer.#connect(consumer.#cursors);
    } catch (error) {
      await consumer.close();
      throw error;
    }
    return consumer;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get topic(): string {
    return this.#topic;
  }

  /** The offset that each partition was begun at: the start asked for, or behind the last commit. */
  get starts(): ReadonlyMap<number, number> {
    return new Map(this.#cursors.map((cursor) => [cursor.partition, cursor.startOffset ?? 0]));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next batch; `done` after `close`. */
  async next(): Promise<IteratorResult<ConsumedBatch, undefined>> {
    for (;;) {
      if (this.#isClosed) return { done: true, value: undefined };
      const ready = this.#ready.shift();
      if (ready !== undefined) {
        this.#readyBytes -= ready.batches.length;
        this.#askForMore();
        const batch = readAll(ready);
        if (batch.records.length > 0) return { done: false, value: batch };
        continue;
      }
      if (this.#failure !== undefined) {
        const failure = this.#failure;
        await this.close();
        throw failure;
      }
      await new Promise<void>((resolve) => this.#wakers.push(resolve));
    }
  }

  /** Leaving a loop does not close the consumer. */
  return(): Promise<IteratorResult<ConsumedBatch, undefined>> {
    return Promise.resolve({ done: true, value: undefined });
  }

  /**
   * Stores that everything up to and including `offset` was processed. A consumer with the same id
   * goes on behind it.
   */
  async commit(partition: number, offset: number): Promise<void> {
    const { consumerId } = this.#options;
    if (consumerId === undefined) {
      throw new FluvioError("InvalidArgument", "only a consumer with a consumerId can commit");
    }
    const deadlineMs = performance.now() + this.#cluster.timeoutMs;
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#commitOnce(consumerId, partition, offset);
        return;
      } catch (error) {
        const failure = toFluvioError(error);
        const isLate = performance.now() >= deadlineMs;
        if (this.#isClosed || isLate || !failure.isRetriable) throw failure;
        await this.#pause(attempt);
      }
    }
  }

  /** Ends the iterator and closes the consumer's connections. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#abort.abort();
    this.#ready = [];
    for (const link of this.#links) link.connection.close();
    this.#links.clear();
    this.#wake();
  }

  async #commitOnce(consumerId: string, partition: number, offset: number): Promise<void> {
    if (this.#isClosed) throw new FluvioError("Closed", "the consumer was closed");
    const cursor = this.#cursors.find((candidate) => candidate.partition === partition);
    if (cursor?.link?.hasStream(partition) === true) {
      await cursor.link.commit(partition, offset);
      return;
    }
    const topic = this.#topic;
    const { leaders } = await this.#cluster.layout(topic);
    const leader = leaders[partition];
    if (leader === undefined) {
      throw new FluvioError("InvalidArgument", `"${topic}" has no partition ${partition}`);
    }
    await commitAlone(this.#cluster, leader, { topic, partition, offset, consumerId });
  }

  /** Connects the cursors' partitions, each to its leader. */
  async #connect(cursors: readonly Cursor[]): Promise<void> {
    await this.#resolveStored(cursors);
    const { leaders } = await this.#cluster.layout(this.#topic);
    const byLeader = Map.groupBy(cursors, (cursor) => leaders[cursor.partition] ?? -1);
    for (const [leader, led] of byLeader) {
      const link = new ConsumerLink(await this.#cluster.openSpu(leader));
      if (this.#isClosed) {
        link.connection.close();
        return;
      }
      this.#links.add(link);
      try {
        await this.#openStreams(link, led);
      } catch (error) {
        this.#links.delete(link);
        link.connection.close();
        throw error;
      }
      link.connection.onClose((error) => this.#reconnect(link, led, error));
    }
  }

  async #resolveStored(cursors: readonly Cursor[]): Promise<void> {
    const { consumerId } = this.#options;
    const fresh = cursors.filter((cursor) => cursor.nextOffset === undefined);
    if (consumerId === undefined || fresh.length === 0) return;
    const stored = await fetchStoredOffsets(this.#cluster, this.#topic, consumerId);
    for (const cursor of fresh) {
      const offset = stored.get(cursor.partition);
      if (offset !== undefined) cursor.nextOffset = offset + 1;
    }
  }

  async #openStreams(link: ConsumerLink, cursors: readonly Cursor[]): Promise<void> {
    const partitions = cursors.map((cursor) => cursor.partition);
    const ranges = await fetchRanges(link.connection, this.#topic, partitions);
    const rangeOf = new Map(ranges.map((range) => [range.partition, range]));
    for (const cursor of cursors) {
      const range = rangeOf.get(cursor.partition);
      if (range === undefined) {
        throw new FluvioError("Protocol", `no offsets for partition ${cursor.partition}`);
      }
      this.#openStream(link, cursor, range);
    }
  }

  #openStream(link: ConsumerLink, cursor: Cursor, range: PartitionRange): void {
    const { start, consumerId = null, fetchBytesMax = FETCH_BYTES_DEFAULT } = this.#options;
    const { partition } = cursor;
    const offset =
      cursor.nextOffset === undefined
        ? resolveStart(start, partition, range)
        : clamp(cursor.nextOffset, range);
    cursor.nextOffset = offset;
    cursor.startOffset ??= offset;
    cursor.link = link;
    cursor.isAckOwed = false;
    const topic = this.#topic;
    link.open({ topic, partition, offset, bytesMax: fetchBytesMax, consumerId }, (push) => {
      if (cursor.link === link) this.#receive(cursor, link, push);
    });
  }

  #receive(cursor: Cursor, link: ConsumerLink, push: StreamPush): void {
    if (push.error.name !== "None") {
      this.#receiveError(link, push);
      return;
    }
    const fromOffset = cursor.nextOffset ?? 0;
    const behind = push.nextFilterOffset > 0 ? push.nextFilterOffset : offsetBehind(push.batches);
    cursor.nextOffset = Math.max(fromOffset, behind ?? fromOffset);
    cursor.isAckOwed = true;
    this.#ready.push({ partition: cursor.partition, batches: push.batches, fromOffset });
    this.#readyBytes += push.batches.length;
    this.#askForMore();
    this.#wake();
  }

  #receiveError(link: ConsumerLink, push: StreamPush): void {
    const error = serverError(push.error, `"${this.#topic}" partition ${push.partition}`);
    const { code } = error;
    // A new connection finds the new leader, or the offsets that are left.
    if (error.isRetriable || code === "OffsetEvicted" || code === "OffsetOutOfRange") {
      link.connection.close();
    } else {
      this.#fail(error);
    }
  }

  #askForMore(): void {
    const { prefetchBytesMax = PREFETCH_BYTES_DEFAULT } = this.#options;
    if (this.#readyBytes > prefetchBytesMax) return;
    for (const cursor of this.#cursors) {
      if (!cursor.isAckOwed) continue;
      cursor.isAckOwed = false;
      cursor.link?.acknowledge(cursor.partition, cursor.nextOffset ?? 0);
    }
  }

  #reconnect(link: ConsumerLink, cursors: readonly Cursor[], cause: FluvioError): void {
    this.#links.delete(link);
    if (this.#isClosed) return;
    // What cannot be read now cannot be read from another connection either.
    if (cause.code === "Protocol") {
      this.#fail(cause);
      return;
    }
    for (const cursor of cursors) if (cursor.link === link) cursor.link = undefined;
    this.#reconnectWithin(cursors).catch((error: unknown) => this.#fail(toFluvioError(error)));
  }

  async #reconnectWithin(cursors: readonly Cursor[]): Promise<void> {
    const { giveUpAfterMs = GIVE_UP_AFTER_MS_DEFAULT } = this.#options;
    const deadlineMs = performance.now() + giveUpAfterMs;
    for (let attempt = 0; ; attempt += 1) {
      await this.#pause(attempt);
      const lost = cursors.filter((cursor) => cursor.link?.connection.isOpen !== true);
      if (this.#isClosed || lost.length === 0) return;
      try {
        await this.#connect(lost);
        return;
      } catch (error) {
        const failure = toFluvioError(error);
        if (!failure.isRetriable || performance.now() >= deadlineMs) throw failure;
      }
    }
  }

  async #pause(attempt: number): Promise<void> {
    const ms = Math.min(RECONNECT_MS_MAX, RECONNECT_MS_FIRST * 2 ** attempt);
    await delay(ms, undefined, { signal: this.#abort.signal }).catch(() => undefined);
  }

  #fail(error: FluvioError): void {
    if (this.#isClosed) return;
    this.#failure ??= error;
    this.#wake();
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }
}

function readAll({ batches, fromOffset, partition }: Ready): ConsumedBatch {
  const records: ConsumedRecord[] = [];
  const runs: ProducerRun[] = [];
  for (let at = 0; at < batches.length;) {
    const header = readBatchHeader(batches, at);
    at += header.bytes;
    if (header.baseOffset + header.recordCount <= fromOffset) continue;
    const payload = decompress(header.codec, batches.subarray(header.payloadAt, at));
    const { producerId, firstSequence, baseOffset } = header;
    const sequence = (firstSequence + Math.max(fromOffset - baseOffset, 0)) % SEQUENCE_END;
    runs.push({ at: records.length, producerId, sequence });
    readRecords(payload, header, fromOffset, records);
  }
  return { partition, records, runs };
}
