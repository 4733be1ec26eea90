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

/**
 * Writes records `from` to `to` (exclusive) into `memory` at `at`.
 * @returns the position after the last byte written
 */
export function writeTable(
  memory: Uint8Array,
  options: {
    readonly at: number;
    readonly records: readonly InputRecord[];
    readonly from: number;
    readonly to: number;
    readonly partition: number;
  },
): number {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  const { records, partition, to } = options;
  let at = options.at;
  for (let index = options.from; index < to; index += 1) {
    const record = records[index] as InputRecord;
    const key = record.key;
    view.setUint32(at, key === null ? NO_KEY : key.length, true);
    view.setUint32(at + 4, record.value.length, true);
    view.setFloat64(at + 8, record.timestamp, true);
    view.setUint32(at + 16, partition, true);
    view.setUint32(at + 20, 0, true);
    at += HEADER_BYTES;
    if (key !== null) {
      memory.set(key, at);
      at += key.length;
    }
    memory.set(record.value, at);
    at += record.value.length;
  }
  return at;
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
