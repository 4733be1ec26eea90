/**
 * Processing time as the engine sees it. It runs with the system's clock while everything written
 * to the source topics has been processed, and stands still while records wait unread: at a start,
 * a replay, a lost connection. So a topic looks idle only when nothing was written to it, and the
 * records that waited are not late.
 */

/** The most that one step may add: several look-ups in a row, not the time that was spent behind. */
const STEP_MS_MAX = 250;

export class ProcessingClock {
  #nowMs: number;
  #seenMs: number;

  /** @param startMs the system's time, epoch milliseconds */
  constructor(startMs: number) {
    this.#nowMs = startMs;
    this.#seenMs = startMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Everything written before `seenMs` (the system's time) has been processed. */
  caughtUp(seenMs: number): void {
    const step = Math.min(Math.max(seenMs - this.#seenMs, 0), STEP_MS_MAX);
    this.#nowMs += step;
    this.#seenMs = seenMs;
  }
}
