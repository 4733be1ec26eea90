/**
 * StreamFetch, key 1003 on the SPU: a subscription to one partition. Every push repeats the
 * request's correlation id; the consumer answers each with UpdateOffsets.
 *
 * Request: string topic, u32 partition, i64 offset, i32 max_bytes, u8 isolation, vec smartmodules,
 *          option string consumer_id (v23)
 * Push:    string topic, u32 stream_id, u32 partition, i16 error, i64 high_watermark,
 *          i64 next_filter_offset (-1: none), i64 log_start, option vec aborted, i32 length, batches
 *
 * There is no message to end a stream; it ends with its connection.
 */
import { decodeErrorCode, encodeErrorCode, type ErrorCode } from "./error-code.ts";
import type { Reader } from "./reader.ts";
import { decodeSmartModules, type SmartModuleUse } from "./smartmodules.ts";
import { WireError } from "./wire-error.ts";
import type { Writer } from "./writer.ts";

const CONSUMER_ID_VERSION_MIN = 23;
const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;

export interface StreamFetchRequest {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly bytesMax: number;
  readonly committedOnly: boolean;
  readonly smartModule: SmartModuleUse | null;
  readonly consumerId: string | null;
}

export interface StreamPush {
  readonly topic: string;
  readonly streamId: number;
  readonly partition: number;
  readonly error: ErrorCode;
  readonly highWatermark: number;
  /** Where to go on when the server skipped records; -1 when the batches say it. */
  readonly nextFilterOffset: number;
  readonly logStart: number;
  /** Batches one after another; a view of the message. */
  readonly batches: Uint8Array;
}

/** Writes a request without SmartModules. */
export function encodeStreamFetchRequest(
  writer: Writer,
  request: Omit<StreamFetchRequest, "smartModule">,
  version: number,
): void {
  writer.string(request.topic);
  writer.u32(request.partition);
  writer.i64(request.offset);
  writer.i32(request.bytesMax);
  writer.u8(request.committedOnly ? READ_COMMITTED : READ_UNCOMMITTED);
  writer.u32(0);
  if (version >= CONSUMER_ID_VERSION_MIN) {
    writer.option(request.consumerId, (id) => writer.string(id));
  }
}

export function decodeStreamFetchRequest(reader: Reader, version: number): StreamFetchRequest {
  const topic = reader.string();
  const partition = reader.u32();
  const offset = reader.i64();
  const bytesMax = reader.i32();
  const committedOnly = reader.u8() === READ_COMMITTED;
  const smartModule = decodeSmartModules(reader);
  const hasConsumerId = smartModule === null && version >= CONSUMER_ID_VERSION_MIN;
  const consumerId = hasConsumerId ? reader.option(() => reader.string()) : null;
  return { topic, partition, offset, bytesMax, committedOnly, smartModule, consumerId };
}

/**
 * Writes a push up to and including the batches' length; the batches themselves follow, so that a
 * server can send them from where they are.
 */
export function encodeStreamPushHead(
  writer: Writer,
  push: Omit<StreamPush, "batches">,
  batchesLength: number,
): void {
  writer.string(push.topic);
  writer.u32(push.streamId);
  writer.u32(push.partition);
  encodeErrorCode(writer, push.error);
  writer.i64(push.highWatermark);
  writer.i64(push.nextFilterOffset);
  writer.i64(push.logStart);
  writer.bool(false);
  writer.i32(batchesLength);
}

export function decodeStreamPush(reader: Reader): StreamPush {
  const topic = reader.string();
  const streamId = reader.u32();
  const partition = reader.u32();
  const error = decodeErrorCode(reader);
  const highWatermark = reader.i64();
  const nextFilterOffset = reader.i64();
  const logStart = reader.i64();
  // Aborted transactions: { i64 producer, i64 first_offset }, never used by Fluvio.
  reader.option(() => reader.vec(() => reader.bytes(16), 16));
  const length = reader.i32();
  if (length < 0) throw new WireError("invalid", `a record set's length is ${length}`);
  const batches = reader.bytes(length);
  return {
    topic,
    streamId,
    partition,
    error,
    highWatermark,
    nextFilterOffset,
    logStart,
    batches,
  };
}
