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
  const seconds = async (work: () => Promise<unknown>): Promise<number> => {
    const started = performance.now();
    await work();
    return (performance.now() - started) / 1000;
  };
  try {
    await Promise.all(workers.map(answer));
    const ratios: number[] = [];
    const best = { one: Infinity, two: Infinity };
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
      const one = await seconds(() => ask(first, 2));
      const two = await seconds(() => Promise.all([ask(first, 1), ask(second, 1)]));
      best.one = Math.min(best.one, one);
      best.two = Math.min(best.two, two);
      if (round >= WARM_UP_ROUNDS) ratios.push(one / two);
    }
    console.error(
      `two partitions: ${ratios.map((ratio) => ratio.toFixed(2)).join(" ")}; of the best rounds ${(best.one / best.two).toFixed(2)}`,
    );
    return median(ratios);
  } finally {
    await Promise.all(workers.map(async (worker) => worker.terminate()));
  }
}

function ask(worker: Worker, partitions: number): Promise<void> {
  const done = answer(worker);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  worker.postMessage(partitions);
  return done;
}

function answer(worker: Worker): Promise<void> {
  return once(worker, "message").then(() => undefined);
}
