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
