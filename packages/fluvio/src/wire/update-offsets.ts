/**
 * UpdateOffsets, key 1005: a consumer asks for the next push of its streams.
 *
 * Request:  vec{ i64 next_offset, u32 stream_id }
 * Response: vec{ u32 stream_id, i16 error }
 */
import { decodeErrorCode, encodeErrorCode, type ErrorCode } from "./error-code.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

export interface OffsetUpdate {
  readonly nextOffset: number;
  readonly streamId: number;
}

export interface OffsetUpdateResult {
  readonly streamId: number;
  readonly error: ErrorCode;
}

export function encodeUpdateOffsetsRequest(writer: Writer, updates: readonly OffsetUpdate[]): void {
  writer.vec(updates, (update) => {
    writer.i64(update.nextOffset);
    writer.u32(update.streamId);
  });
}

export function decodeUpdateOffsetsRequest(reader: Reader): OffsetUpdate[] {
  return reader.vec(() => ({ nextOffset: reader.i64(), streamId: reader.u32() }), 12);
}

export function encodeUpdateOffsetsResponse(
  writer: Writer,
  results: readonly OffsetUpdateResult[],
): void {
  writer.vec(results, (result) => {
    writer.u32(result.streamId);
    encodeErrorCode(writer, result.error);
  });
}

export function decodeUpdateOffsetsResponse(reader: Reader): OffsetUpdateResult[] {
  return reader.vec(() => ({ streamId: reader.u32(), error: decodeErrorCode(reader) }), 6);
}
