/** What sells: revenue in whole cents, so that no cent is lost to floats. */
import type { ItemSales } from "@arenaflow/events";
import { byName } from "./names.ts";
import { lineOver, sumOf, type Course, type Point, type Span } from "./windows.ts";

export interface ItemTotal {
  readonly item: string;
  readonly purchases: number;
  readonly cents: number;
  /** Accounts flagged on this item within the span. */
  readonly flaggedAccounts: number;
  readonly lastWindowEndMs: number;
}

export interface Sales {
  readonly cents: number;
  readonly purchases: number;
  /** Highest revenue first. */
  readonly items: readonly ItemTotal[];
  readonly asOfMs: number;
  readonly revenueCourse: readonly Point[];
  readonly purchaseCourse: readonly Point[];
}

/** An amount with two decimals to whole cents. */
export function centsOf(amount: number): number {
  return Math.round(amount * 100);
}

/** Adds up the sales of a span. */
export function salesOf(courses: readonly Course<ItemSales>[]): Sales {
  const totals = new Map<
    string,
    { purchases: number; cents: number; last: number; flagged: Set<string> }
  >();
  for (const { values } of courses) {
    for (const value of values) {
      let total = totals.get(value.item_id);
      if (total === undefined) {
        total = { purchases: 0, cents: 0, last: 0, flagged: new Set() };
        totals.set(value.item_id, total);
      }
      total.purchases += value.purchase_count;
      total.cents += centsOf(value.total_revenue);
      total.last = value.window_end;
      for (const flag of value.fraud_flags) {
        total.flagged.add(`${flag.player_id}\n${flag.ip_address}`);
      }
    }
  }
  const items = [...totals]
    .map(([item, total]) => ({
      item,
      purchases: total.purchases,
      cents: total.cents,
      flaggedAccounts: total.flagged.size,
      lastWindowEndMs: total.last,
    }))
    .toSorted((a, b) => b.cents - a.cents || byName(a.item, b.item));
  return {
    cents: sumOf(items, (item) => item.cents),
    purchases: sumOf(items, (item) => item.purchases),
    items,
    asOfMs: courses.at(-1)?.endMs ?? 0,
    revenueCourse: lineOver(courses, ({ values }) =>
      sumOf(values, (value) => centsOf(value.total_revenue)),
    ),
    purchaseCourse: lineOver(courses, ({ values }) =>
      sumOf(values, (value) => value.purchase_count),
    ),
  };
}

/** Revenue of one stretch of time, split by item; `rest` holds the items that are not named. */
export interface RevenueBin {
  readonly startMs: number;
  readonly endMs: number;
  readonly cents: ReadonlyMap<string, number>;
  readonly restCents: number;
}

/**
 * Revenue in bins of equal length, aligned to the epoch; the last one holds the newest window and
 * may still grow. Their number never changes with time, and bins without sales are there and
 * empty, so that a bar chart has a steady grid.
 * @param options.span the windows come from here; a bin that it would cut is left out
 * @param options.newestEndMs end of the newest window
 */
export function revenueBins(
  courses: readonly Course<ItemSales>[],
  options: { span: Span; newestEndMs: number; binMs: number; items: readonly string[] },
): RevenueBin[] {
  const { binMs, span } = options;
  const named = new Set(options.items);
  const bins: { startMs: number; endMs: number; cents: Map<string, number>; restCents: number }[] =
    [];
  const count = Math.max(1, Math.floor((span.toMs - span.fromMs) / binMs) - 1);
  const lastMs = Math.ceil(options.newestEndMs / binMs - 1) * binMs;
  const firstMs = lastMs - (count - 1) * binMs;
  for (let startMs = firstMs; startMs <= lastMs; startMs += binMs) {
    bins.push({ startMs, endMs: startMs + binMs, cents: new Map(), restCents: 0 });
  }
  for (const { startMs, values } of courses) {
    const bin = bins[Math.floor((startMs - firstMs) / binMs)];
    if (bin === undefined) continue;
    for (const value of values) {
      const cents = centsOf(value.total_revenue);
      if (named.has(value.item_id)) {
        bin.cents.set(value.item_id, (bin.cents.get(value.item_id) ?? 0) + cents);
      } else {
        bin.restCents += cents;
      }
    }
  }
  return bins;
}
