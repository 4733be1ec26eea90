/** A simulated world at the pace of a clock: real time, or many times faster. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Batch, World } from "@arenaflow/simulation";

/** How often the world is brought up to the clock: well below what a person notices. */
const TICK_MS = 50;
/** Events handed out at a time. */
const BATCH_EVENTS_MAX = 5000;

export interface Moment {
  readonly batch: Batch;
  /** True at the end of a step: every event up to the world's time has been handed out. */
  readonly isWhole: boolean;
}

export interface PlayOptions {
  /** How long the world is played, in its own time; absent: until the signal. */
  readonly durationMs: number | undefined;
  /** The world's time as a multiple of ours. */
  readonly speed: number;
  /** The world moves in steps of this length in its own time, however late the clock finds it. */
  readonly stepMs: number;
  readonly signal: AbortSignal;
}

/**
 * Plays a world. When the taker is slow the world falls behind its clock, and then catches up.
 * Ends after the duration, or at the signal.
 */
export async function* playWorld(
  world: World,
  options: PlayOptions,
): AsyncGenerator<Moment, void, void> {
  const { durationMs = Infinity, speed, stepMs, signal } = options;
  const beganMs = performance.now();
  let playedMs = 0;
  while (!signal.aborted && playedMs < durationMs) {
    const wantedMs = (performance.now() - beganMs) * speed;
    while (!signal.aborted && playedMs < durationMs && playedMs + stepMs <= wantedMs) {
      playedMs = Math.min(durationMs, playedMs + stepMs);
      const toMs = world.options.startMs + playedMs;
      let last: Batch | undefined;
      for (const batch of world.advanceInBatches(toMs, BATCH_EVENTS_MAX)) {
        if (last !== undefined) yield { batch: last, isWhole: false };
        last = batch;
      }
      if (last !== undefined) yield { batch: last, isWhole: true };
    }
    const nextMs = Math.max(1, Math.min(TICK_MS, stepMs / speed));
    await sleep(nextMs, undefined, { signal }).catch(() => undefined);
  }
}
