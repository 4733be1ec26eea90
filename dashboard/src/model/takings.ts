/** What comes in: revenue, refunds, buyers, by type of item and by currency. Whole cents throughout. */
import type { PopularItem, Revenue } from "@arenaflow/events";
import { centsOf } from "./sales.ts";
import { lineOver, sumOf, type Course, type Point } from "./windows.ts";

export interface Part {
  readonly name: string;
  readonly cents: number;
  readonly purchases: number;
}

export interface Takings {
  readonly grossCents: number;
  readonly refundedCents: number;
  readonly refunds: number;
  readonly purchases: number;
  /** Most buyers of any ten seconds; buyers of several windows are not distinct and cannot be added. */
  readonly buyersCourse: readonly Point[];
  readonly grossCourse: readonly Point[];
  readonly refundedCourse: readonly Point[];
  readonly byType: readonly Part[];
  readonly byCurrency: readonly Part[];
  /** Since the start; undefined until a total has come. */
  readonly total: Totals | undefined;
  /** Of the newest whole minute. */
  readonly popular: readonly PopularItem[];
}

export interface Totals {
  readonly cents: number;
  readonly refundedCents: number;
  readonly buyers: number;
  readonly players: number | undefined;
  /** Share of the players seen who have bought, 0 to 1. */
  readonly conversion: number | undefined;
}

/** Reads the takings of a span from the periods of ten seconds. */
export function takingsOf(courses: readonly Course<Revenue>[]): Takings {
  const tens = periods(courses, "10s");
  const all = tens.flatMap(({ values }) => values);
  const line = (pick: (value: Revenue) => number): Point[] =>
    lineOver(tens, ({ values }) => sumOf(values, pick));
  return {
    grossCents: sumOf(all, (value) => centsOf(value.gross_revenue)),
    refundedCents: sumOf(all, (value) => centsOf(value.refunded)),
    refunds: sumOf(all, (value) => value.refund_count),
    purchases: sumOf(all, (value) => value.purchase_count),
    buyersCourse: line((value) => value.buyers),
    grossCourse: line((value) => centsOf(value.gross_revenue)),
    refundedCourse: line((value) => centsOf(value.refunded)),
    byType: partsOf(
      all.flatMap((value) => value.by_item_type.map((part) => ({ name: part.item_type, ...part }))),
    ),
    byCurrency: partsOf(
      all.flatMap((value) =>
        (value.by_currency ?? []).map((part) => ({ name: part.currency, ...part })),
      ),
    ),
    total: totalsOf(periods(courses, "total").at(-1)?.values ?? []),
    popular: periods(courses, "1m").at(-1)?.values[0]?.popular_items ?? [],
  };
}

/** Windows of one length: those of several lengths stand under the same start. */
function periods(
  courses: readonly Course<Revenue>[],
  period: Revenue["period"],
): Course<Revenue>[] {
  return courses.flatMap(({ startMs, values }) => {
    const kept = values.filter((value) => value.period === period);
    const first = kept[0];
    return first === undefined ? [] : [{ startMs, endMs: first.window_end, values: kept }];
  });
}

function partsOf(
  values: readonly {
    readonly name: string;
    readonly purchase_count: number;
    readonly revenue: number;
  }[],
): Part[] {
  return [...Map.groupBy(values, (value) => value.name)]
    .map(([name, parts]) => ({
      name,
      cents: sumOf(parts, (part) => centsOf(part.revenue)),
      purchases: sumOf(parts, (part) => part.purchase_count),
    }))
    .toSorted((a, b) => b.cents - a.cents || (a.name < b.name ? -1 : 1));
}

function totalsOf(values: readonly Revenue[]): Totals | undefined {
  if (values.length === 0) return undefined;
  const buyers = sumOf(values, (value) => value.paying_players ?? value.buyers);
  const known = values.every((value) => value.active_players !== undefined);
  const players = known ? sumOf(values, (value) => value.active_players ?? 0) : undefined;
  return {
    cents: sumOf(values, (value) => centsOf(value.revenue)),
    refundedCents: sumOf(values, (value) => centsOf(value.refunded)),
    buyers,
    players,
    conversion: players === undefined || players === 0 ? undefined : Math.min(1, buyers / players),
  };
}
