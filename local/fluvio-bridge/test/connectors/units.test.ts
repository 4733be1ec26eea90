import { describe, expect, test } from "vitest";
import { parseBytes, parseDuration } from "../../src/connectors/units.ts";

describe("durations", () => {
  test.each([
    ["10s", 10_000],
    ["1m 30s", 90_000],
    ["1h1m", 3_660_000],
    ["5 ms", 5],
    [{ secs: 1, nanos: 500_000_000 }, 1_500],
    [{ secs: 0, nanos: 0 }, 0],
  ])("%j is %d ms", (value, ms) => {
    expect(parseDuration(value)).toBe(ms);
  });

  test.each(["10", "", "s", "10 lightyears", 10, -1, null, { secs: -1 }, { nanos: 5 }, ["1s"]])(
    "%j is none",
    (value) => {
      expect(parseDuration(value)).toBeUndefined();
    },
  );
});

describe("sizes", () => {
  test.each([
    ["44.0 MB", 44_000_000],
    ["16 KiB", 16_384],
    ["1mb", 1_000_000],
    ["512", 512],
    [512, 512],
  ])("%j is %d bytes", (value, bytes) => {
    expect(parseBytes(value)).toBe(bytes);
  });

  test.each(["MB", "1 XB", -1, 1.5, null])("%j is none", (value) => {
    expect(parseBytes(value)).toBeUndefined();
  });
});
