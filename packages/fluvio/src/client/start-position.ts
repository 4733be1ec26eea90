/** Where a consumer begins. */
import { FluvioError } from "./fluvio-error.ts";

export type StartPosition =
  | "beginning"
  /** Only what is produced from now on. */
  | "end"
  /** The offset to begin at, per partition; partitions that are not named begin at the beginning. */
  | { readonly absolute: Readonly<Record<number, number>> }
  /** That many records after the beginning of each partition. */
  | { readonly fromBeginning: number }
  /** That many records before the end of each partition. */
  | { readonly fromEnd: number };

export interface ConsumerOptions {
  /** Default `all`. */
  readonly partitions?: "all" | readonly number[];
  readonly start: StartPosition;
  /** Names the consumer: it goes on after its last commit, wherever `start` says. */
  readonly consumerId?: string;
  /** Most bytes of batches in one push. Default 3 MiB. */
  readonly fetchBytesMax?: number;
  /** Bytes received but not taken yet, beyond which no more are asked for. Default 6 MiB. */
  readonly prefetchBytesMax?: number;
  /** How long the cluster may be unreachable before the iterator rejects. Default 60 s. */
  readonly giveUpAfterMs?: number;
}

/**
 * The offset to begin at, never outside of the partition: what retention has deleted is gone, and
 * an offset beyond the end would wait for records that may never come.
 */
export function resolveStart(
  position: StartPosition,
  partition: number,
  range: { readonly start: number; readonly end: number },
): number {
  return clamp(unclamped(position, partition, range), range);
}

/** `offset`, moved into the range when it lies outside. */
export function clamp(
  offset: number,
  range: { readonly start: number; readonly end: number },
): number {
  return Math.min(Math.max(offset, range.start), range.end);
}

function unclamped(
  position: StartPosition,
  partition: number,
  { start, end }: { readonly start: number; readonly end: number },
): number {
  if (position === "beginning") return start;
  if (position === "end") return end;
  if ("absolute" in position) return check(position.absolute[partition] ?? start);
  if ("fromBeginning" in position) return start + check(position.fromBeginning);
  return end - check(position.fromEnd);
}

function check(offset: number): number {
  if (Number.isSafeInteger(offset) && offset >= 0) return offset;
  throw new FluvioError("InvalidArgument", `an offset must be a whole number >= 0, not ${offset}`);
}
