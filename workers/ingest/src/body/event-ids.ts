/**
 * Ids for events that came without one. A request has a series of them, which is a small value: it can
 * be stored with the request and gives every event the same id again.
 */

/** The id of the event at a place in the request is `prefix`, the place in hexadecimal, `suffix`. */
export interface IdSeries {
  readonly prefix: string;
  /** Digits of the place. */
  readonly digits: number;
  readonly suffix: string;
}

/** The bits that follow the time in a UUIDv7 count the events; a request has far fewer. */
const COUNTER_DIGITS = 3;

/**
 * Makes a series of UUIDv7, which sort by arrival: 62 random bits name the request, 12 count.
 * @param nowMs epoch milliseconds
 * @param random a random UUID (version 4), from which the random bits are taken
 */
export function eventIds(nowMs: number, random: string = crypto.randomUUID()): IdSeries {
  const hex = nowMs.toString(16).padStart(12, "0");
  const suffix = random.slice(18);
  return { prefix: `${hex.slice(0, 8)}-${hex.slice(8)}-7`, digits: COUNTER_DIGITS, suffix };
}

/** Bytes of the digest that name a request; the rest of an id names the event's place in it. */
const DIGEST_BYTES = 12;
const PLACE_DIGITS = 8;

/**
 * Makes the series (UUIDv8) of a request that carries an `Idempotency-Key`: the same key gives the
 * same ids, so that a request sent again is recognised event by event, wherever it was cut short.
 */
export async function repeatableIds(scope: {
  readonly title: string;
  readonly key: string;
}): Promise<IdSeries> {
  const name = new TextEncoder().encode(JSON.stringify([scope.title, scope.key]));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", name));
  const hex = Array.from(digest.subarray(0, DIGEST_BYTES), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  const head = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(12, 15)}-8${hex.slice(15, 18)}`;
  return { prefix: `${head}-${hex.slice(18, 22)}`, digits: PLACE_DIGITS, suffix: "" };
}

/** The id of the event at a place in the request: characters that need no escaping in JSON. */
export function idAt({ prefix, digits, suffix }: IdSeries, index: number): string {
  return prefix + index.toString(16).padStart(digits, "0") + suffix;
}
