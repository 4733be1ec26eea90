/** Durations and sizes as connector files write them. */

const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  s: 1000,
  sec: 1000,
  secs: 1000,
  m: 60_000,
  min: 60_000,
  mins: 60_000,
  h: 3_600_000,
  hr: 3_600_000,
  hrs: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  days: 86_400_000,
};

const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/**
 * Reads a duration: text such as `10s` or `1m 30s`, or the map `{ secs, nanos }`.
 * @returns milliseconds, or `undefined` when it is neither
 */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const { secs, nanos = 0 } = value as { secs?: unknown; nanos?: unknown };
    if (typeof secs !== "number" || typeof nanos !== "number" || secs < 0 || nanos < 0) {
      return undefined;
    }
    return secs * 1000 + nanos / 1e6;
  }
  if (typeof value !== "string" || !/^(\s*\d+\s*[a-z]+)+\s*$/.test(value)) return undefined;
  let total = 0;
  for (const [, amount, unit] of value.matchAll(/(\d+)\s*([a-z]+)/g)) {
    const factor = MS_PER_UNIT[unit ?? ""];
    if (factor === undefined) return undefined;
    total += Number(amount) * factor;
  }
  return total;
}

/**
 * Reads a size: a number of bytes, or text such as `44.0 MB` or `16 KiB`.
 * @returns bytes, or `undefined` when it is neither
 */
export function parseBytes(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isInteger(value) && value >= 0 ? value : undefined;
  if (typeof value !== "string") return undefined;
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(value);
  if (match === null) return undefined;
  const factor = BYTES_PER_UNIT[(match[2] === "" ? "b" : (match[2] ?? "b")).toLowerCase()];
  return factor === undefined ? undefined : Math.round(Number(match[1]) * factor);
}
