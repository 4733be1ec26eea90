/**
 * How long the Worker takes from nothing to its first answer, beside the bare one: workerd starts, reads
 * the bundle, makes the Journal's tables, takes one event. Most of it is workerd's own start, which the
 * bare Worker shows; on Cloudflare workerd already runs, and the difference is what a client may feel.
 */
import { median } from "./numbers.ts";
import { postLoad } from "./post-load.ts";
import { startServed } from "./served.ts";

const ROUNDS = 5;

/** Medians over starts that alternate, in milliseconds of a clock and of a processor. */
export async function coldStart(): Promise<Record<string, number>> {
  const ours: Start[] = [];
  const bare: Start[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(await firstAnswer("bare"));
    ours.push(await firstAnswer("ours"));
  }
  const ms = (starts: readonly Start[], of: keyof Start) =>
    Math.round(median(starts.map((start) => start[of])));
  return {
    cold_start_ms: ms(ours, "clockMs"),
    cold_start_bare_ms: ms(bare, "clockMs"),
    cold_start_cpu_ms: ms(ours, "cpuMs"),
    cold_start_bare_cpu_ms: ms(bare, "cpuMs"),
  };
}

interface Start {
  readonly clockMs: number;
  readonly cpuMs: number;
}

async function firstAnswer(side: "ours" | "bare"): Promise<Start> {
  const { served, startedAt, close } = await startServed(side);
  try {
    await postLoad({
      port: served.port,
      path: served.path,
      events: 1,
      connections: 1,
      requests: 1,
    });
    return { clockMs: performance.now() - startedAt, cpuMs: served.cpuSeconds() * 1_000 };
  } finally {
    await close();
  }
}
