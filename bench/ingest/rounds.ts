/**
 * Two sides measured in turn: A B B A, then B A A B, in many short legs. What the machine does meanwhile
 * then falls on both, also what grows or fades over time. The ratio of a round is of its four legs.
 */
import type { Pair, Served } from "./served.ts";
import { quantile, round3 } from "./numbers.ts";

/** What a leg costs, and how long it takes on the clock. */
export interface Leg {
  /** CPU time in seconds; time on the clock where CPU time cannot be told. */
  readonly cost: number;
  readonly seconds: number;
}

export interface Rounds {
  /** In front of the rounds that are reported; both sides get as much of it. */
  readonly warmUp: number;
  readonly rounds: number;
}

/** All rounds that were measured, in order. */
export interface Measured {
  /** By round: bare cost / our cost. */
  readonly ratios: readonly number[];
  readonly bare: readonly Leg[];
  readonly ours: readonly Leg[];
}

const ORDERS = [
  ["bare", "ours", "ours", "bare"],
  ["ours", "bare", "bare", "ours"],
] as const;

/** Runs the same work on both sides of a pair. */
export async function alternate(
  pair: Pair,
  { warmUp, rounds }: Rounds,
  work: (side: Served, name: "ours" | "bare") => Promise<unknown>,
): Promise<Measured> {
  const legs = { bare: [] as Leg[], ours: [] as Leg[] };
  const ratios: number[] = [];
  for (let round = -warmUp; round < rounds; round += 1) {
    const cost = { bare: 0, ours: 0 };
    for (const name of ORDERS[Math.abs(round % 2)] ?? []) {
      const leg = await measure(pair[name], async (side) => work(side, name));
      cost[name] += leg.cost;
      if (round >= 0) legs[name].push(leg);
    }
    if (round >= 0) ratios.push(cost.bare / cost.ours);
  }
  return { ratios, ...legs };
}

async function measure(side: Served, work: (side: Served) => Promise<unknown>): Promise<Leg> {
  const before = side.cpuSeconds();
  const started = performance.now();
  await work(side);
  const seconds = (performance.now() - started) / 1_000;
  const cpu = side.cpuSeconds() - before;
  return { cost: cpu > 0 ? cpu : seconds, seconds };
}

/** The median of the rounds' ratios, between its quartiles. */
export function ratioMetrics(name: string, ratios: readonly number[]): Record<string, number> {
  return {
    [name]: round3(quantile(ratios, 0.5)),
    [`${name}_q1`]: round3(quantile(ratios, 0.25)),
    [`${name}_q3`]: round3(quantile(ratios, 0.75)),
  };
}
