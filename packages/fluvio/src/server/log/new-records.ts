import { compress, decompress } from "../../compression/index.ts";
import { type BatchHeader, readBatchHeader, SEQUENCE_END } from "../../wire/batch.ts";
import { BatchBuilder, readRecords, type WireRecord } from "../../wire/records.ts";
import { WireError } from "../../wire/wire-error.ts";
import type { ProducerWindow } from "./producer-window.ts";

/** Batches on their way into the log. */
export interface Numbered {
  bytes: Uint8Array;
  headers: readonly BatchHeader[];
  /** Of the first record that is new. */
  baseOffset: number;
  /** Nothing is new. */
  isRepeated: boolean;
  /** Records before `baseOffset` that the log had already. */
  leftOut: number;
}

/** Cuts off what the log has already; several batches at once are taken as they are. */
export function leaveOutRepeated(batch: Numbered, producers: ProducerWindow): void {
  const [header] = batch.headers;
  if (header === undefined || batch.headers.length > 1) return;
  const repeated = producers.find(header);
  if (repeated === undefined) return;
  batch.isRepeated = repeated.records === header.recordCount;
  if (batch.isRepeated) {
    batch.baseOffset = repeated.lastOffset + 1 - header.recordCount;
    return;
  }
  const rest = withoutFirst(batch.bytes, header, repeated.records);
  if (rest === undefined) return;
  batch.bytes = rest;
  batch.headers = [readBatchHeader(rest, 0)];
  batch.leftOut = repeated.records;
}

/** The batch without its first records; `undefined` when they cannot be read. */
function withoutFirst(
  bytes: Uint8Array,
  header: BatchHeader,
  count: number,
): Uint8Array | undefined {
  const { at, payloadAt, codec, producerId } = header;
  const records: WireRecord[] = [];
  try {
    const payload = decompress(codec, bytes.subarray(payloadAt, at + header.bytes));
    readRecords(payload, header, header.baseOffset + count, records);
  } catch (cause) {
    if (cause instanceof WireError) return undefined;
    throw cause;
  }
  const builder = new BatchBuilder();
  for (const { key, value, timestamp } of records) {
    builder.append({ key, value, timestampMs: timestamp });
  }
  const firstSequence = (header.firstSequence + count) % SEQUENCE_END;
  const compressed = compress(codec, builder.payload());
  return builder.finish({ codec, producerId, firstSequence }, compressed);
}
