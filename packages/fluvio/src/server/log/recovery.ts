/**
 * What a log does when it is opened: checks its last segment batch by batch, cuts off what a crash
 * left unfinished, and learns which numbered batches came last. Earlier segments were synced before
 * the next began, so they are not checked.
 */
import { isBatchIntact } from "../../wire/batch.ts";
import type { Log } from "../log-line.ts";
import type { ProducerWindow } from "./producer-window.ts";
import { scanBatches } from "./scan.ts";
import type { Segment } from "./segment.ts";
import { SparseIndex } from "./sparse-index.ts";

/**
 * How far back from the end numbered batches are looked for: a producer that sends again what it
 * had under way must be recognised, across segments however short.
 */
const PRODUCER_SCAN_BYTES = 8 * 1024 * 1024;

/** Learns from the segments before the last which numbered batches came last. */
export async function recoverProducers(
  segments: readonly Segment[],
  producers: ProducerWindow,
): Promise<void> {
  let first = segments.length - 1;
  let bytes = segments[first]?.bytes ?? 0;
  while (first > 0 && bytes < PRODUCER_SCAN_BYTES) {
    first -= 1;
    bytes += segments[first]?.bytes ?? 0;
  }
  for (const segment of segments.slice(first, -1)) {
    await scanBatches(await segment.file(), segment.bytes, ({ header }) => {
      producers.add(header, header.baseOffset);
      return true;
    });
  }
}

/**
 * Checks the last segment whole and cuts off what was not finished.
 * @returns the offset that the next record will get
 */
export async function recoverTail(
  segment: Segment,
  producers: ProducerWindow,
  { dir, log }: { readonly dir: string; readonly log: Log },
): Promise<number> {
  const file = await segment.file();
  const index = new SparseIndex();
  let end = segment.base;
  const good = await scanBatches(file, segment.bytes, ({ header, bytes, position }) => {
    if (header.baseOffset !== end || !isBatchIntact(bytes, header)) return false;
    index.add(end, position);
    producers.add(header, end);
    end += header.recordCount;
    return true;
  });
  segment.adoptIndex(index);
  if (good < segment.bytes) {
    log({
      level: "warn",
      message: "cut off a torn tail: its last write was not finished, and not acknowledged",
      fields: { dir, keptBytes: good, cutBytes: segment.bytes - good, end },
    });
    await file.truncate(good);
    await file.datasync();
  }
  segment.bytes = good;
  return end;
}
