/**
 * Saves the positions a sink has processed: not at every record, but never later than one flush
 * period after it, and at the end. What is processed and not saved comes again after a crash.
 */
export class OffsetCommitter {
  readonly #commit: (partition: number, offset: number) => Promise<void>;
  readonly #flushPeriodMs: number;
  readonly #onError: (error: unknown) => void;
  readonly #processed = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(options: {
    commit: (partition: number, offset: number) => Promise<void>;
    flushPeriodMs: number;
    /** A save that failed is tried again with the next one. */
    onError: (error: unknown) => void;
  }) {
    this.#commit = options.commit;
    this.#flushPeriodMs = options.flushPeriodMs;
    this.#onError = options.onError;
  }

  /** The record at this offset is done with. */
  processed(partition: number, offset: number): void {
    this.#processed.set(partition, offset);
    this.#timer ??= setTimeout(() => void this.flush(), this.#flushPeriodMs);
  }

  /** Saves now what is not saved yet. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushing = this.#flushing.then(() => this.#flush());
    return this.#flushing;
  }

  async #flush(): Promise<void> {
    const positions = [...this.#processed];
    for (const [partition, offset] of positions) {
      try {
        await this.#commit(partition, offset);
        if (this.#processed.get(partition) === offset) this.#processed.delete(partition);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
