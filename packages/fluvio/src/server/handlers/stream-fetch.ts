/** StreamFetch: opens a stream. With nothing to send, nothing is sent. */
import { errorCode } from "../../wire/error-code.ts";
import { decodeStreamFetchRequest, encodeStreamPushHead } from "../../wire/stream-fetch.ts";
import type { StreamFetchRequest } from "../../wire/stream-fetch.ts";
import type { ErrorCode } from "../../wire/error-code.ts";
import { PartitionStream } from "../partition-stream.ts";
import type { RequestContext } from "../session.ts";

export function handleStreamFetch(context: RequestContext): void {
  const { broker, header, reader, session } = context;
  const request = decodeStreamFetchRequest(reader, header.version);
  const { topic: name, partition, offset, consumerId, smartModule } = request;
  const topic = broker.topics.get(name);
  const log = topic?.partitions[partition];
  if (topic === undefined || log === undefined) {
    refuse(context, request, errorCode("NotLeader"));
    return;
  }
  if (smartModule !== null) {
    refuse(context, request, errorCode("SmartModuleNotFound", smartModule.name));
    return;
  }
  const pushBytesMax = Math.max(1, Math.min(request.bytesMax, broker.settings.pushBytesMax));
  const stream = session.addStream(
    (id) =>
      new PartitionStream({
        id,
        topic: name,
        partition,
        consumerId,
        log,
        buffers: broker.buffers,
        fromOffset: offset,
        pushBytesMax,
        session,
        header,
        report: broker.log,
      }),
  );
  stream.start();
}

function refuse(context: RequestContext, request: StreamFetchRequest, error: ErrorCode): void {
  const { topic, partition } = request;
  context.respond((writer) => {
    const offsets = { highWatermark: -1, nextFilterOffset: -1, logStart: -1 };
    encodeStreamPushHead(writer, { topic, streamId: 0, partition, error, ...offsets }, 0);
  });
}
