/** Fraud and its honest look-alikes: each pattern lays out purchases and says what they are. */
import type { Accounts } from "./accounts.ts";
import type { Rng } from "./random.ts";
import type { FraudPattern, LookAlike, Scenario } from "./scenario.ts";
import type { Sessions } from "./sessions.ts";
import type { Purchase, Shop } from "./shop.ts";
import type { Truth } from "./truth.ts";

/** What a pattern may look at. */
export interface Stage {
  readonly rng: Rng;
  readonly scenario: Scenario;
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly shop: Shop;
  readonly nowMs: number;
}

export interface Wish {
  /** Index of the item; absent: the pattern's choice. */
  readonly item?: number | undefined;
  /** How many purchases or players; absent: the pattern's choice. */
  readonly count?: number | undefined;
}

export interface Step {
  readonly afterMs: number;
  readonly purchase: Purchase;
}

/** Lays out the purchases of one incident; empty when there is nobody to play it. */
export type Pattern = (stage: Stage, wish: Wish) => readonly Step[];

export type PatternTable<P extends FraudPattern | LookAlike> = Readonly<
  Record<P, { readonly rule: string; readonly play: Pattern }>
>;

/**
 * Plans the purchases of a pattern and notes the truth about them.
 * @returns how many purchases will come, 0 when there was nobody to play it
 */
export function playIncident(
  stage: Stage & { readonly truth: Truth },
  what: {
    label: "fraud" | "honest";
    pattern: FraudPattern | LookAlike;
    rule: string;
    play: Pattern;
    wish: Wish;
    injected: boolean;
  },
): number {
  const { shop, truth, nowMs } = stage;
  const { label, pattern, rule, injected } = what;
  const steps = what.play(stage, what.wish);
  if (steps.length === 0 || steps.length > shop.plannedRoom) return 0;
  const events = steps.length;
  const handle = truth.open({ label, pattern, rule, injected, startMs: nowMs, events });
  for (const step of steps) shop.plan(nowMs + step.afterMs, step.purchase, handle);
  return events;
}

/** Moments spread over a span, in order. */
export function moments(rng: Rng, count: number, spanMs: number): number[] {
  return Array.from({ length: count }, () => rng.next() * spanMs).toSorted((a, b) => a - b);
}

/** Different players online, as many as there are up to a number. */
export function someAccounts(stage: Stage, count: number): number[] {
  const found = new Set<number>();
  for (let draws = 0; found.size < count && draws < count * 8; draws += 1) {
    const account = stage.sessions.someAccount(stage.rng);
    if (account !== undefined) found.add(account);
  }
  return [...found];
}

/** Index of the cheapest and of the dearest item for an account. */
export function priceExtremes(
  stage: Stage,
  account: number,
): { cheapest: number; dearest: number } {
  let cheapest = 0;
  let dearest = 0;
  for (let item = 1; item < stage.shop.items; item += 1) {
    const price = stage.shop.price(item, account);
    if (price < stage.shop.price(cheapest, account)) cheapest = item;
    if (price > stage.shop.price(dearest, account)) dearest = item;
  }
  return { cheapest, dearest };
}
