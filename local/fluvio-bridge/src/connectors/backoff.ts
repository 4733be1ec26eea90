/** How long to wait before the next try. Each grows from try to try up to a named end. */

export interface Backoff {
  /** Milliseconds to wait before the next try. */
  next(): number;
  /** After a success: start over. */
  reset(): void;
}

/** 20, 30, 50, 80, 130 … ms, as http-source waits between connects, but with an upper end. */
export function fibonacciBackoff(maxMs: number): Backoff {
  let [last, current] = [10, 20];
  return {
    next() {
      const waitMs = Math.min(current, maxMs);
      if (current < maxMs) [last, current] = [current, last + current];
      return waitMs;
    },
    reset() {
      [last, current] = [10, 20];
    },
  };
}

/** `minMs`, then one and a half times as long at each further try, up to `maxMs`. */
export function exponentialBackoff(minMs: number, maxMs: number): Backoff {
  const FACTOR = 1.5;
  let waitMs = minMs;
  return {
    next() {
      const current = Math.min(waitMs, maxMs);
      waitMs = Math.min(waitMs * FACTOR, maxMs);
      return current;
    },
    reset() {
      waitMs = minMs;
    },
  };
}
