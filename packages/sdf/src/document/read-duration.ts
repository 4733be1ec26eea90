import type { Entry, Reader } from "./reader.ts";

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  sec: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const DURATION_MS_MAX = 366 * 86_400_000;

/** `500ms`, `20s`, `1m30s`. Undefined, with a problem, when it is not a duration. */
export function readDuration(
  reader: Reader,
  entry: Entry | undefined,
  what: string,
): number | undefined {
  if (entry === undefined) return undefined;
  const text = reader.string(entry, what, entry.at);
  if (text === undefined) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)\s*/g)];
  let total = 0;
  for (const [, amount, unit] of parts)
    total += Number(amount) * (UNIT_MS[unit ?? ""] ?? Number.NaN);
  const whole = parts.map((part) => part[0]).join("") === text;
  if (whole && parts.length > 0 && total >= 0 && total <= DURATION_MS_MAX) return Math.round(total);
  return reader.report(
    reader.place(entry.value, entry.at),
    `${what} "${text}" is not a duration`,
    "write a number and a unit: 500ms, 20s, 5m, 1h, 7d",
  );
}
