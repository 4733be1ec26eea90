/**
 * Times as cron writes them: minute, hour, day of month, month, day of week (0 and 7 are Sunday); in
 * each `*`, numbers, ranges, lists and steps. In UTC. Where both days are given, either will do.
 */
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Far enough for a 29th of February, also around a year without one. */
const DAYS_MAX = 8 * 366 + 1;

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Words for its numbers, from `min` on. */
  readonly words?: string;
}

const FIELDS: readonly Field[] = [
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day of month", min: 1, max: 31 },
  { name: "month", min: 1, max: 12, words: "jan feb mar apr may jun jul aug sep oct nov dec" },
  { name: "day of week", min: 0, max: 7, words: "sun mon tue wed thu fri sat" },
];

export class Cron {
  readonly #fields: readonly ReadonlySet<number>[];
  /** Whether days of the month and of the week are restricted. */
  readonly #byMonth: boolean;
  readonly #byWeek: boolean;

  private constructor(fields: readonly ReadonlySet<number>[], texts: readonly string[]) {
    this.#fields = fields;
    this.#byMonth = texts[2]?.startsWith("*") !== true;
    this.#byWeek = texts[4]?.startsWith("*") !== true;
  }

  /** The times that the text means, or what is wrong with it. */
  static parse(text: string): Cron | string {
    const texts = text.trim().toLowerCase().split(/\s+/);
    if (texts.length !== FIELDS.length)
      return `needs five fields (minute, hour, day of month, month, day of week), not ${texts.length}`;
    const fields: Set<number>[] = [];
    for (const [index, field] of FIELDS.entries()) {
      const values = parseField(texts[index] ?? "", field);
      if (typeof values === "string") return values;
      fields.push(values);
    }
    if (fields[4]?.has(7) === true) fields[4].add(0);
    const cron = new Cron(fields, texts);
    return cron.next(Date.UTC(2024, 0, 1)) === undefined
      ? "never comes: no month has such a day"
      : cron;
  }

  /** The first time behind `afterMs`, epoch milliseconds; undefined when there is none. */
  next(afterMs: number): number | undefined {
    const firstMs = Math.floor(afterMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
    const day = Math.floor(firstMs / DAY_MS);
    for (let ahead = 0; ahead < DAYS_MAX; ahead += 1) {
      const found = this.#minutesOf(day + ahead).find((ms) => ms >= firstMs);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The last time up to `atMs`. */
  last(atMs: number): number | undefined {
    const day = Math.floor(atMs / DAY_MS);
    for (let back = 0; back < DAYS_MAX; back += 1) {
      const found = this.#minutesOf(day - back).findLast((ms) => ms <= atMs);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** All times of a day, counted from 1970. */
  #minutesOf(day: number): number[] {
    const [minutes, hours, days, months, weekdays] = this.#fields;
    const date = new Date(day * DAY_MS);
    const isOfMonth = days?.has(date.getUTCDate()) === true;
    const isOfWeek = weekdays?.has(date.getUTCDay()) === true;
    const either = this.#byMonth && this.#byWeek;
    const isDay = either ? isOfMonth || isOfWeek : isOfMonth && isOfWeek;
    if (!isDay || months?.has(date.getUTCMonth() + 1) !== true) return [];
    return [...(hours ?? [])].flatMap((hour) =>
      [...(minutes ?? [])].map((minute) => day * DAY_MS + (hour * 60 + minute) * MINUTE_MS),
    );
  }
}

/** The values in rising order. */
function parseField(text: string, field: Field): Set<number> | string {
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^(\*|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part);
    const step = match?.[4] === undefined ? 1 : Number(match[4]);
    const low = match?.[1] === "*" ? field.min : numberOf(match?.[2], field);
    let high = match?.[3] === undefined ? low : numberOf(match[3], field);
    if (match?.[1] === "*" || (match?.[3] === undefined && match?.[4] !== undefined))
      high = field.max;
    if (low === undefined || high === undefined || low > high || step < 1)
      return `"${part}" is no ${field.name} (${field.min} to ${field.max})`;
    for (let value = low; value <= high; value += step) found.add(value);
  }
  return new Set([...found].toSorted((a, b) => a - b));
}

function numberOf(text: string | undefined, { min, max, words }: Field): number | undefined {
  if (text === undefined) return undefined;
  const word = words?.split(" ").indexOf(text) ?? -1;
  if (word >= 0) return min + word;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return number >= min && number <= max ? number : undefined;
}
