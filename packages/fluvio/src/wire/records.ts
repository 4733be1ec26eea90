/**
 * Records inside a batch's payload (after u32 count), all varints zigzag:
 *
 * varint length, i8 attributes, varint timestamp_delta, varint offset_delta,
 * u8 has_key [varint length, key], varint length, value, varint headers (0)
 *
 * Both directions are hot: reading makes no copies, only views; writing appends to one buffer.
 */
import {
  BATCH_HEADER_BYTES,
  type BatchHeader,
  writeBatchHeader,
  type BatchFields,
} from "./batch.ts";
import { WireError } from "./wire-error.ts";

export interface WireRecord {
  readonly offset: number;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array;
}

const COUNT_BYTES = 4;
const BUILDER_BYTES_INITIAL = 4096;
/** Most bytes a record can take beside its key and value: five varints of ten bytes, two flags. */
export const RECORD_OVERHEAD_BYTES_MAX = 64;

/** Position in a payload while reading varints: one cursor instead of a pair per varint. */
class Cursor {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** A zigzag varint. Up to 28 bits with integer arithmetic, beyond that with floats to 2^53. */
  varint(): number {
    const { bytes } = this;
    let at = this.at;
    let raw = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = bytes[at] ?? 0x80;
      at += 1;
      raw |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.at = at;
        return (raw >>> 1) ^ -(raw & 1);
      }
    }
    return this.#longVarint(at, raw);
  }

  #longVarint(from: number, low: number): number {
    let at = from;
    let raw = low;
    for (let scale = 2 ** 28; scale <= 2 ** 63; scale *= 128) {
      const byte = this.bytes[at];
      if (byte === undefined) throw new WireError("truncated", "a varint is cut");
      at += 1;
      raw += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        this.at = at;
        return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
      }
    }
    throw new WireError("invalid", "a varint is longer than ten bytes");
  }
}

/**
 * Appends the records of one batch to `into`.
 * @param payload the batch's payload, decompressed: u32 count + records
 * @param fromOffset records before this offset are left out
 */
export function readRecords(
  payload: Uint8Array,
  header: BatchHeader,
  fromOffset: number,
  into: WireRecord[],
): void {
  if (payload.length < COUNT_BYTES) throw new WireError("truncated", "a batch has no record count");
  const { buffer, byteOffset } = payload;
  const count = new DataView(buffer, byteOffset, COUNT_BYTES).getUint32(0);
  const cursor = new Cursor(payload);
  cursor.at = COUNT_BYTES;
  for (let index = 0; index < count; index += 1) {
    const length = cursor.varint();
    const end = cursor.at + length;
    if (length < 0 || end > payload.length) throw new WireError("truncated", "a record is cut");
    cursor.at += 1;
    const timestamp = header.firstTimestampMs + cursor.varint();
    const offset = header.baseOffset + cursor.varint();
    const hasKey = payload[cursor.at] === 1;
    cursor.at += 1;
    const key = hasKey ? takeBytes(cursor, end, buffer) : null;
    const value = takeBytes(cursor, end, buffer);
    if (offset >= fromOffset) into.push({ offset, timestamp, key, value });
    cursor.at = end;
  }
}

/** @param buffer that of the cursor's bytes: asking them for it is a call out of compiled code */
function takeBytes(cursor: Cursor, end: number, buffer: ArrayBufferLike): Uint8Array {
  const length = cursor.varint();
  const at = cursor.at;
  if (length < 0 || at + length > end) throw new WireError("truncated", "a record's bytes are cut");
  cursor.at = at + length;
  // Not subarray(): on Node's Buffer that makes another Buffer, at several times the cost.
  return new Uint8Array(buffer, cursor.bytes.byteOffset + at, length);
}

/** Collects records into one batch. */
export class BatchBuilder {
  #bytes: Uint8Array;
  #at = BATCH_HEADER_BYTES + COUNT_BYTES;
  #count = 0;
  #firstTimestampMs = 0;
  #maxTimestampMs = 0;

  /** @param buffer where to build; whatever it holds is overwritten, and it is left when too small */
  constructor(buffer?: Uint8Array) {
    this.#bytes = buffer ?? new Uint8Array(BUILDER_BYTES_INITIAL);
  }

  /** The buffer that the batch is in, to be used again once nothing refers to the batch. */
  get buffer(): Uint8Array {
    return this.#bytes;
  }

  get recordCount(): number {
    return this.#count;
  }

  /** Size of the batch as it is, uncompressed. */
  get length(): number {
    return this.#at;
  }

  append(record: {
    readonly key: Uint8Array | null;
    readonly value: Uint8Array;
    readonly timestampMs: number;
  }): void {
    const { key, value, timestampMs } = record;
    if (this.#count === 0) {
      this.#firstTimestampMs = timestampMs;
      this.#maxTimestampMs = timestampMs;
    } else if (timestampMs > this.#maxTimestampMs) {
      this.#maxTimestampMs = timestampMs;
    }
    const timestampDelta = timestampMs - this.#firstTimestampMs;
    const keyBytes = key === null ? 0 : varintSize(key.length) + key.length;
    const length =
      3 +
      varintSize(timestampDelta) +
      varintSize(this.#count) +
      keyBytes +
      varintSize(value.length) +
      value.length;
    this.#reserve(length + RECORD_OVERHEAD_BYTES_MAX);
    const bytes = this.#bytes;
    let at = writeVarint(bytes, this.#at, length);
    bytes[at] = 0;
    at = writeVarint(bytes, at + 1, timestampDelta);
    at = writeVarint(bytes, at, this.#count);
    bytes[at] = key === null ? 0 : 1;
    at += 1;
    if (key !== null) {
      at = writeVarint(bytes, at, key.length);
      bytes.set(key, at);
      at += key.length;
    }
    at = writeVarint(bytes, at, value.length);
    bytes.set(value, at);
    at += value.length;
    bytes[at] = 0;
    this.#at = at + 1;
    this.#count += 1;
  }

  /** The payload: u32 count + records, uncompressed. */
  payload(): Uint8Array {
    this.#writeCount();
    return this.#bytes.subarray(BATCH_HEADER_BYTES, this.#at);
  }

  /**
   * The finished batch. Append nothing afterwards.
   * @param compressed the payload as `codec` compressed it; absent when it is stored as it is
   */
  finish(
    fields: Pick<BatchFields, "codec" | "producerId" | "firstSequence">,
    compressed?: Uint8Array,
  ): Uint8Array {
    this.#writeCount();
    let batch = this.#bytes.subarray(0, this.#at);
    if (compressed !== undefined) {
      batch = new Uint8Array(BATCH_HEADER_BYTES + compressed.length);
      batch.set(compressed, BATCH_HEADER_BYTES);
    }
    writeBatchHeader(batch, {
      ...fields,
      codec: compressed === undefined ? "none" : fields.codec,
      recordCount: this.#count,
      firstTimestampMs: this.#firstTimestampMs,
      maxTimestampMs: this.#maxTimestampMs,
    });
    return batch;
  }

  #writeCount(): void {
    const { buffer, byteOffset } = this.#bytes;
    new DataView(buffer, byteOffset + BATCH_HEADER_BYTES, COUNT_BYTES).setUint32(0, this.#count);
  }

  #reserve(length: number): void {
    const needed = this.#at + length;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
  }
}

/** Bytes of `value` as a zigzag varint. */
export function varintSize(value: number): number {
  if (value >= 0 && value < 64) return 1;
  if (value >= 0 && value < 8192) return 2;
  let raw = zigzag(value);
  let size = 1;
  while (raw >= 128) {
    raw = Math.floor(raw / 128);
    size += 1;
  }
  return size;
}

/** Writes `value` as a zigzag varint; returns the position behind it. */
export function writeVarint(bytes: Uint8Array, from: number, value: number): number {
  // Nearly all are lengths and deltas of one or two bytes.
  if (value >= 0 && value < 64) {
    bytes[from] = value << 1;
    return from + 1;
  }
  if (value >= 0 && value < 8192) {
    bytes[from] = ((value << 1) & 0x7f) | 0x80;
    bytes[from + 1] = value >>> 6;
    return from + 2;
  }
  return writeLongVarint(bytes, from, value);
}

function writeLongVarint(bytes: Uint8Array, from: number, value: number): number {
  let at = from;
  let raw = zigzag(value);
  // Beyond 31 bits the shifts below would wrap; such values are rare, so floats will do.
  while (raw > 0x7fff_ffff) {
    bytes[at] = (raw % 128) | 0x80;
    raw = Math.floor(raw / 128);
    at += 1;
  }
  while (raw >= 128) {
    bytes[at] = (raw & 0x7f) | 0x80;
    raw >>>= 7;
    at += 1;
  }
  bytes[at] = raw;
  return at + 1;
}

function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2;
}
