import { expect, test } from "vitest";
import { lineFault, lineTime } from "../../src/connectors/graphite-line.ts";

test.each([
  "gaming.latency 110 1731406500",
  "gaming.latency 110.25 -1",
  "gaming.latency 1.2e3 1731406500",
  "gaming.latency .5 1731406500",
  "gaming.latency 5. 1731406500",
  "gaming.latency -1_000 1731406500.5",
  "gaming.latency inf 1731406500",
  "gaming.latency;server=server_1;region=eu 1 1731406500",
  "  gaming.latency\t1 1731406500\r",
])("carbon stores %s", (line) => expect(lineFault(line)).toBeUndefined());

test.each([
  ["gaming.latency 110", "not of the form"],
  ["gaming.latency eu 110 1731406500", "not of the form"],
  ["", "not of the form"],
  ['gaming.latency {"a":1} 1731406500', "is not a number"],
  ['gaming.latency "110" 1731406500', "is not a number"],
  ["gaming.latency true 1731406500", "is not a number"],
  ["gaming.latency nan 1731406500", "is not a number"],
  ["gaming.latency 1__0 1731406500", "is not a number"],
  ["gaming.latency 1 now", "the time now"],
  // int(inf) raises in carbon, which costs the connection.
  ["gaming.latency 1 inf", "the time inf"],
  [`gaming.${"x".repeat(16_384)} 1 1731406500`, "close the connection"],
  [`gaming.${"x".repeat(251)}.cpu 1 1731406500`, "a part of the name"],
])("carbon drops %s", (line, why) => expect(lineFault(line)).toContain(why));

test("the time of a line", () => {
  expect(lineTime("gaming.latency 110 1731406500")).toBe(1_731_406_500);
  expect(lineTime("gaming.latency 110 -1")).toBeUndefined();
});
