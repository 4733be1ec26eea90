/** A runner that goes on while what its predecessor sent is still on its way to the topic. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ABI_VERSION, type Plan } from "../../src/engine/plan.ts";
import type { OutputPositions } from "../../src/node/output-positions.ts";
import { Outputs } from "../../src/node/outputs.ts";
import { type Received, Stage } from "./stage.ts";

const PLAN: Plan = {
  abi: ABI_VERSION,
  name: "numbers",
  namespace: "test",
  version: "1.0.0",
  sources: [],
  sinks: [{ topic: "numbers" }],
  services: [],
  operators: [],
  env: [],
};

let stage: Stage;
let received: Received[];
const open: Outputs[] = [];

beforeEach(async () => {
  stage = await Stage.open();
  received = await stage.collect("numbers");
});

afterEach(async () => {
  for (const outputs of open.splice(0)) await outputs.close();
  await stage.close();
});

async function openOutputs(
  positions: OutputPositions | undefined,
  mayWrite: () => Promise<void> = async () => {},
): Promise<Outputs> {
  const outputs = await Outputs.open({
    fluvio: stage.fluvio,
    plan: PLAN,
    group: 0,
    positions,
    isReplay: positions !== undefined,
    turnsSynced: async () => {},
    mayWrite,
    log: () => {},
    onProgress: () => {},
  });
  open.push(outputs);
  return outputs;
}

function push(outputs: Outputs, from: number, to: number): void {
  for (let number = from; number < to; number += 1) {
    const value = new TextEncoder().encode(JSON.stringify({ number }));
    outputs.push({ sink: 0, timestamp: 0, key: null, value }, undefined);
  }
}

const numbers = () => received.map(({ value: { number } }) => number);

describe("outputs of a runner that took over", () => {
  test("are in the topic once though the one before had batches on their way", async () => {
    const gate = Promise.withResolvers<void>();
    const before = await openOutputs(undefined, () => gate.promise);
    const positions = before.positions();
    push(before, 0, 7);
    // It looks into the topic when nothing has arrived yet …
    const after = await openOutputs(positions);
    gate.resolve();
    expect(await before.settled()).toBe(true);
    // … and cuts its batches elsewhere.
    push(after, 0, 2);
    expect(await after.settled()).toBe(true);
    push(after, 2, 5);
    expect(await after.settled()).toBe(true);
    push(after, 5, 10);
    expect(await after.settled()).toBe(true);
    await vi.waitFor(() => expect(numbers()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    expect(after.positions().topics["numbers"]).toMatchObject({ from: [10] });
  });

  test("are not followed by batches that the one before had gathered", async () => {
    let isLost = false;
    const looked = Promise.withResolvers<void>();
    const before = await openOutputs(undefined, async () => {
      if (!isLost) return;
      looked.resolve();
      throw new Error("another process runs the dataflow");
    });
    const positions = before.positions();
    push(before, 0, 3);
    expect(await before.settled()).toBe(true);
    isLost = true;
    push(before, 3, 6);
    await looked.promise;
    const after = await openOutputs(positions);
    push(after, 0, 4);
    after.goOn();
    expect(await after.settled()).toBe(true);
    before.stop();
    await vi.waitFor(() => expect(numbers()).toEqual([0, 1, 2, 3]));
  });
});
