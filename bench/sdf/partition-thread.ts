/** One thread of the benchmark: processes as many partitions as it is told to, one after the other, and tells its CPU time. */
import { parentPort, workerData } from "node:worker_threads";
import { DataflowEngine } from "@arenaflow/sdf/engine";
import { cpuSeconds } from "./cpu-seconds.ts";
import { makeChunk, mixed } from "./events.ts";

const EVENTS = 200_000;
const KEYS = 10_000;
/** Times the same events, each time from the beginning: long enough to be measured. */
const REPETITIONS = 3;

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

function tell(seconds: number): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
  parentPort?.postMessage(seconds);
}

run();
parentPort?.on("message", (partitions: number) => {
  const seconds = cpuSeconds(() => {
    for (let count = 0; count < partitions * REPETITIONS; count += 1) run();
  });
  tell(seconds);
});
tell(0);
