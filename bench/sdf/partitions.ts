/** Two partitions in two threads against the same two in one: wall time, an engine for each partition. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { median } from "./numbers.ts";

const THREAD = new URL("./partition-thread.ts", import.meta.url);
const ROUNDS = 7;
const WARM_UP_ROUNDS = 1;

export async function twoPartitionsVsOne(module: WebAssembly.Module): Promise<number> {
  const workers = [0, 1].map(
    (partition) => new Worker(THREAD, { workerData: { module, partition } }),
  );
  const [first, second] = workers as [Worker, Worker];
  try {
    await Promise.all(workers.map(answer));
    const ratios: number[] = [];
    const onCores: number[] = [];
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
      const one = await timed([ask(first, 2)]);
      const two = await timed([ask(first, 1), ask(second, 1)]);
      if (round < WARM_UP_ROUNDS) continue;
      ratios.push(one.wallSeconds / two.wallSeconds);
      onCores.push(one.cpuSeconds / two.cpuSeconds);
    }
    const text = (values: readonly number[]): string =>
      values.map((ratio) => ratio.toFixed(2)).join(" ");
    // What it would be if each thread had a core: tells a busy machine from threads in each other's way.
    console.error(`two partitions: ${text(ratios)}; by CPU time ${text(onCores)}`);
    return median(ratios);
  } finally {
    await Promise.all(workers.map(async (worker) => worker.terminate()));
  }
}

/** Wall time until all have answered, and the most CPU time that one of them took. */
async function timed(
  answers: readonly Promise<number>[],
): Promise<{ readonly wallSeconds: number; readonly cpuSeconds: number }> {
  const started = performance.now();
  const cpu = await Promise.all(answers);
  return { wallSeconds: (performance.now() - started) / 1000, cpuSeconds: Math.max(...cpu) };
}

function ask(worker: Worker, partitions: number): Promise<number> {
  const done = answer(worker);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  worker.postMessage(partitions);
  return done;
}

async function answer(worker: Worker): Promise<number> {
  const [seconds] = (await once(worker, "message")) as [number];
  return seconds;
}
