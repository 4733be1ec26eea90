/**
 * How far a dataflow's outputs have come. Every output has a number within its channel and
 * partition; the topic's batches bear these numbers. So after a crash the topics themselves tell
 * which outputs they have, and none is written twice.
 */
import { SEQUENCE_END, type Fluvio } from "@arenaflow/fluvio/client";

/** By topic. */
export interface OutputPositions {
  /** Part of the channels' producer ids; another one after a start from empty state. */
  readonly lineage: number;
  readonly topics: Readonly<Record<string, TopicPosition>>;
}

export interface TopicPosition {
  /** Partitions over which outputs were spread. */
  readonly partitions: number;
  /** By partition: outputs made after the checkpoint are here or behind. */
  readonly from: readonly number[];
  /** By channel and partition: outputs made so far. */
  readonly made: Readonly<Record<string, readonly number[]>>;
}

/**
 * Reads what a topic was given since a checkpoint.
 * @returns by partition and producer the number behind its last record
 */
export async function readWritten(
  fluvio: Fluvio,
  topic: string,
  from: readonly number[],
): Promise<Map<number, Map<number, number>>> {
  const written = new Map<number, Map<number, number>>();
  const ranges = await fluvio.offsets(topic);
  const unread = new Map<number, number>();
  for (const { partition, start, end } of ranges) {
    if (Math.max(from[partition] ?? 0, start) < end) unread.set(partition, end);
  }
  if (unread.size === 0) return written;
  const consumer = await fluvio.consumer(topic, {
    partitions: [...unread.keys()],
    start: { absolute: Object.fromEntries(from.entries()) },
  });
  try {
    for await (const { partition, records, runs } of consumer) {
      const producers = written.get(partition) ?? new Map<number, number>();
      written.set(partition, producers);
      for (const [index, { at, producerId, sequence }] of runs.entries()) {
        const count = (runs[index + 1]?.at ?? records.length) - at;
        producers.set(producerId, (sequence + count) % SEQUENCE_END);
      }
      const end = unread.get(partition);
      if (end !== undefined && (records.at(-1)?.offset ?? 0) + 1 >= end) unread.delete(partition);
      if (unread.size === 0) break;
    }
  } finally {
    await consumer.close();
  }
  return written;
}
