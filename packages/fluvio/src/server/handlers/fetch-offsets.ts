/** FetchOffsets: where partitions begin and end. */
import { errorCode, NO_ERROR } from "../../wire/error-code.ts";
import {
  decodeFetchOffsetsRequest,
  encodeFetchOffsetsResponse,
  type PartitionOffsets,
} from "../../wire/fetch-offsets.ts";
import type { RequestContext } from "../session.ts";

export function handleFetchOffsets({ broker, header, reader, respond }: RequestContext): void {
  const { topics, consumerId } = decodeFetchOffsetsRequest(reader, header.version);
  const offsetsOf = (topic: string, partition: number): PartitionOffsets => {
    const log = broker.topics.get(topic)?.partitions[partition];
    if (log === undefined) {
      return { error: errorCode("PartitionNotLeader"), partition, start: 0, end: 0 };
    }
    const stored =
      consumerId === null ? undefined : broker.storedOffsets.get({ consumerId, topic, partition });
    const start = stored === undefined ? log.start : stored.offset + 1;
    return { error: NO_ERROR, partition, start, end: log.end };
  };
  const answers = topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((partition) => offsetsOf(topic, partition)),
  }));
  respond((writer) => encodeFetchOffsetsResponse(writer, { topics: answers }));
}
