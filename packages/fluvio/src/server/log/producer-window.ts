/**
 * Tells records that a producer sent again from new ones: its answer was lost with the connection,
 * or it ended, and another that goes on with its numbers (it may cut its batches differently) sends
 * what was still on its way. Producers that number their batches are remembered with their last few;
 * all others are not.
 */
import { SEQUENCE_END } from "../../wire/batch.ts";

const PRODUCERS_MAX = 1024;
/** More than our client has under way for one partition: 6 requests of at most 32 batches. */
const BATCHES_PER_PRODUCER_MAX = 256;

interface Seen {
  readonly sequence: number;
  readonly records: number;
  readonly baseOffset: number;
}

/** What names the records of a producer that numbers them. */
export interface NumberedBatch {
  readonly producerId: number;
  readonly firstSequence: number;
  readonly recordCount: number;
}

export interface Repeated {
  /** How many records of the batch, from its first on, are in the log. */
  readonly records: number;
  /** Where the last of these is. */
  readonly lastOffset: number;
}

export class ProducerWindow {
  readonly #producers = new Map<number, Seen[]>();

  /** The records of a batch that the log has already; `undefined` when its first one is new. */
  find({ producerId, firstSequence, recordCount }: NumberedBatch): Repeated | undefined {
    const seen = producerId < 0 ? undefined : this.#producers.get(producerId);
    if (seen === undefined) return undefined;
    let repeated: Repeated | undefined;
    for (;;) {
      const records: number = repeated?.records ?? 0;
      if (records >= recordCount) return repeated;
      const next = (firstSequence + records) % SEQUENCE_END;
      const found = seen.findLast((batch) => distance(batch.sequence, next) < batch.records);
      if (found === undefined) return repeated;
      const behind = records + found.records - distance(found.sequence, next);
      const surplus = Math.max(0, behind - recordCount);
      repeated = {
        records: behind - surplus,
        lastOffset: found.baseOffset + found.records - 1 - surplus,
      };
    }
  }

  add({ producerId, firstSequence, recordCount }: NumberedBatch, baseOffset: number): void {
    if (producerId < 0) return;
    const seen = this.#producers.get(producerId) ?? [];
    seen.push({ sequence: firstSequence, records: recordCount, baseOffset });
    if (seen.length > BATCHES_PER_PRODUCER_MAX) seen.shift();
    // Deleting first moves the producer to the end: the map's order is that of last use.
    this.#producers.delete(producerId);
    this.#producers.set(producerId, seen);
    if (this.#producers.size > PRODUCERS_MAX) {
      const [oldest] = this.#producers.keys();
      if (oldest !== undefined) this.#producers.delete(oldest);
    }
  }

  /** Takes back batches from `baseOffset` on, which were not written after all. */
  forgetFrom(baseOffset: number): void {
    for (const [producerId, seen] of this.#producers) {
      const kept = seen.filter((batch) => batch.baseOffset < baseOffset);
      if (kept.length !== seen.length) this.#producers.set(producerId, kept);
    }
  }
}

/** How far number `to` is behind `from`, around the circle. */
function distance(from: number, to: number): number {
  return (to - from + SEQUENCE_END) % SEQUENCE_END;
}
