/** UpdateOffsets: a consumer has taken a push and asks for the next. */
import { errorCode, NO_ERROR } from "../../wire/error-code.ts";
import {
  decodeUpdateOffsetsRequest,
  encodeUpdateOffsetsResponse,
} from "../../wire/update-offsets.ts";
import type { RequestContext } from "../session.ts";

export function handleUpdateOffsets({ reader, respond, session }: RequestContext): void {
  const updates = decodeUpdateOffsetsRequest(reader);
  const results = updates.map(({ streamId }) => ({
    streamId,
    error: session.stream(streamId) === undefined ? errorCode("FetchSessionNotFound") : NO_ERROR,
  }));
  respond((writer) => encodeUpdateOffsetsResponse(writer, results));
  for (const { streamId, nextOffset } of updates) session.stream(streamId)?.acknowledge(nextOffset);
}
