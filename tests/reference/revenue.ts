/** Takings of a period, and since the start, from the raw purchases. */
import { centsOf, type MicroDollars, type Purchase } from "./insights.ts";
import { groupBy } from "./window.ts";

export interface Takings {
  readonly purchase_count: number;
  readonly refund_count: number;
  readonly buyers: number;
  readonly gross_revenue: number;
  readonly refunded: number;
  readonly revenue: number;
  readonly by_item_type: readonly {
    readonly item_type: string;
    readonly purchase_count: number;
    readonly revenue: number;
  }[];
}

export function takings(
  purchases: readonly Purchase[],
  { rates, typeOf }: { rates: MicroDollars; typeOf: (itemId: string) => string },
): Takings {
  const isRefund = (purchase: Purchase): boolean => purchase.transaction_type === "refund";
  const bought = purchases.filter((purchase) => !isRefund(purchase));
  const refunds = purchases.filter(isRefund);
  const cents = (some: readonly Purchase[]): number =>
    some.reduce((sum, purchase) => sum + centsOf(purchase, rates), 0);
  const types = groupBy(purchases, ({ item_id }) => typeOf(item_id)).map((group) => ({
    item_type: typeOf(group[0]!.item_id),
    purchase_count: group.filter((purchase) => !isRefund(purchase)).length,
    revenue:
      (cents(group.filter((purchase) => !isRefund(purchase))) - cents(group.filter(isRefund))) /
      100,
  }));
  return {
    purchase_count: bought.length,
    refund_count: refunds.length,
    buyers: new Set(bought.map(({ player_id }) => player_id)).size,
    gross_revenue: cents(bought) / 100,
    refunded: cents(refunds) / 100,
    revenue: (cents(bought) - cents(refunds)) / 100,
    by_item_type: types.toSorted((a, b) => (a.item_type < b.item_type ? -1 : 1)),
  };
}
