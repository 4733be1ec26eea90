import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseTime } from "../src/index.ts";

test("reads what toISOString writes, for every time of four-digit years", () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date(0), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true }),
      (date) => {
        expect(parseTime(date.toISOString())).toBe(date.getTime());
      },
    ),
  );
});

test.each([
  ["2024-11-12T10:00Z", Date.UTC(2024, 10, 12, 10)],
  ["2024-11-12T10:00:00+02:00", Date.UTC(2024, 10, 12, 8)],
  ["2024-11-12T10:00:00-0530", Date.UTC(2024, 10, 12, 15, 30)],
  ["2024-11-12T10:00:00.123456789Z", Date.UTC(2024, 10, 12, 10, 0, 0, 123)],
  ["2024-11-12T10:00:00.5Z", Date.UTC(2024, 10, 12, 10, 0, 0, 500)],
  ["2024-11-12T10:00:00.05Z", Date.UTC(2024, 10, 12, 10, 0, 0, 50)],
  ["2024-02-29T00:00:00Z", Date.UTC(2024, 1, 29)],
  [1_731_406_500_000, 1_731_406_500_000],
])("%j is %d", (value, expected) => {
  expect(parseTime(value)).toBe(expected);
});

test.each([
  "2023-02-29T00:00:00Z",
  "2024-13-01T00:00:00Z",
  "2024-01-01T24:00:00Z",
  "2024-01-01T00:60:00Z",
  "2024-01-01",
  "2024-01-01T00:00:00.Z",
  "2024-01-01T00:00:00.1234567890Z",
  "2024-01-01T00:00:00Zulu",
  "2024-01-01T00:00:00",
  "",
  1_731_406_500,
  -1,
  Number.NaN,
  Infinity,
  null,
  true,
])("%j is no time", (value) => {
  expect(parseTime(value)).toBeUndefined();
});
