/**
 * Stored offsets of named consumers (newer generation only). Offsets are those of the last record
 * that was processed; a consumer goes on at the one after.
 *
 * Update, key 1006 on the SPU:  i64 offset, u32 stream_id                 → i64 offset, i16 error
 * Delete, key 1007:             string topic, u32 partition, string id    → i16 error
 * Fetch,  key 1008 (filter v24): option{ option{ string topic, u32 partition }, option string id }
 *         → i16 error, vec{ string id, string topic, u32 partition, i64 offset, u64 modified_s }
 */
import { decodeErrorCode, encodeErrorCode, type ErrorCode } from "./error-code.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

const FILTER_VERSION_MIN = 24;

export interface UpdateConsumerOffsetRequest {
  readonly offset: number;
  readonly streamId: number;
}

export interface UpdateConsumerOffsetResponse {
  readonly offset: number;
  readonly error: ErrorCode;
}

export interface ConsumerOffsetKey {
  readonly consumerId: string;
  readonly topic: string;
  readonly partition: number;
}

export interface ConsumerOffsetRow extends ConsumerOffsetKey {
  readonly offset: number;
  readonly modifiedS: number;
}

export interface ConsumerOffsetFilter {
  readonly replica: { readonly topic: string; readonly partition: number } | null;
  readonly consumerId: string | null;
}

export interface FetchConsumerOffsetsResponse {
  readonly error: ErrorCode;
  readonly rows: readonly ConsumerOffsetRow[];
}

export function encodeUpdateConsumerOffsetRequest(
  writer: Writer,
  request: UpdateConsumerOffsetRequest,
): void {
  writer.i64(request.offset);
  writer.u32(request.streamId);
}

export function decodeUpdateConsumerOffsetRequest(reader: Reader): UpdateConsumerOffsetRequest {
  return { offset: reader.i64(), streamId: reader.u32() };
}

export function encodeUpdateConsumerOffsetResponse(
  writer: Writer,
  response: UpdateConsumerOffsetResponse,
): void {
  writer.i64(response.offset);
  encodeErrorCode(writer, response.error);
}

export function decodeUpdateConsumerOffsetResponse(reader: Reader): UpdateConsumerOffsetResponse {
  return { offset: reader.i64(), error: decodeErrorCode(reader) };
}

export function encodeDeleteConsumerOffsetRequest(writer: Writer, key: ConsumerOffsetKey): void {
  writer.string(key.topic);
  writer.u32(key.partition);
  writer.string(key.consumerId);
}

export function decodeDeleteConsumerOffsetRequest(reader: Reader): ConsumerOffsetKey {
  return { topic: reader.string(), partition: reader.u32(), consumerId: reader.string() };
}

export function encodeFetchConsumerOffsetsRequest(
  writer: Writer,
  filter: ConsumerOffsetFilter | null,
  version: number,
): void {
  if (version < FILTER_VERSION_MIN) return;
  writer.option(filter, ({ replica, consumerId }) => {
    writer.option(replica, ({ topic, partition }) => {
      writer.string(topic);
      writer.u32(partition);
    });
    writer.option(consumerId, (id) => writer.string(id));
  });
}

export function decodeFetchConsumerOffsetsRequest(
  reader: Reader,
  version: number,
): ConsumerOffsetFilter | null {
  if (version < FILTER_VERSION_MIN) return null;
  return reader.option(() => ({
    replica: reader.option(() => ({ topic: reader.string(), partition: reader.u32() })),
    consumerId: reader.option(() => reader.string()),
  }));
}

export function encodeFetchConsumerOffsetsResponse(
  writer: Writer,
  response: FetchConsumerOffsetsResponse,
): void {
  encodeErrorCode(writer, response.error);
  writer.vec(response.rows, (row) => {
    writer.string(row.consumerId);
    writer.string(row.topic);
    writer.u32(row.partition);
    writer.i64(row.offset);
    writer.u64(row.modifiedS);
  });
}

export function decodeFetchConsumerOffsetsResponse(reader: Reader): FetchConsumerOffsetsResponse {
  return {
    error: decodeErrorCode(reader),
    rows: reader.vec(
      () => ({
        consumerId: reader.string(),
        topic: reader.string(),
        partition: reader.u32(),
        offset: reader.i64(),
        modifiedS: reader.u64(),
      }),
      24,
    ),
  };
}
