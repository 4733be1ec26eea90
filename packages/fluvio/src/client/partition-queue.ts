/**
 * The sends of one partition: gathered into batches, sent in order with a few requests under way,
 * sent again when the connection is lost. Records are numbered, and a batch bears the number of its
 * first, so that a server that remembers (ours does) can tell a repeated batch; on any other a repeat
 * after a lost answer is a duplicate, which a reader can tell by its numbers.
 */
import { compress } from "../compression/index.ts";
import { API_KEY, VERSION } from "../wire/api-keys.ts";
import { type BatchCodec, SEQUENCE_END } from "../wire/batch.ts";
import {
  decodeProduceResponse,
  encodeProduceRequest,
  type ProduceResult,
} from "../wire/produce.ts";
import { BatchBuilder, RECORD_OVERHEAD_BYTES_MAX } from "../wire/records.ts";
import type { Cluster } from "./cluster.ts";
import { FluvioError, serverError, toFluvioError } from "./fluvio-error.ts";

export interface SendResult {
  readonly partition: number;
  readonly offset: number;
}

export interface QueueSettings {
  readonly lingerMs: number;
  readonly batchBytesMax: number;
  readonly requestBytesMax: number;
  readonly requestBatchesMax: number;
  /** Requests under way at a time. */
  readonly requestsInFlightMax: number;
  readonly deliveryTimeoutMs: number;
  readonly codec: BatchCodec;
}

export interface QueueOptions {
  readonly topic: string;
  readonly partition: number;
  readonly producerId: number;
  /** The number of the first record. */
  readonly firstSequence: number;
  /** Awaited before each request: while it rejects, nothing is sent. */
  readonly maySend?: () => Promise<void>;
  readonly cluster: Cluster;
  readonly settings: QueueSettings;
  /** Who leads the partition; asked again before every retry. */
  readonly leader: (isRetry: boolean) => Promise<number>;
  /** Called when bytes have left the queue, sent or failed. */
  readonly onFreed: (bytes: number) => void;
  /** Called once per batch whose sends were rejected. */
  readonly onFailed: (error: FluvioError) => void;
}

export interface QueuedRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array;
  readonly timestampMs: number;
  /** What the record counts against the producer's buffer. */
  readonly bytes: number;
}

/**
 * Told where a record is, or by a rejected promise why it could not be sent: what resolves a promise
 * is one, so a send has one function to keep, not two. `index` is what the record was appended with.
 */
export type Settle = (outcome: SendResult | Promise<never>, index: number) => void;

/** A batch that takes no further records. */
interface Sealed {
  readonly bytes: Uint8Array;
  /** What `bytes` lies in. */
  readonly buffer: Uint8Array;
  readonly settles: readonly Settle[];
  /** What each of `settles` is called with. */
  readonly indexes: readonly number[];
  /** Sum of what the records counted against the buffer. */
  readonly bufferedBytes: number;
  readonly deadlineMs: number;
  /** An attempt failed: the bytes may still be on their way through a connection given up. */
  wasRetried: boolean;
}

const SPU_VERSIONS = { min: 0, max: VERSION.spu };
const ACKS_ALL = -1;
const RETRY_MS_FIRST = 50;
const RETRY_MS_MAX = 2000;
const BUFFER_BYTES_FIRST = 4096;

export class PartitionQueue {
  readonly #options: QueueOptions;
  #builder: BatchBuilder | undefined;
  #settles: Settle[] = [];
  #indexes: number[] = [];
  #bufferedBytes = 0;
  #sealed: Sealed[] = [];
  #sequence: number;
  /** Size of the next buffer to build in. */
  #bufferBytes = BUFFER_BYTES_FIRST;
  #isSending = false;
  #isScheduled = false;
  #linger: NodeJS.Timeout | undefined;
  #idleListeners: (() => void)[] = [];
  #isAborted = false;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#sequence = options.firstSequence % SEQUENCE_END;
  }

  /**
   * Adds a record.
   * @param settle learns what became of it; records that are sent together share one
   * @param index which of them this is
   */
  append(record: QueuedRecord, settle: Settle, index: number): void {
    // As large as the last batch came out: under load none has to grow.
    this.#builder ??= new BatchBuilder(this.#options.cluster.buffers.take(this.#bufferBytes));
    const builder = this.#builder;
    builder.append(record);
    this.#settles.push(settle);
    this.#indexes.push(index);
    this.#bufferedBytes += record.bytes;
    if (builder.length >= this.#options.settings.batchBytesMax) {
      this.#seal();
      this.#startSending();
    } else {
      this.#schedule();
    }
  }

  /** Sends what has gathered without lingering; resolves when nothing is left. */
  async drain(): Promise<void> {
    if (this.#isIdle) return;
    this.#startSending();
    await new Promise<void>((resolve) => this.#idleListeners.push(resolve));
  }

  /** Rejects what is not acknowledged, also what is on its way; nothing is sent any more. */
  abort(error: FluvioError): void {
    this.#isAborted = true;
    this.#seal();
    for (const sealed of this.#sealed.splice(0)) this.#reject(sealed, error);
  }

  get #isIdle(): boolean {
    return !this.#isSending && this.#builder === undefined && this.#sealed.length === 0;
  }

  #schedule(): void {
    if (this.#isSending || this.#isScheduled) return;
    this.#isScheduled = true;
    const { lingerMs } = this.#options.settings;
    const start = (): void => this.#startSending();
    // Without linger one turn of the event loop still gathers what a loop of sends adds.
    if (lingerMs <= 0) setImmediate(start);
    else this.#linger = setTimeout(start, lingerMs);
  }

  #startSending(): void {
    if (this.#isSending) return;
    clearTimeout(this.#linger);
    this.#isScheduled = false;
    this.#isSending = true;
    void this.#sendAll();
  }

  /**
   * Sends everything in order, several requests under way. When one fails, no further one leaves
   * until all have settled; what failed then goes first, so the order stays.
   */
  async #sendAll(): Promise<void> {
    const inFlight: Promise<readonly Sealed[]>[] = [];
    let attempt = 0;
    while (this.#builder !== undefined || this.#sealed.length > 0 || inFlight.length > 0) {
      const hasWork = this.#builder !== undefined || this.#sealed.length > 0;
      if (hasWork && inFlight.length < this.#options.settings.requestsInFlightMax) {
        if (this.#sealed.length === 0) this.#seal();
        inFlight.push(this.#attempt(this.#takeRequest(), attempt > 0));
        // A retry goes alone until it has succeeded.
        if (attempt === 0) continue;
      }
      const failed = [...((await inFlight.shift()) ?? [])];
      if (failed.length === 0) {
        attempt = 0;
        continue;
      }
      for (const outcome of inFlight.splice(0)) failed.push(...(await outcome));
      this.#sealed = [...failed, ...this.#sealed];
      await pause(Math.min(RETRY_MS_MAX, RETRY_MS_FIRST * 2 ** attempt));
      attempt += 1;
    }
    this.#isSending = false;
    const listeners = this.#idleListeners;
    this.#idleListeners = [];
    for (const listener of listeners) listener();
  }

  #seal(): void {
    const builder = this.#builder;
    if (builder === undefined) return;
    const { settings } = this.#options;
    const compressed = compress(settings.codec, builder.payload());
    const { producerId } = this.#options;
    const fields = { codec: settings.codec, producerId, firstSequence: this.#sequence };
    this.#sequence = (this.#sequence + builder.recordCount) % SEQUENCE_END;
    this.#bufferBytes = Math.max(builder.length + RECORD_OVERHEAD_BYTES_MAX, BUFFER_BYTES_FIRST);
    this.#sealed.push({
      bytes: builder.finish(fields, compressed),
      buffer: builder.buffer,
      settles: this.#settles,
      indexes: this.#indexes,
      bufferedBytes: this.#bufferedBytes,
      deadlineMs: performance.now() + settings.deliveryTimeoutMs,
      wasRetried: false,
    });
    this.#builder = undefined;
    this.#settles = [];
    this.#indexes = [];
    this.#bufferedBytes = 0;
  }

  #takeRequest(): Sealed[] {
    const { requestBytesMax, requestBatchesMax } = this.#options.settings;
    let bytes = 0;
    let count = 0;
    for (const sealed of this.#sealed) {
      bytes += sealed.bytes.length;
      if (count === requestBatchesMax || (count > 0 && bytes > requestBytesMax)) break;
      count += 1;
    }
    return this.#sealed.splice(0, count);
  }

  /** Sends batches once. @returns those to send again */
  async #attempt(request: readonly Sealed[], isRetry: boolean): Promise<readonly Sealed[]> {
    const { topic, partition, cluster, leader, maySend } = this.#options;
    try {
      const connection = await cluster.spu(await leader(isRetry));
      await maySend?.();
      const entries = request.map(({ bytes }) => ({ partition, batches: bytes }));
      const { timeoutMs } = cluster;
      const response = await connection.request({
        key: API_KEY.produce,
        version: connection.version(API_KEY.produce, SPU_VERSIONS),
        encode: (writer) =>
          encodeProduceRequest(writer, { acks: ACKS_ALL, timeoutMs, topics: [{ topic, entries }] }),
        decode: decodeProduceResponse,
      });
      const results = response.topics.flatMap((answered) => answered.results);
      if (results.length === request.length) return this.#settle(request, results);
      const message = `${request.length} batches, ${results.length} answers`;
      return this.#settle(request, new FluvioError("Protocol", message));
    } catch (error) {
      return this.#settle(request, toFluvioError(error));
    }
  }

  /** @returns the batches to send again */
  #settle(
    request: readonly Sealed[],
    outcome: readonly ProduceResult[] | FluvioError,
  ): readonly Sealed[] {
    const nowMs = performance.now();
    const again: Sealed[] = [];
    for (const [index, sealed] of request.entries()) {
      const result = outcome instanceof FluvioError ? outcome : (outcome[index] as ProduceResult);
      if (!(result instanceof FluvioError) && result.error.name === "None") {
        this.#resolve(sealed, result.baseOffset);
        continue;
      }
      const error = result instanceof FluvioError ? result : this.#refusal(result);
      const isInTime = nowMs < sealed.deadlineMs && !this.#isAborted;
      if (error.isRetriable && isInTime) {
        sealed.wasRetried = true;
        again.push(sealed);
      } else {
        this.#reject(sealed, error);
      }
    }
    return again;
  }

  #refusal({ error }: ProduceResult): FluvioError {
    const { topic, partition } = this.#options;
    return serverError(error, `produce to "${topic}" partition ${partition}`);
  }

  #resolve(sealed: Sealed, baseOffset: number): void {
    const { partition, cluster, onFreed } = this.#options;
    const { settles, indexes } = sealed;
    for (let record = 0; record < settles.length; record += 1) {
      const result = { partition, offset: baseOffset + record };
      (settles[record] as Settle)(result, indexes[record] as number);
    }
    if (!sealed.wasRetried) cluster.buffers.give(sealed.buffer);
    onFreed(sealed.bufferedBytes);
  }

  #reject(sealed: Sealed, error: FluvioError): void {
    for (const [record, settle] of sealed.settles.entries()) {
      settle(Promise.reject(error), sealed.indexes[record] as number);
    }
    this.#options.onFailed(error);
    this.#options.onFreed(sealed.bufferedBytes);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
