/**
 * Two partitions in two threads against the same two in one: wall time, an engine for each partition.
 * Nothing else works meanwhile: the threads have their records, make no garbage and wait for nobody.
 * In each round the same is done with arithmetic that needs no memory: so much the two cores give by
 * themselves, which on a shared machine is not two.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { quartiles } from "./numbers.ts";

const THREAD = new URL("./partition-thread.ts", import.meta.url);
const ROUNDS = 15;
const WARM_UP_ROUNDS = 2;

/** What a thread is told to do, and how often. */
export interface Task {
  readonly kind: "records" | "arithmetic";
  readonly times: number;
}

interface Times {
  readonly one: number[];
  readonly two: number[];
}

export async function twoPartitionsVsOne(module: WebAssembly.Module): Promise<number> {
  const workers = [0, 1].map(
    (partition) => new Worker(THREAD, { workerData: { module, partition } }),
  );
  const [first, second] = workers as [Worker, Worker];
  const records: Times = { one: [], two: [] };
  const arithmetic: Times = { one: [], two: [] };
  try {
    await Promise.all(workers.map(answer));
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
      for (const kind of ["records", "arithmetic"] as const) {
        const one = await timed([ask(first, { kind, times: 2 })]);
        const two = await timed(
          [1, 2].map((n) => ask(n === 1 ? first : second, { kind, times: 1 })),
        );
        if (round < WARM_UP_ROUNDS) continue;
        const times = kind === "records" ? records : arithmetic;
        times.one.push(one);
        times.two.push(two);
      }
    }
  } finally {
    await Promise.all(workers.map(async (worker) => worker.terminate()));
  }
  console.error(`two partitions: ${describe(records)}; arithmetic alone: ${describe(arithmetic)}`);
  return ratio(records);
}

/**
 * Of the lower quartiles: what disturbs a round makes it longer, and a round of two threads is
 * disturbed on either core.
 */
function ratio({ one, two }: Times): number {
  return quartiles(one)[0] / quartiles(two)[0];
}

function describe(times: Times): string {
  const rounds = times.one.map((one, round) => one / (times.two[round] ?? Number.NaN));
  const [low, middle, high] = quartiles(rounds).map((value) => value.toFixed(2));
  return `${ratio(times).toFixed(2)} (rounds: median ${middle}, half of them ${low} to ${high})`;
}

/** Seconds until all have answered. */
async function timed(answers: readonly Promise<void>[]): Promise<number> {
  const started = performance.now();
  await Promise.all(answers);
  return (performance.now() - started) / 1000;
}

function ask(worker: Worker, task: Task): Promise<void> {
  const done = answer(worker);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  worker.postMessage(task);
  return done;
}

async function answer(worker: Worker): Promise<void> {
  await once(worker, "message");
}
