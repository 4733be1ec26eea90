/**
 * A consumer's stream over one partition. Exactly one push is unacknowledged at a time: more would
 * let one stalled stream block all others of its connection.
 */
import type { RequestHeader } from "../wire/headers.ts";
import { encodeFrame } from "../wire/frame.ts";
import { offsetBehind } from "../wire/batch.ts";
import type { BufferPool } from "../wire/buffer-pool.ts";
import { errorCode, NO_ERROR, type ErrorCode } from "../wire/error-code.ts";
import { encodeStreamPushHead } from "../wire/stream-fetch.ts";
import type { Log } from "./log-line.ts";
import { OffsetError, type Commit, type PartitionLog } from "./log/partition-log.ts";
import type { Session } from "./session.ts";

export interface StreamOptions {
  readonly id: number;
  readonly topic: string;
  readonly partition: number;
  readonly consumerId: string | null;
  readonly log: PartitionLog;
  /** Where what was read from the log goes back to. */
  readonly buffers: BufferPool;
  readonly fromOffset: number;
  readonly pushBytesMax: number;
  readonly session: Session;
  readonly header: RequestHeader;
  readonly report: Log;
}

/** Bytes of a push before its batches, at most: two strings, fixed fields. */
const PUSH_HEAD_BYTES = 128;
const CORRELATION_BYTES = 4;
const FRAME_LENGTH_BYTES = 4;

export class PartitionStream {
  readonly #options: StreamOptions;
  readonly #unsubscribe: () => void;
  #nextOffset: number;
  /** True from a push until its acknowledgement, and while a read is under way. */
  #isBusy = false;
  #isClosed = false;
  /** The next push, read while the last one is under way. */
  #ahead: { readonly offset: number; readonly batches: Promise<Uint8Array> } | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#nextOffset = options.fromOffset;
    this.#unsubscribe = options.log.onCommit((commit) => this.#onCommit(commit));
  }

  get topic(): string {
    return this.#options.topic;
  }

  get partition(): number {
    return this.#options.partition;
  }

  get consumerId(): string | null {
    return this.#options.consumerId;
  }

  /** Begins to push. */
  start(): void {
    this.#pump();
  }

  /** The consumer has taken the last push and wants what comes from `nextOffset` on. */
  acknowledge(nextOffset: number): void {
    this.#nextOffset = nextOffset;
    this.#isBusy = false;
    this.#pump();
  }

  /** Ends the stream with an error that its consumer sees. */
  fail(error: ErrorCode): void {
    if (this.#isClosed) return;
    this.close();
    this.#push(error, []);
  }

  close(): void {
    this.#isClosed = true;
    this.#ahead = undefined;
    this.#unsubscribe();
    this.#options.session.removeStream(this.#options.id);
  }

  /** @returns whether the commit's buffers are on their way to the consumer */
  #onCommit(commit: Commit): boolean {
    if (this.#isBusy || this.#isClosed) return false;
    // A consumer that keeps up gets what was just written, without reading it back.
    if (commit.from === this.#nextOffset && commit.bytes <= this.#options.pushBytesMax) {
      this.#isBusy = true;
      this.#push(NO_ERROR, commit.buffers);
      return true;
    }
    this.#pump();
    return false;
  }

  #pump(): void {
    if (this.#isBusy || this.#isClosed || this.#nextOffset === this.#options.log.end) return;
    this.#isBusy = true;
    this.#readAndPush().catch((error: unknown) => this.#failRead(error));
  }

  async #readAndPush(): Promise<void> {
    const { log, pushBytesMax } = this.#options;
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const isAhead = ahead?.offset === this.#nextOffset;
    const batches = await (isAhead ? ahead.batches : log.read(this.#nextOffset, pushBytesMax));
    if (this.#isClosed) return;
    if (batches.length === 0) {
      this.fail(errorCode("StorageError"));
      return;
    }
    const { buffers } = this.#options;
    this.#push(NO_ERROR, [batches], () => buffers.give(batches));
    this.#readAhead(batches);
  }

  /** While a consumer that catches up in full pushes takes one, the next is read. */
  #readAhead(pushed: Uint8Array): void {
    const { log, pushBytesMax } = this.#options;
    const offset = offsetBehind(pushed);
    const isBulk = pushed.length >= pushBytesMax / 2;
    if (!isBulk || offset === undefined || offset >= log.end) return;
    const batches = log.read(offset, pushBytesMax);
    // Its failure, if any, is met when the push is due.
    batches.catch(() => undefined);
    this.#ahead = { offset, batches };
  }

  #failRead(error: unknown): void {
    const { log, report, topic, partition } = this.#options;
    if (error instanceof OffsetError) {
      const isEvicted = error.code === "OffsetEvicted";
      const fields = isEvicted ? [this.#nextOffset, log.start] : [];
      this.fail(errorCode(error.code, ...fields));
      return;
    }
    const reason = error instanceof Error ? error.message : String(error);
    report({ level: "error", message: "could not read", fields: { topic, partition, reason } });
    this.fail(errorCode("StorageError"));
  }

  /** @param onWritten called when the batches' memory is free again */
  #push(error: ErrorCode, batches: readonly Uint8Array[], onWritten?: () => void): void {
    const { id, topic, partition, log, session, header } = this.#options;
    const batchesLength = batches.reduce((sum, piece) => sum + piece.length, 0);
    const head = encodeFrame(
      (writer) => {
        writer.i32(header.correlationId);
        encodeStreamPushHead(
          writer,
          {
            topic,
            streamId: id,
            partition,
            error,
            highWatermark: log.end,
            nextFilterOffset: -1,
            logStart: log.start,
          },
          batchesLength,
        );
      },
      FRAME_LENGTH_BYTES + CORRELATION_BYTES + PUSH_HEAD_BYTES,
    );
    // The frame's length covers the batches, which follow without being copied.
    const view = new DataView(head.buffer, head.byteOffset, FRAME_LENGTH_BYTES);
    view.setInt32(0, head.length - FRAME_LENGTH_BYTES + batchesLength);
    session.write([head, ...batches], onWritten);
  }
}
