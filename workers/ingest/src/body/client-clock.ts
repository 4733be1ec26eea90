/**
 * The client's clock. A client that sends its own time with a request, in the header `X-Client-Time`,
 * has its events' times corrected by the difference to ours.
 */
import { parseTime, type Clock } from "@arenaflow/events";

import type { Principal } from "../auth/keys.ts";
import { INGEST_LIMITS } from "../limits.ts";
import { Problem } from "../problem.ts";

export const CLOCK_HEADER = "x-client-time";
const DIGITS = /^\d+$/;

/**
 * @returns what is known of the clock, or `undefined` when times are to be taken as they are
 * @throws Problem when the header says something else than a time
 */
export function clockOf(
  header: string | undefined,
  { principal, receivedMs }: { principal: Principal; receivedMs: number },
): Clock | undefined {
  if (keepsTimes(principal)) return { keepTimes: true };
  if (header === undefined || header === "") return undefined;
  const clientMs = parseTime(DIGITS.test(header) ? Number(header) : header);
  if (clientMs === undefined) {
    const expected = "ISO 8601 with a zone, or epoch milliseconds";
    throw new Problem(
      "invalid_header",
      `The header X-Client-Time is ${JSON.stringify(header)}, expected ${expected}. Send the client's time, or leave the header out.`,
      { field: CLOCK_HEADER, expected, got: header },
    );
  }
  const behindMs = receivedMs - clientMs;
  // What a request takes on its way is no fault of the clock.
  return Math.abs(behindMs) <= INGEST_LIMITS.clockToleranceMs ? undefined : { behindMs };
}

/** A key that may backfill and not write brings history: all of its times are kept. */
function keepsTimes({ roles }: Principal): boolean {
  return roles.includes("backfill") && !roles.includes("write");
}
