import { expect, test } from "vitest";
import { ProcessingClock } from "../../src/node/processing-clock.ts";

test("time runs with the system's while everything has been processed", () => {
  const clock = new ProcessingClock(1000);
  for (const ms of [1100, 1200, 1350]) clock.caughtUp(ms);
  expect(clock.nowMs).toBe(1350);
});

test("time spent behind does not count", () => {
  const clock = new ProcessingClock(1000);
  clock.caughtUp(1100);
  clock.caughtUp(61_100);
  expect(clock.nowMs).toBe(1350);
  clock.caughtUp(61_200);
  expect(clock.nowMs).toBe(1450);
});

test("time does not go back when the system's clock does", () => {
  const clock = new ProcessingClock(1000);
  clock.caughtUp(1100);
  clock.caughtUp(500);
  clock.caughtUp(600);
  expect(clock.nowMs).toBe(1200);
});
