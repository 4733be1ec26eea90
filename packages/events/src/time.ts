/**
 * Event times. A client's clock is believed within a span around the arrival; outside of it the
 * arrival is the event's time and the client's claim is kept beside it.
 */
import { LIMITS } from "./limits.ts";

/** ISO 8601 with a date, a time and a zone, as `Date.parse` understands it: `2024-11-12T10:00:00Z`. */
const ISO_8601 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;

/** Smallest number taken for epoch milliseconds: 2001-09-09. Smaller ones are probably seconds. */
const EPOCH_MS_MIN = 1_000_000_000_000;
/** Largest number taken for epoch milliseconds: year 9999, the end of four-digit ISO years. */
const EPOCH_MS_MAX = 253_402_300_799_999;

/**
 * Reads an event time.
 * @param value ISO 8601 text with a zone, or epoch milliseconds
 * @returns epoch milliseconds, or `undefined` when it is neither
 */
export function parseTime(value: unknown): number | undefined {
  if (typeof value === "number") {
    return value >= EPOCH_MS_MIN && value <= EPOCH_MS_MAX ? Math.trunc(value) : undefined;
  }
  if (typeof value !== "string" || !ISO_8601.test(value)) return undefined;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? undefined : ms;
}

export interface EventTime {
  /** Epoch milliseconds that the event counts at. */
  readonly timeMs: number;
  /** True when the client's clock was taken to be wrong and arrival time is used. */
  readonly corrected: boolean;
}

/**
 * Decides the time an event counts at.
 * @param claimedMs what the client says, epoch milliseconds
 * @param receivedMs when it arrived, epoch milliseconds
 */
export function resolveEventTime(claimedMs: number, receivedMs: number): EventTime {
  const believable =
    claimedMs >= receivedMs - LIMITS.pastMsMax && claimedMs <= receivedMs + LIMITS.futureMsMax;
  return believable
    ? { timeMs: claimedMs, corrected: false }
    : { timeMs: receivedMs, corrected: true };
}
