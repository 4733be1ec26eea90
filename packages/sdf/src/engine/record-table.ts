/**
 * The tables in which records cross between host and module: one record after another, unaligned,
 * little-endian, a fixed header before key and value. See ABI.md.
 */

export interface InputRecord {
  readonly offset: number;
  /** The record's time in Fluvio, epoch milliseconds. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array;
}

export interface OutputRecord {
  /** Index in the plan's sinks. */
  readonly sink: number;
  /** Event time of the output, epoch milliseconds. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array;
}

/** One record that an operator or a schema refused. */
export interface RejectedEntry {
  readonly source: number;
  /** Index in the table of the `process` call; `undefined` when a window's flush failed. */
  readonly index: number | undefined;
  /** Index in the plan's operators; `undefined` when none was in work. */
  readonly operator: number | undefined;
  readonly reason: string;
}

const HEADER_BYTES = 24;
const NO_KEY = 0xffff_ffff;
const NONE = 0xffff_ffff;

/** Bytes that one record takes in a table. */
export function tableBytes(record: InputRecord): number {
  return HEADER_BYTES + (record.key?.length ?? 0) + record.value.length;
}

export interface TableRoom {
  /** Where the table starts, and where it has to end. */
  readonly at: number;
  readonly end: number;
}

/**
 * Writes records from index `from` on into `memory`, as many as there is room for.
 * @returns the index of the first record that was not written, and the position after the last byte
 */
export function writeTable(
  memory: Uint8Array,
  batch: {
    readonly records: readonly InputRecord[];
    readonly partition: number;
    readonly watermark?: number;
  },
  from: number,
  room: TableRoom,
): { readonly to: number; readonly end: number } {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  const { records, watermark = batch.partition } = batch;
  let at = room.at;
  let index = from;
  for (; index < records.length; index += 1) {
    const { key, timestamp, value } = records[index] as InputRecord;
    const keyLength = key === null ? 0 : key.length;
    const valueAt = at + HEADER_BYTES + keyLength;
    if (valueAt + value.length > room.end) break;
    view.setUint32(at, key === null ? NO_KEY : keyLength, true);
    view.setUint32(at + 4, value.length, true);
    view.setFloat64(at + 8, timestamp, true);
    view.setUint32(at + 16, watermark, true);
    view.setUint32(at + 20, 0, true);
    if (key !== null) memory.set(key, at + HEADER_BYTES);
    memory.set(value, valueAt);
    at = valueAt + value.length;
  }
  return { to: index, end: at };
}

/** Reads a table of outputs. Keys and values are views of `bytes`. */
export function readOutputTable(bytes: Uint8Array): OutputRecord[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: OutputRecord[] = [];
  let at = 0;
  while (at < bytes.length) {
    const keyLength = view.getUint32(at, true);
    const valueLength = view.getUint32(at + 4, true);
    const timestamp = view.getFloat64(at + 8, true);
    const sink = view.getUint32(at + 20, true);
    const keyAt = at + HEADER_BYTES;
    const valueAt = keyAt + (keyLength === NO_KEY ? 0 : keyLength);
    at = valueAt + valueLength;
    const key = keyLength === NO_KEY ? null : bytes.subarray(keyAt, valueAt);
    records.push({ sink, timestamp, key, value: bytes.subarray(valueAt, at) });
  }
  return records;
}

/** Reads a table of rejected records. */
export function readRejectedTable(bytes: Uint8Array): RejectedEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  const entries: RejectedEntry[] = [];
  let at = 0;
  while (at < bytes.length) {
    const source = view.getUint32(at, true);
    const index = view.getUint32(at + 4, true);
    const operator = view.getUint32(at + 8, true);
    const reasonAt = at + 16;
    at = reasonAt + view.getUint32(at + 12, true);
    entries.push({
      source,
      index: index === NONE ? undefined : index,
      operator: operator === NONE ? undefined : operator,
      reason: decoder.decode(bytes.subarray(reasonAt, at)),
    });
  }
  return entries;
}
