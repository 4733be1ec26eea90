import { describe, expect, test } from "vitest";
import type { PlanStart } from "../../src/engine/index.ts";
import type { LogLine } from "../../src/node/log.ts";
import { startOffsets } from "../../src/node/start-offsets.ts";

const RANGES = [
  { partition: 0, start: 5, end: 100 },
  { partition: 1, start: 0, end: 0 },
];

function start(position: PlanStart["position"], value = 0, saved?: Record<number, number>) {
  const lines: LogLine[] = [];
  const offsets = startOffsets({
    source: { topic: "events", start: { position, value } },
    ranges: RANGES,
    saved,
    checkpointDir: "checkpoints",
    log: (line) => lines.push(line),
  });
  return { offsets: Object.fromEntries(offsets), lines };
}

describe("where reading begins", () => {
  test("the first time where the dataflow says", () => {
    expect(start("beginning").offsets).toEqual({ 0: 5, 1: 0 });
    expect(start("beginning", 10).offsets).toEqual({ 0: 15, 1: 0 });
    expect(start("end").offsets).toEqual({ 0: 100, 1: 0 });
    expect(start("end", 2).offsets).toEqual({ 0: 98, 1: 0 });
    expect(start("offset", 50).offsets).toEqual({ 0: 50, 1: 0 });
  });

  test("later at the checkpoint, whatever the dataflow says", () => {
    expect(start("end", 0, { 0: 42, 1: 0 }).offsets).toEqual({ 0: 42, 1: 0 });
  });

  test("a partition that was added since is read from its beginning", () => {
    expect(start("end", 0, { 1: 0 }).offsets).toEqual({ 0: 5, 1: 0 });
  });

  test("records removed by retention are skipped with a warning", () => {
    const { offsets, lines } = start("beginning", 0, { 0: 2, 1: 0 });
    expect(offsets).toEqual({ 0: 5, 1: 0 });
    expect(lines[0]?.message).toMatch(/Records 2 to 4 of events\/0 were removed/);
  });

  test("a topic that ends before the checkpoint is another topic", () => {
    expect(() => start("beginning", 0, { 0: 42, 1: 7 })).toThrow(
      /offset 7 of events\/1, but the topic ends at 0.*Remove checkpoints/,
    );
  });
});
