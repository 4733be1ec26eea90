/** Stored offsets of named consumers: update through a stream of theirs, delete, fetch. */
import {
  decodeDeleteConsumerOffsetRequest,
  decodeFetchConsumerOffsetsRequest,
  decodeUpdateConsumerOffsetRequest,
  encodeFetchConsumerOffsetsResponse,
  encodeUpdateConsumerOffsetResponse,
} from "../../wire/consumer-offsets.ts";
import { encodeErrorCode, errorCode, NO_ERROR, type ErrorCode } from "../../wire/error-code.ts";
import type { RequestContext } from "../session.ts";

export async function handleUpdateConsumerOffset(context: RequestContext): Promise<void> {
  const { offset, streamId } = decodeUpdateConsumerOffsetRequest(context.reader);
  const error = await storeOffset(context, streamId, offset);
  context.respond((writer) => encodeUpdateConsumerOffsetResponse(writer, { offset, error }));
}

async function storeOffset(
  { broker, session }: RequestContext,
  streamId: number,
  offset: number,
): Promise<ErrorCode> {
  const stream = session.stream(streamId);
  if (stream === undefined) return errorCode("FetchSessionNotFound");
  const { consumerId, topic, partition } = stream;
  if (consumerId === null) return errorCode("OffsetManagementDisabled");
  const modifiedS = Math.floor(broker.now() / 1000);
  const row = { consumerId, topic, partition, offset, modifiedS };
  try {
    if (await broker.storedOffsets.set(row)) return NO_ERROR;
    return errorCode("Other", "no further consumer's offset can be stored: consumerOffsetsMax");
  } catch {
    return errorCode("StorageError");
  }
}

export async function handleDeleteConsumerOffset(context: RequestContext): Promise<void> {
  const key = decodeDeleteConsumerOffsetRequest(context.reader);
  await context.broker.storedOffsets.delete(key);
  context.respond((writer) => encodeErrorCode(writer, NO_ERROR));
}

export function handleFetchConsumerOffsets({
  broker,
  header,
  reader,
  respond,
}: RequestContext): void {
  const filter = decodeFetchConsumerOffsetsRequest(reader, header.version);
  const rows = broker.storedOffsets.list(filter);
  respond((writer) => encodeFetchConsumerOffsetsResponse(writer, { error: NO_ERROR, rows }));
}
