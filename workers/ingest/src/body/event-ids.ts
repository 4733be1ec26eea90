/** Ids for events that came without one: UUIDv7, so that they sort by arrival. */
const COUNTER_MAX = 0x1000;

/**
 * Makes a source of ids for one request. Randomness is drawn once: 62 random bits name the request,
 * the 12 bits that follow the time count its events.
 * @param nowMs epoch milliseconds
 */
export function eventIds(nowMs: number): () => string {
  let counter = 0;
  let time = "";
  let tail = "";
  const draw = () => {
    const hex = nowMs.toString(16).padStart(12, "0");
    time = `${hex.slice(0, 8)}-${hex.slice(8)}-7`;
    tail = crypto.randomUUID().slice(18);
  };
  return function nextEventId() {
    if (counter % COUNTER_MAX === 0) draw();
    const id = `${time}${(counter % COUNTER_MAX).toString(16).padStart(3, "0")}${tail}`;
    counter += 1;
    return id;
  };
}

/** Bytes of the digest that name a request; the rest of an id names the event's place in it. */
const DIGEST_BYTES = 12;

/**
 * Ids for the events of a request that carries an `Idempotency-Key`: the same key gives the same ids,
 * so that a request sent again is recognised event by event, wherever it was cut short.
 * @returns the id of the event at a place in the request (UUIDv8)
 */
export async function repeatableIds(scope: {
  readonly title: string;
  readonly key: string;
}): Promise<(index: number) => string> {
  const name = new TextEncoder().encode(JSON.stringify([scope.title, scope.key]));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", name));
  const hex = Array.from(digest.subarray(0, DIGEST_BYTES), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  const head = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(12, 15)}-8${hex.slice(15, 18)}`;
  const tail = hex.slice(18, 22);
  return (index) => `${head}-${tail}${index.toString(16).padStart(8, "0")}`;
}
