/**
 * FetchOffsets, key 1002 on the SPU: where partitions begin and end.
 *
 * Request:  vec{ string topic, vec u32 partitions }, option string consumer_id (v23 alone)
 * Response: vec{ string topic, vec{ i16 error, u32 partition, i64 start, i64 last_stable } }
 *
 * With a consumer id, an older server answers the consumer's next offset as `start`.
 */
import { decodeErrorCode, encodeErrorCode, type ErrorCode } from "./error-code.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** Versions 22 and 24 and later do not carry the consumer id. */
const CONSUMER_ID_VERSION = 23;

export interface FetchOffsetsRequest {
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
  readonly consumerId: string | null;
}

export interface PartitionOffsets {
  readonly error: ErrorCode;
  readonly partition: number;
  readonly start: number;
  /** The offset that the next durable record will get. */
  readonly end: number;
}

export interface FetchOffsetsResponse {
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly PartitionOffsets[];
  }[];
}

export function encodeFetchOffsetsRequest(
  writer: Writer,
  request: FetchOffsetsRequest,
  version: number,
): void {
  writer.vec(request.topics, (topic) => {
    writer.string(topic.topic);
    writer.vec(topic.partitions, (partition) => writer.u32(partition));
  });
  if (version === CONSUMER_ID_VERSION) {
    writer.option(request.consumerId, (id) => writer.string(id));
  }
}

export function decodeFetchOffsetsRequest(reader: Reader, version: number): FetchOffsetsRequest {
  return {
    topics: reader.vec(
      () => ({ topic: reader.string(), partitions: reader.vec(() => reader.u32(), 4) }),
      6,
    ),
    consumerId: version === CONSUMER_ID_VERSION ? reader.option(() => reader.string()) : null,
  };
}

export function encodeFetchOffsetsResponse(writer: Writer, response: FetchOffsetsResponse): void {
  writer.vec(response.topics, (topic) => {
    writer.string(topic.topic);
    writer.vec(topic.partitions, (partition) => {
      encodeErrorCode(writer, partition.error);
      writer.u32(partition.partition);
      writer.i64(partition.start);
      writer.i64(partition.end);
    });
  });
}

export function decodeFetchOffsetsResponse(reader: Reader): FetchOffsetsResponse {
  return {
    topics: reader.vec(
      () => ({
        topic: reader.string(),
        partitions: reader.vec(
          () => ({
            error: decodeErrorCode(reader),
            partition: reader.u32(),
            start: reader.i64(),
            end: reader.i64(),
          }),
          22,
        ),
      }),
      6,
    ),
  };
}
