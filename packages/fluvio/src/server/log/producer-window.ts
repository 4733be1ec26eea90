/**
 * Tells a batch that a producer sent again (its answer was lost with the connection) from a new
 * one. Producers that number their batches are remembered with their last few; all others are not.
 */
const PRODUCERS_MAX = 1024;
/** More than our client has under way for one partition: 6 requests of at most 32 batches. */
const BATCHES_PER_PRODUCER_MAX = 256;

interface Seen {
  readonly sequence: number;
  readonly records: number;
  readonly baseOffset: number;
}

/** What names a batch of a producer that numbers them. */
export interface NumberedBatch {
  readonly producerId: number;
  readonly firstSequence: number;
  /** A producer that was started anew may go on at the same number with a batch that holds more. */
  readonly recordCount: number;
}

export class ProducerWindow {
  readonly #producers = new Map<number, Seen[]>();

  /** Where the batch was put when it is a repetition; else `undefined`. */
  find({ producerId, firstSequence, recordCount }: NumberedBatch): number | undefined {
    if (producerId < 0) return undefined;
    const seen = this.#producers.get(producerId);
    return seen?.find(
      ({ sequence, records }) => sequence === firstSequence && records === recordCount,
    )?.baseOffset;
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
