/** When cron's five fields say that it is time; the days were looked up in a calendar. */
import { describe, expect, test } from "vitest";
import { Cron } from "../../src/document/cron.ts";

function cronOf(text: string): Cron {
  const cron = Cron.parse(text);
  if (typeof cron === "string") throw new Error(cron);
  return cron;
}

const iso = (ms: number | undefined) =>
  ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 16);

describe("a schedule's cron", () => {
  // 2024-11-12 is a Tuesday.
  test.each([
    ["* * * * *", "2024-11-12T10:00", "2024-11-12T10:01"],
    ["0 8 * * *", "2024-11-12T08:00", "2024-11-13T08:00"],
    ["0 8 * * *", "2024-11-12T07:59", "2024-11-12T08:00"],
    ["*/20 9-17/4 * * *", "2024-11-12T09:40", "2024-11-12T13:00"],
    ["5,35 * * * *", "2024-11-12T10:05", "2024-11-12T10:35"],
    ["50/5 23 31 12 *", "2024-11-12T10:00", "2024-12-31T23:50"],
    ["0 0 * * 0", "2024-11-12T10:00", "2024-11-17T00:00"],
    ["0 0 * * 7", "2024-11-12T10:00", "2024-11-17T00:00"],
    ["0 0 * * Mon-Fri", "2024-11-15T10:00", "2024-11-18T00:00"],
    ["0 0 1 * *", "2024-11-12T10:00", "2024-12-01T00:00"],
    ["0 0 1 FEB *", "2024-11-12T10:00", "2025-02-01T00:00"],
    ["0 0 29 2 *", "2024-11-12T10:00", "2028-02-29T00:00"],
    ["0 0 20 * 5", "2024-11-12T10:00", "2024-11-15T00:00"],
    ["0 0 13 * 5", "2024-11-12T10:00", "2024-11-13T00:00"],
  ])("%s after %s is %s, and the one before it comes no earlier", (text, after, next) => {
    const cron = cronOf(text);
    const afterMs = Date.parse(`${after}Z`);
    const nextMs = cron.next(afterMs);
    expect(iso(nextMs)).toBe(next);
    expect(cron.last(nextMs!)).toBe(nextMs);
    expect(cron.last(nextMs! + 59_999)).toBe(nextMs);
    const beforeMs = cron.last(nextMs! - 1)!;
    expect(beforeMs).toBeLessThanOrEqual(afterMs);
    expect(cron.next(beforeMs)).toBe(nextMs);
  });

  test.each([
    ["0 8 * *", "needs five fields"],
    ["60 * * * *", '"60" is no minute (0 to 59)'],
    ["* * 0 * *", '"0" is no day of month (1 to 31)'],
    ["* * * * 8", '"8" is no day of week (0 to 7)'],
    ["5-1 * * * *", '"5-1" is no minute'],
    ["*/0 * * * *", '"*/0" is no minute'],
    ["a * * * *", '"a" is no minute'],
    ["0 0 30 2 *", "never comes"],
  ])("%s is refused", (text, message) => {
    expect(Cron.parse(text)).toContain(message);
  });
});
