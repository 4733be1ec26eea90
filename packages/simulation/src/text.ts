/**
 * Text that events are made of, prepared so that writing one event is a handful of
 * concatenations: no JSON.stringify, no Date, no number formatting in the hot loop.
 */

const MS_PER_SECOND = 1000;
/** Ids are counted in base 36; the low part comes from a table of this many entries (36³). */
const ID_LOW_SIZE = 46_656;
const ID_LOW_DIGITS = 3;

/** What it looks for does not matter: V8 lays a text out in one piece before a regex sees it. */
const ANY_REGEX = /^x/;

/**
 * The same text in one piece. Engines keep a concatenation as a tree until it is needed; a text
 * that goes into many events is better made whole once than walked through each time, and takes
 * less than half the memory. (Measured: reading a character no longer does it.)
 */
export function whole(text: string): string {
  ANY_REGEX.test(text);
  return text;
}

/** What follows the seconds of a timestamp, up to the event id: `.042Z","event_id":"`. */
const AFTER_SECONDS = Array.from({ length: MS_PER_SECOND }, (_, ms) =>
  whole(`.${String(ms).padStart(3, "0")}Z","event_id":"`),
);
const ID_LOW = Array.from({ length: ID_LOW_SIZE }, (_, index) =>
  index.toString(36).padStart(ID_LOW_DIGITS, "0"),
);

/** Writes the part of every event that changes each time: `<time>","event_id":"<id>`. */
export class Stamp {
  readonly #prefix: string;
  #second = NaN;
  #secondText = "";
  #count = 0;
  #idHigh = "";
  #idLow = 0;

  /** @param prefix begins every event id; unique to this run of the world */
  constructor(prefix: string) {
    this.#prefix = prefix;
    this.#idHigh = prefix;
  }

  /** How many events have been stamped. */
  get count(): number {
    return this.#count;
  }

  /** @returns time, the `event_id` field's name, and a new id, for the middle of an event's text */
  next(timeMs: number): string {
    const second = Math.floor(timeMs / MS_PER_SECOND);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = whole(new Date(second * MS_PER_SECOND).toISOString().slice(0, 19));
    }
    const low = this.#count % ID_LOW_SIZE;
    if (low === 0) {
      const high = Math.floor(this.#count / ID_LOW_SIZE).toString(36);
      this.#idHigh = whole(`${this.#prefix}${high}`);
    }
    this.#count += 1;
    this.#idLow = low;
    const ms = Math.floor(timeMs - second * MS_PER_SECOND);
    return this.#secondText + AFTER_SECONDS[ms] + this.#idHigh + ID_LOW[low];
  }

  /** The id that `next` gave last. */
  get lastId(): string {
    return this.#idHigh + ID_LOW[this.#idLow];
  }
}

/** Side of the square that positions are on; a map's coordinates are whole numbers below it. */
export const MAP_SIDE = 1000;

/** `,"x":12` and `,"y":34}` for every coordinate. */
export const X_FIELD = Array.from({ length: MAP_SIDE }, (_, x) => `,"x":${x}`);
export const Y_FIELD = Array.from({ length: MAP_SIDE }, (_, y) => `,"y":${y}}`);

/** A number with at most one decimal, as JSON writes it. */
export function oneDecimal(value: number): string {
  return String(Math.round(value * 10) / 10);
}
