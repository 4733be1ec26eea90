/**
 * Event times. A client's clock is believed within a span around the arrival; outside of it the
 * arrival is the event's time and the client's claim is kept beside it.
 */
import { LIMITS } from "./limits.ts";

/** The offset of a zone such as `+02:00`, at the end of a time. */
const ZONE = /^([+-])(\d{2}):?(\d{2})$/;
const [DASH, COLON, DOT, LETTER_T, LETTER_Z, DIGIT_0] = [
  0x2d, 0x3a, 0x2e, 0x54, 0x5a, 0x30,
] as const;
const FRACTION_DIGITS_MAX = 9;
/** Smallest number taken for epoch milliseconds: 2001-09-09. Smaller ones are probably seconds. */
const EPOCH_MS_MIN = 1_000_000_000_000;
/** Largest number taken for epoch milliseconds: year 9999, the end of four-digit ISO years. */
const EPOCH_MS_MAX = 253_402_300_799_999;
const MINUTE_MS = 60_000;

/**
 * Reads an event time.
 * @param value ISO 8601 text with a zone, or epoch milliseconds
 * @returns epoch milliseconds, or `undefined` when it is neither (30 February included)
 */
export function parseTime(value: unknown): number | undefined {
  if (typeof value === "number") {
    return value >= EPOCH_MS_MIN && value <= EPOCH_MS_MAX ? Math.trunc(value) : undefined;
  }
  return typeof value === "string" ? parseIso8601(value) : undefined;
}

/** Length of `2024-11-12T10:00:00.000Z`, the form in which most clients write times. */
const ISO_MS_CHARS = 24;
/** Every month has this many days. */
const SURE_DAYS = 28;

/** The time that was last found good: the events of a moment share it. */
let lastGood: unknown;

/** Whether `parseTime` would read the value. */
export function isTime(value: unknown): boolean {
  if (value === lastGood) return value !== undefined;
  const good = (typeof value === "string" && isIsoMs(value)) || parseTime(value) !== undefined;
  if (good) lastGood = value;
  return good;
}

/** Whether a text is a time of the most common form. It may say no to one on the last days of a month. */
function isIsoMs(text: string): boolean {
  if (text.length !== ISO_MS_CHARS) return false;
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  return (
    twoDigits(text, 0) >= 0 &&
    twoDigits(text, 2) >= 0 &&
    text.charCodeAt(4) === DASH &&
    month >= 1 &&
    month <= 12 &&
    text.charCodeAt(7) === DASH &&
    day >= 1 &&
    day <= SURE_DAYS &&
    text.charCodeAt(10) === LETTER_T &&
    isClock(text)
  );
}

/** Whether `HH:mm:ss.sssZ` stands at the end of a text of 24 characters. */
function isClock(text: string): boolean {
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  return (
    hour >= 0 &&
    hour <= 23 &&
    text.charCodeAt(13) === COLON &&
    minute >= 0 &&
    minute <= 59 &&
    text.charCodeAt(16) === COLON &&
    second >= 0 &&
    second <= 59 &&
    text.charCodeAt(19) === DOT &&
    twoDigits(text, 20) >= 0 &&
    twoDigits(text, 21) >= 0 &&
    text.charCodeAt(23) === LETTER_Z
  );
}

/** The number of two digits, or a negative one when one of the characters is no digit. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - DIGIT_0;
  const ones = text.charCodeAt(at + 1) - DIGIT_0;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

/**
 * `YYYY-MM-DDTHH:mm[:ss[.fraction]]` and a zone. By hand, because this runs for every event:
 * `Date.parse` with a check in front of it costs five times as much and accepts 30 February.
 */
function parseIso8601(text: string): number | undefined {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  if (text[4] !== "-" || text[7] !== "-" || text[10] !== "T" || text[13] !== ":") return undefined;
  // NaN, from a character that is no digit, fails every comparison below.
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month))) {
    return undefined;
  }
  if (!(hour <= 23 && minute <= 59)) return undefined;

  let at = 16;
  let milliseconds = 0;
  if (text[at] === ":") {
    const second = digits(text, at + 1, 2);
    if (!(second <= 59)) return undefined;
    milliseconds = second * 1000;
    at += 3;
    if (text[at] === ".") {
      const end = endOfDigits(text, at + 1);
      const count = end - at - 1;
      if (count < 1 || count > FRACTION_DIGITS_MAX) return undefined;
      const fraction = digits(text, at + 1, Math.min(count, 3));
      milliseconds += count >= 3 ? fraction : fraction * (count === 2 ? 10 : 100);
      at = end;
    }
  }
  const zone = zoneMinutes(text, at);
  if (zone === undefined) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute) - zone * MINUTE_MS + milliseconds;
}

/** The number at `at`, or NaN when one of its characters is no digit. */
function digits(text: string, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function endOfDigits(text: string, at: number): number {
  let end = at;
  while (text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end += 1;
  return end;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Minutes that the zone at the end of the text is ahead of UTC. */
function zoneMinutes(text: string, at: number): number | undefined {
  if (text.length === at + 1 && text[at] === "Z") return 0;
  const match = ZONE.exec(text.slice(at));
  if (match === null) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === "+" ? minutes : -minutes;
}

export interface EventTime {
  /** Epoch milliseconds that the event counts at. */
  readonly timeMs: number;
  /** True when the client's clock was wrong, and another time than its own is used. */
  readonly corrected: boolean;
}

/** What is known of the clock by which an event was timed. */
export interface Clock {
  /** How far the client's clock is behind ours, where the client told it; added to its times. */
  readonly behindMs?: number | undefined;
  /** Set for history that is brought in later: its times are kept, whatever they are. */
  readonly keepTimes?: boolean | undefined;
}

/**
 * Decides the time an event counts at.
 * @param claimedMs what the client says, epoch milliseconds
 * @param receivedMs when it arrived, epoch milliseconds
 */
export function resolveEventTime(
  claimedMs: number,
  receivedMs: number,
  { behindMs = 0, keepTimes = false }: Clock = {},
): EventTime {
  if (keepTimes) return { timeMs: claimedMs, corrected: false };
  const timeMs = claimedMs + behindMs;
  const believable =
    timeMs >= receivedMs - LIMITS.pastMsMax && timeMs <= receivedMs + LIMITS.futureMsMax;
  return believable
    ? { timeMs, corrected: behindMs !== 0 }
    : { timeMs: receivedMs, corrected: true };
}
