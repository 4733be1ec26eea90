/**
 * Produce, key 0, version 23 (and up to 25, where only SmartModules differ).
 *
 * Request:  option string transaction, i16 acks (1 or -1), i32 timeout_ms,
 *           vec{ string topic, vec{ u32 partition, i32 length, batches } }, vec smartmodules
 * Response: vec{ string topic, vec{ u32 partition, i16 error, i64 base_offset,
 *           i64 log_append_time, i64 log_start_offset } }, i32 throttle_ms
 *
 * Clients send one entry per batch, so a partition may repeat; answers follow the same order.
 */
import { decodeErrorCode, encodeErrorCode, type ErrorCode } from "./error-code.ts";
import type { Reader } from "./reader.ts";
import { decodeSmartModules, type SmartModuleUse } from "./smartmodules.ts";
import { WireError } from "./wire-error.ts";
import type { Writer } from "./writer.ts";

export interface ProduceEntry {
  readonly partition: number;
  /** Batches one after another; a view of the message. */
  readonly batches: Uint8Array;
}

export interface ProduceTopic {
  readonly topic: string;
  readonly entries: readonly ProduceEntry[];
}

export interface ProduceRequest {
  readonly acks: number;
  readonly timeoutMs: number;
  readonly topics: readonly ProduceTopic[];
  readonly smartModule: SmartModuleUse | null;
}

export interface ProduceResult {
  readonly partition: number;
  readonly error: ErrorCode;
  readonly baseOffset: number;
  readonly logAppendTimeMs: number;
  readonly logStart: number;
}

export interface ProduceResponse {
  readonly topics: readonly {
    readonly topic: string;
    readonly results: readonly ProduceResult[];
  }[];
  readonly throttleMs: number;
}

/** Writes a request without SmartModules, its batches by reference. */
export function encodeProduceRequest(
  writer: Writer,
  request: Omit<ProduceRequest, "smartModule">,
): void {
  writer.bool(false);
  writer.i16(request.acks);
  writer.i32(request.timeoutMs);
  writer.vec(request.topics, (topic) => {
    writer.string(topic.topic);
    writer.vec(topic.entries, (entry) => {
      writer.u32(entry.partition);
      writer.i32(entry.batches.length);
      writer.reference(entry.batches);
    });
  });
  writer.u32(0);
}

export function decodeProduceRequest(reader: Reader): ProduceRequest {
  reader.option(() => reader.string());
  return {
    acks: reader.i16(),
    timeoutMs: reader.i32(),
    topics: reader.vec(
      () => ({ topic: reader.string(), entries: reader.vec(() => decodeEntry(reader), 8) }),
      6,
    ),
    smartModule: decodeSmartModules(reader),
  };
}

function decodeEntry(reader: Reader): ProduceEntry {
  const partition = reader.u32();
  const length = reader.i32();
  if (length < 0) throw new WireError("invalid", `a record set's length is ${length}`);
  return { partition, batches: reader.bytes(length) };
}

export function encodeProduceResponse(writer: Writer, response: ProduceResponse): void {
  writer.vec(response.topics, (topic) => {
    writer.string(topic.topic);
    writer.vec(topic.results, (result) => {
      writer.u32(result.partition);
      encodeErrorCode(writer, result.error);
      writer.i64(result.baseOffset);
      writer.i64(result.logAppendTimeMs);
      writer.i64(result.logStart);
    });
  });
  writer.i32(response.throttleMs);
}

export function decodeProduceResponse(reader: Reader): ProduceResponse {
  return {
    topics: reader.vec(
      () => ({
        topic: reader.string(),
        results: reader.vec(
          () => ({
            partition: reader.u32(),
            error: decodeErrorCode(reader),
            baseOffset: reader.i64(),
            logAppendTimeMs: reader.i64(),
            logStart: reader.i64(),
          }),
          30,
        ),
      }),
      6,
    ),
    throttleMs: reader.i32(),
  };
}
