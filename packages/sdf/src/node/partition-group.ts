/** Groups of partitions: each has an engine, a thread and checkpoints of its own. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { RunnerError } from "./runner-error.ts";

export interface Group {
  readonly index: number;
  /** How many groups there are; 1: this one reads everything. */
  readonly count: number;
}

export const ONE_GROUP: Group = { index: 0, count: 1 };

const CHECKPOINT = /^checkpoint-\d+$/;
const GROUP_DIR = /^group-\d+-of-(\d+)$/;

export function inGroup(partition: number, { index, count }: Group): boolean {
  return partition % count === index;
}

/** Where a group's checkpoints are: of a single group in the folder itself. */
export function groupCheckpointDir(checkpointDir: string, { index, count }: Group): string {
  return count === 1 ? checkpointDir : join(checkpointDir, `group-${index}-of-${count}`);
}

/**
 * A checkpoint holds the state of all partitions of a group, so it cannot be dealt out anew.
 * @throws RunnerError `checkpoint_refused` when the folder has checkpoints of another number of groups
 */
export async function refuseOtherGroups(checkpointDir: string, count: number): Promise<void> {
  const names = await readdir(checkpointDir).catch(() => []);
  const counts = names.map((name) =>
    CHECKPOINT.test(name) ? 1 : Number(GROUP_DIR.exec(name)?.[1] ?? count),
  );
  const other = counts.find((found) => found !== count);
  if (other === undefined) return;
  throw new RunnerError(
    "checkpoint_refused",
    `The checkpoints in ${checkpointDir} are those of ${other} ${other === 1 ? "thread" : "threads"}, not of ${count}. Run the dataflow with ${other}, or name another folder to start with empty state.`,
  );
}
