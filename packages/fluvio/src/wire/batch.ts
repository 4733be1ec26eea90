/**
 * Batches, the unit that is produced, stored and pushed. Header, big-endian:
 *
 *  0 i64 base_offset          21 i16 attributes: bits 0-2 codec, 0x10 schema id follows the header
 *  8 i32 length from 12 on    23 i32 last_offset_delta
 * 12 i32 epoch (-1)           27 i64 first_timestamp (ms)     43 i64 producer_id (-1)
 * 16 i8  magic (2)            35 i64 max_timestamp (ms)       51 i16 producer_epoch
 * 17 u32 crc32c of 21..end    57 payload                      53 i32 first_sequence
 *
 * Payload: u32 count + records; compression covers the count too. The base offset lies outside of
 * the checksum, so a server stores a batch as it came and only writes where it put it.
 */
import { crc32c } from "./crc32c.ts";
import { WireError } from "./wire-error.ts";

export const BATCH_HEADER_BYTES = 57;
/** Bytes of a batch that its length field does not count. */
const BATCH_PREAMBLE_BYTES = 12;
export const BATCH_MAGIC = 2;
/** Producers' numbers of records begin again at 0 here: they have 31 bits. */
export const SEQUENCE_END = 2 ** 31;
const CHECKED_FROM = 21;
const CODEC_MASK = 0x07;
const SCHEMA_FLAG = 0x10;
const SCHEMA_BYTES = 4;
const TWO_32 = 0x1_0000_0000;

/** How a batch's payload is compressed; the index is the number on the wire. */
export const BATCH_CODECS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;
export type BatchCodec = (typeof BATCH_CODECS)[number];

export interface BatchHeader {
  /** Where the batch begins in the bytes it was read from. */
  readonly at: number;
  /** The whole batch, header included. */
  readonly bytes: number;
  readonly payloadAt: number;
  readonly baseOffset: number;
  readonly recordCount: number;
  readonly codec: BatchCodec;
  readonly firstTimestampMs: number;
  readonly maxTimestampMs: number;
  /** -1 unless the producer numbers its batches so that a repeated one can be told. */
  readonly producerId: number;
  readonly firstSequence: number;
  readonly crc: number;
}

/**
 * Reads the header of the batch at `at`.
 * @throws WireError when the bytes are cut, or are no batch
 */
export function readBatchHeader(bytes: Uint8Array, at: number, end = bytes.length): BatchHeader {
  if (end - at < BATCH_HEADER_BYTES) {
    throw new WireError("truncated", `a batch's header needs ${BATCH_HEADER_BYTES} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, BATCH_HEADER_BYTES);
  const length = view.getInt32(8) + BATCH_PREAMBLE_BYTES;
  const magic = view.getInt8(16);
  const attributes = view.getInt16(21);
  const lastOffsetDelta = view.getInt32(23);
  const payloadAt = BATCH_HEADER_BYTES + ((attributes & SCHEMA_FLAG) === 0 ? 0 : SCHEMA_BYTES);
  if (magic !== BATCH_MAGIC) throw new WireError("invalid", `a batch's magic is ${magic}, not 2`);
  if (lastOffsetDelta < 0) throw new WireError("invalid", "a batch's last offset is negative");
  if (length < payloadAt) throw new WireError("invalid", `a batch's length is ${length}`);
  if (length > end - at) {
    throw new WireError("truncated", `a batch of ${length} bytes, ${end - at} left`);
  }
  const codec = BATCH_CODECS[attributes & CODEC_MASK];
  if (codec === undefined) {
    throw new WireError("unsupported", `compression ${attributes & CODEC_MASK} is not known`);
  }
  return {
    at,
    bytes: length,
    payloadAt: at + payloadAt,
    baseOffset: i64(view, 0),
    recordCount: lastOffsetDelta + 1,
    codec,
    firstTimestampMs: i64(view, 27),
    maxTimestampMs: i64(view, 35),
    producerId: i64(view, 43),
    firstSequence: view.getInt32(53),
    crc: view.getUint32(17),
  };
}

export interface BatchSpan {
  /** Size of the whole batch, header included; less than a header's when the bytes are no batch. */
  readonly bytes: number;
  /** The offset after its last record. */
  readonly nextOffset: number;
}

/** What a batch covers, from its header alone; `undefined` when even that is cut. */
export function peekBatch(bytes: Uint8Array, at: number, end: number): BatchSpan | undefined {
  if (end - at < BATCH_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, BATCH_HEADER_BYTES);
  return {
    bytes: view.getInt32(8) + BATCH_PREAMBLE_BYTES,
    nextOffset: i64(view, 0) + view.getInt32(23) + 1,
  };
}

/** The offset behind the last of several batches; `undefined` when there is none. */
export function offsetBehind(batches: Uint8Array): number | undefined {
  let behind: number | undefined;
  for (let at = 0; at < batches.length;) {
    const batch = peekBatch(batches, at, batches.length);
    if (batch === undefined || batch.bytes < BATCH_HEADER_BYTES) break;
    behind = batch.nextOffset;
    at += batch.bytes;
  }
  return behind;
}

/** The headers of batches that lie one after another, which must fill the bytes exactly. */
export function readBatchHeaders(bytes: Uint8Array): BatchHeader[] {
  const headers: BatchHeader[] = [];
  for (let at = 0; at < bytes.length;) {
    const header = readBatchHeader(bytes, at);
    headers.push(header);
    at += header.bytes;
  }
  return headers;
}

/** True when the batch's bytes are those its producer checked in. */
export function isBatchIntact(bytes: Uint8Array, header: BatchHeader): boolean {
  return crc32c(bytes, header.at + CHECKED_FROM, header.at + header.bytes) === header.crc;
}

/** Writes where the batch at `at` was put. */
export function setBaseOffset(bytes: Uint8Array, at: number, baseOffset: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 8);
  view.setInt32(0, Math.floor(baseOffset / TWO_32));
  view.setUint32(4, baseOffset >>> 0);
}

export interface BatchFields {
  readonly recordCount: number;
  readonly codec: BatchCodec;
  readonly firstTimestampMs: number;
  readonly maxTimestampMs: number;
  readonly producerId: number;
  readonly firstSequence: number;
}

/**
 * Writes the header into the first bytes of `bytes`, whose payload is already in place.
 * The checksum is taken over the payload, so nothing may change it afterwards.
 */
export function writeBatchHeader(bytes: Uint8Array, fields: BatchFields): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  setBaseOffset(bytes, 0, 0);
  view.setInt32(8, bytes.length - BATCH_PREAMBLE_BYTES);
  view.setInt32(12, -1);
  view.setInt8(16, BATCH_MAGIC);
  view.setInt16(21, BATCH_CODECS.indexOf(fields.codec));
  view.setInt32(23, fields.recordCount - 1);
  setI64(view, 27, fields.firstTimestampMs);
  setI64(view, 35, fields.maxTimestampMs);
  setI64(view, 43, fields.producerId);
  view.setInt16(51, fields.producerId < 0 ? -1 : 0);
  view.setInt32(53, fields.firstSequence);
  view.setUint32(17, crc32c(bytes, CHECKED_FROM, bytes.length));
}

function i64(view: DataView, at: number): number {
  return view.getInt32(at) * TWO_32 + view.getUint32(at + 4);
}

function setI64(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / TWO_32));
  view.setUint32(at + 4, value >>> 0);
}
