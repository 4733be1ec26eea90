/** Takings of a period, and since the start, from the raw purchases. */
import {
  type Catalogs,
  centsOf,
  isRefund,
  type MicroDollars,
  netCents,
  type Purchase,
} from "./sales.ts";
import { groupBy } from "./window.ts";

interface Share {
  readonly purchase_count: number;
  readonly revenue: number;
}

export interface Takings {
  readonly purchase_count: number;
  readonly refund_count: number;
  readonly buyers: number;
  readonly gross_revenue: number;
  readonly refunded: number;
  readonly revenue: number;
  readonly by_item_type: readonly (Share & { readonly item_type: string })[];
  readonly by_currency: readonly (Share & { readonly currency: string })[];
}

const POPULAR_MAX = 10;

export function takings(purchases: readonly Purchase[], { rates, nameOf }: Catalogs): Takings {
  const bought = purchases.filter((purchase) => !isRefund(purchase));
  const refunds = purchases.filter(isRefund);
  const typeOf = ({ item_id }: Purchase): string => nameOf(item_id).item_type;
  return {
    purchase_count: bought.length,
    refund_count: refunds.length,
    buyers: new Set(bought.map(({ player_id }) => player_id)).size,
    gross_revenue: total(bought, rates) / 100,
    refunded: total(refunds, rates) / 100,
    revenue: (total(bought, rates) - total(refunds, rates)) / 100,
    by_item_type: shares(purchases, typeOf, rates).map(([item_type, share]) => ({
      item_type,
      ...share,
    })),
    by_currency: shares(purchases, ({ currency }) => currency, rates).map(([currency, share]) => ({
      currency,
      ...share,
    })),
  };
}

/** The items bought most in a minute, and how often they were in the one before. */
export function popularItems(
  minute: readonly Purchase[],
  before: readonly Purchase[],
  { nameOf }: Catalogs,
) {
  const countIn = (some: readonly Purchase[], itemId: string): number =>
    some.filter((purchase) => purchase.item_id === itemId && !isRefund(purchase)).length;
  return [...new Set(minute.map(({ item_id }) => item_id))]
    .map((item_id) => ({
      item_id,
      ...nameOf(item_id),
      purchase_count: countIn(minute, item_id),
      purchases_minute_before: countIn(before, item_id),
    }))
    .filter(({ purchase_count }) => purchase_count > 0)
    .toSorted((a, b) => b.purchase_count - a.purchase_count || (a.item_id < b.item_id ? -1 : 1))
    .slice(0, POPULAR_MAX);
}

/** By what accounts have spent: from so many cents on. */
const TIERS = [
  ["none", -Infinity],
  ["minnow", 1],
  ["dolphin", 1_000],
  ["whale", 10_000],
] as const;

/** What accounts have brought since they first bought, by the tier that this makes them. */
export function bySpenderTier(purchases: readonly Purchase[], rates: MicroDollars) {
  const spenders = groupBy(purchases, ({ player_id }) => player_id)
    .map((own) => own.slice(own.findIndex((purchase) => !isRefund(purchase))))
    .filter((own) => own.some((purchase) => !isRefund(purchase)))
    .map((own) => ({ own, cents: netCents(own, rates) }));
  const tierOf = (cents: number) => TIERS.findLast(([, fromCents]) => cents >= fromCents)?.[0];
  return TIERS.map(([tier]) => {
    const all = spenders.filter(({ cents }) => tierOf(cents) === tier);
    return {
      tier,
      buyers: all.length,
      purchase_count: all.flatMap(({ own }) => own.filter((one) => !isRefund(one))).length,
      revenue: all.reduce((sum, { cents }) => sum + cents, 0) / 100,
    };
  });
}

function total(some: readonly Purchase[], rates: MicroDollars): number {
  return some.reduce((sum, purchase) => sum + centsOf(purchase, rates), 0);
}

/** By a name, sorted by it. */
function shares(
  some: readonly Purchase[],
  nameOf: (purchase: Purchase) => string,
  rates: MicroDollars,
): (readonly [string, Share])[] {
  return groupBy(some, nameOf)
    .map((group) => {
      const purchase_count = group.filter((purchase) => !isRefund(purchase)).length;
      const share = { purchase_count, revenue: netCents(group, rates) / 100 };
      return [group[0] === undefined ? "" : nameOf(group[0]), share] as const;
    })
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}
