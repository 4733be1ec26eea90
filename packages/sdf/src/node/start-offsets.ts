/** Where to read on: the checkpoint's offsets where it has them, the dataflow's own start elsewhere. */
import type { PlanSource } from "../engine/index.ts";
import type { Log } from "./log.ts";
import { RunnerError } from "./runner-error.ts";

/** What a partition holds: `end` is the offset that the next record will get. */
export interface PartitionRange {
  readonly partition: number;
  readonly start: number;
  readonly end: number;
}

export interface StartOptions {
  readonly source: PlanSource;
  readonly ranges: readonly PartitionRange[];
  /** Next offsets by partition; `undefined` on the first run. */
  readonly saved: Readonly<Record<number, number>> | undefined;
  readonly checkpointDir: string;
  readonly log: Log;
}

/**
 * Decides the next offset to read of each partition.
 * @throws RunnerError `checkpoint_refused` when the checkpoint is ahead of the topic: another topic
 * of the same name, or one that lost records
 */
export function startOffsets(options: StartOptions): Map<number, number> {
  const { source, saved } = options;
  const offsets = new Map<number, number>();
  for (const range of options.ranges) {
    const next = saved?.[range.partition];
    if (saved === undefined) {
      offsets.set(range.partition, firstOffset(source, range));
    } else if (next === undefined) {
      // Added since: everything in it is new.
      offsets.set(range.partition, range.start);
    } else {
      offsets.set(range.partition, savedOffset(next, range, options));
    }
  }
  return offsets;
}

function firstOffset(source: PlanSource, range: PartitionRange): number {
  const { position, value } = source.start;
  const wanted = { beginning: range.start + value, end: range.end - value, offset: value }[
    position
  ];
  return Math.min(Math.max(wanted, range.start), range.end);
}

function savedOffset(next: number, range: PartitionRange, options: StartOptions): number {
  const { topic } = options.source;
  const { partition } = range;
  if (next > range.end) {
    throw new RunnerError(
      "checkpoint_refused",
      `The checkpoint continues at offset ${next} of ${topic}/${partition}, but the topic ends at ${range.end}: it was created anew or has lost records. Remove ${options.checkpointDir} to start with empty state from what the topic holds.`,
    );
  }
  if (next < range.start) {
    options.log({
      level: "warn",
      message: `Records ${next} to ${range.start - 1} of ${topic}/${partition} were removed before this dataflow read them; going on at ${range.start}. Give the topic a longer retention.`,
      fields: { topic, partition, offset: next },
    });
    return range.start;
  }
  return next;
}
