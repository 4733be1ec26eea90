/** Numbers, money and times as people read them. One locale, so that a wall and a laptop agree. */
const LOCALE = "en-US";

const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat(LOCALE, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const compact = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });
const rate = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumSignificantDigits: 3 });
const money = new Intl.NumberFormat(LOCALE, { style: "currency", currency: "USD" });
const moneyCompact = new Intl.NumberFormat(LOCALE, {
  style: "currency",
  currency: "USD",
  notation: "compact",
  maximumFractionDigits: 1,
});
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const clockShort = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" });

/** 12345 → "12,345" */
export const formatCount = (value: number): string => whole.format(value);
/** 35.24 → "35.2" */
export const formatTenth = (value: number): string => tenth.format(value);
/** 12345 → "12.3K"; for axes. */
export const formatCompact = (value: number): string => compact.format(value);
/** 206.2 → "206", 3.42 → "3.42"; for a number per second in a narrow place. */
export const formatRate = (value: number): string => rate.format(value);
/** Cents to "$1,234.50". */
export const formatMoney = (cents: number): string => money.format(cents / 100);
/** Cents to "$1.2K"; for axes. */
export const formatMoneyCompact = (cents: number): string => moneyCompact.format(cents / 100);
/** Epoch milliseconds to "16:40:05", in the reader's zone. */
export const formatClock = (ms: number): string => clock.format(ms);
/** Epoch milliseconds to "16:40". */
export const formatClockShort = (ms: number): string => clockShort.format(ms);

const dayAndClock = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const DAY_MS = 86_400_000;

/** Epoch milliseconds to "16:40:05", with the day when that is not today's. */
export function formatMoment(ms: number, nowMs: number): string {
  const sameDay = nowMs - ms < DAY_MS && new Date(ms).getDate() === new Date(nowMs).getDate();
  return sameDay ? clock.format(ms) : dayAndClock.format(ms);
}

/** A length of time in the largest unit that fits: "42 s", "3 min", "2 h". */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    const rest = seconds % 60;
    return rest === 0 || minutes >= 10 ? `${minutes} min` : `${minutes} min ${rest} s`;
  }
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Seconds to "1:35", or "35.2 s" below a minute; for session lengths. */
export function formatSession(seconds: number): string {
  return seconds < 60 ? `${tenth.format(seconds)} s` : `${formatSessionShort(seconds)} min`;
}

/** Seconds to "1:35"; for axes. */
export function formatSessionShort(seconds: number): string {
  const rounded = Math.round(seconds);
  return `${Math.floor(rounded / 60)}:${String(rounded % 60).padStart(2, "0")}`;
}

/** "latency 200.4 ms" → "latency 200 ms"; for words that were written elsewhere. */
export function withoutTenths(words: string): string {
  return words.replace(/\d+\.\d+/g, (number) => whole.format(Number(number)));
}

/** "1 player", "2 players". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
