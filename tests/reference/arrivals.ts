/**
 * What a stream does to a history: which events came late, and what was known when a window closed.
 * The watermark is the newest event time so far; a window closes one second after its end.
 */
const GRACE_MS = 1000;

export interface Arrival<E> {
  readonly event: E;
  readonly timeMs: number;
}

/** Start of the window of a length that a time lies in. */
export function windowStart(timeMs: number, lengthMs: number): number {
  return Math.floor(timeMs / lengthMs) * lengthMs;
}

/** Index of the arrival that closes the window, or how many there are when none does. */
function closedAt(arrivals: readonly Arrival<unknown>[], endMs: number): number {
  const index = arrivals.findIndex(({ timeMs }) => timeMs >= endMs + GRACE_MS);
  return index < 0 ? arrivals.length : index;
}

/** The arrivals that came in time for their window of a length. */
export function inTime<E>(arrivals: readonly Arrival<E>[], lengthMs: number): Arrival<E>[] {
  return arrivals.filter(
    ({ timeMs }, index) => index <= closedAt(arrivals, windowStart(timeMs, lengthMs) + lengthMs),
  );
}

/** The first of each id; those without an id are all real. */
export function once<E extends { readonly event_id?: string | undefined }>(
  arrivals: readonly Arrival<E>[],
): Arrival<E>[] {
  const seen = new Set<string>();
  return arrivals.filter(({ event: { event_id } }) => {
    if (event_id === undefined) return true;
    if (seen.has(event_id)) return false;
    seen.add(event_id);
    return true;
  });
}
