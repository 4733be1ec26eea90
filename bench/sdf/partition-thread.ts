/** One thread of the benchmark: processes as many partitions as it is told to, one after the other, or calculates as often. */
import { parentPort, workerData } from "node:worker_threads";
import { DataflowEngine } from "@arenaflow/sdf/engine";
import { makeChunk, mixed } from "./events.ts";
import type { Task } from "./partitions.ts";

const EVENTS = 200_000;
const KEYS = 10_000;
/** Times the same events, each time from the beginning: long enough to be measured. */
const REPETITIONS = 3;
const ARITHMETIC_STEPS = 20_000_000;

const { module, partition } = workerData as { module: WebAssembly.Module; partition: number };
const { records } = makeChunk({
  count: EVENTS,
  player: (index) => mixed(index + partition, KEYS),
  spanMs: 50_000,
});

const engine = new DataflowEngine(module);
const nothing = engine.snapshot();

function run(): void {
  engine.restore(nothing);
  engine.process({ source: 0, partition, records }, 0);
  engine.finish();
  engine.drain();
}

/** As long as some repetitions, in registers. */
function calculate(): number {
  let value = 1;
  for (let index = 0; index < ARITHMETIC_STEPS; index += 1) {
    value = Math.imul(value ^ (value >>> 15), 2_246_822_519) + index;
  }
  return value;
}

function tell(result: number): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
  parentPort?.postMessage(result);
}

run();
parentPort?.on("message", ({ kind, times }: Task) => {
  let result = 0;
  for (let count = 0; count < times * REPETITIONS; count += 1) {
    if (kind === "records") run();
    else result += calculate();
  }
  tell(result);
});
tell(0);
