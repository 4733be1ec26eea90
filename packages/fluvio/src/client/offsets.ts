/** Calls about offsets: where partitions begin and end, and what named consumers stored. */
import { API_KEY, VERSION } from "../wire/api-keys.ts";
import {
  decodeFetchConsumerOffsetsResponse,
  encodeFetchConsumerOffsetsRequest,
} from "../wire/consumer-offsets.ts";
import { decodeFetchOffsetsResponse, encodeFetchOffsetsRequest } from "../wire/fetch-offsets.ts";
import type { Cluster } from "./cluster.ts";
import type { Connection } from "./connection.ts";
import { serverError } from "./fluvio-error.ts";

/** Where a partition begins, and the offset that its next record will get. */
export interface PartitionRange {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

/** Leads the stored offsets of all consumers. */
const OFFSETS_TOPIC = "consumer-offset";
const SPU_VERSIONS = { min: 22, max: VERSION.spu };
export const CONSUMER_OFFSET_VERSIONS = { min: 22, max: VERSION.consumerOffsets };

/** Asks one SPU about partitions that it leads. */
export async function fetchRanges(
  connection: Connection,
  topic: string,
  partitions: readonly number[],
): Promise<PartitionRange[]> {
  const version = connection.version(API_KEY.fetchOffsets, SPU_VERSIONS);
  const response = await connection.request({
    key: API_KEY.fetchOffsets,
    version,
    encode: (writer) =>
      encodeFetchOffsetsRequest(
        writer,
        { topics: [{ topic, partitions }], consumerId: null },
        version,
      ),
    decode: decodeFetchOffsetsResponse,
  });
  return response.topics.flatMap((answered) =>
    answered.partitions.map(({ error, partition, start, end }) => {
      if (error.name !== "None") throw serverError(error, `"${topic}" partition ${partition}`);
      return { partition, start, end };
    }),
  );
}

/** Asks the leaders of all partitions of a topic; the ranges are in the partitions' order. */
export async function fetchTopicRanges(cluster: Cluster, topic: string): Promise<PartitionRange[]> {
  const { leaders } = await cluster.layout(topic);
  const partitions = leaders.map((leader, partition) => ({ leader, partition }));
  const ranges: PartitionRange[] = [];
  for (const [leader, led] of Map.groupBy(partitions, (entry) => entry.leader)) {
    const connection = await cluster.spu(leader);
    const ids = led.map((entry) => entry.partition);
    ranges.push(...(await fetchRanges(connection, topic, ids)));
  }
  return ranges.toSorted((a, b) => a.partition - b.partition);
}

/** The last processed offset that a consumer stored, by partition. */
export async function fetchStoredOffsets(
  cluster: Cluster,
  topic: string,
  consumerId: string,
): Promise<Map<number, number>> {
  const { leaders } = await cluster.layout(OFFSETS_TOPIC);
  const connection = await cluster.spu(leaders[0] ?? 0);
  const version = connection.version(API_KEY.fetchConsumerOffsets, CONSUMER_OFFSET_VERSIONS);
  const response = await connection.request({
    key: API_KEY.fetchConsumerOffsets,
    version,
    encode: (writer) =>
      encodeFetchConsumerOffsetsRequest(writer, { replica: null, consumerId }, version),
    decode: decodeFetchConsumerOffsetsResponse,
  });
  if (response.error.name !== "None") {
    throw serverError(response.error, `stored offsets of consumer "${consumerId}"`);
  }
  // Older servers do not filter, so the rows of other consumers may be among them.
  const rows = response.rows.filter((row) => row.topic === topic && row.consumerId === consumerId);
  return new Map(rows.map((row) => [row.partition, row.offset]));
}
