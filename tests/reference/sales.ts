/**
 * Sales, computed a second time from the raw purchases: simply, slowly, sharing no code with the
 * dataflow. Purchases are taken as the topic holds them, times already decided by the edge.
 */
import { groupBy, windowOf, type WindowBounds } from "./window.ts";

export interface Purchase {
  readonly event_id?: string;
  readonly title_id?: string;
  readonly player_id: string;
  readonly item_id: string;
  readonly price: number;
  readonly currency: string;
  readonly purchase_timestamp: string;
  readonly ip_address: string;
  readonly region?: string;
  readonly transaction_id?: string;
  readonly transaction_type?: "purchase" | "refund";
}

export interface ItemSales extends WindowBounds {
  readonly title_id: string;
  readonly item_id: string;
  readonly item_name: string;
  readonly item_type: string;
  readonly purchase_count: number;
  readonly refund_count: number;
  readonly total_revenue: number;
  readonly fraud_flags: readonly {
    readonly player_id: string;
    readonly ip_address: string;
    readonly suspicious_purchase_count: number;
  }[];
}

/** What one unit of each currency is worth in the base currency, in millionths of a US dollar. */
export type MicroDollars = Readonly<Record<string, bigint>>;

/** Of an item, from the catalog. */
export type NameOf = (itemId: string) => { readonly item_name: string; readonly item_type: string };

export interface Catalogs {
  readonly rates: MicroDollars;
  readonly nameOf: NameOf;
}

/** Purchases of one account from one address within one window that make it suspicious. */
const SUSPICIOUS_PURCHASES_MIN = 4;

export const titleOf = (purchase: Purchase): string => purchase.title_id ?? "local";

export const isRefund = (purchase: Purchase): boolean => purchase.transaction_type === "refund";

/** Sales per item in whole cents of the base currency, and the accounts that bought suspiciously often. */
export function itemSales(
  purchases: readonly Purchase[],
  { rates, nameOf }: Catalogs,
): ItemSales[] {
  const startOf = (purchase: Purchase): number =>
    windowOf(Date.parse(purchase.purchase_timestamp)).window_start;
  const keyOf = (purchase: Purchase): string =>
    `${startOf(purchase)} ${titleOf(purchase)} ${purchase.item_id}`;
  return groupBy(purchases, keyOf).map((group) => {
    const [first] = group;
    if (first === undefined) throw new Error("a group has a member");
    const bought = group.filter((purchase) => !isRefund(purchase));
    const buyers = groupBy(bought, (purchase) => `${purchase.player_id} ${purchase.ip_address}`);
    const flags = buyers.map((own) => {
      const { player_id, ip_address } = own[0] ?? first;
      const everywhere = purchases.filter(
        (other) =>
          titleOf(other) === titleOf(first) &&
          other.player_id === player_id &&
          other.ip_address === ip_address &&
          !isRefund(other) &&
          startOf(other) === startOf(first),
      );
      return { player_id, ip_address, suspicious_purchase_count: everywhere.length };
    });
    return {
      ...windowOf(Date.parse(first.purchase_timestamp)),
      title_id: titleOf(first),
      item_id: first.item_id,
      ...nameOf(first.item_id),
      purchase_count: bought.length,
      refund_count: group.length - bought.length,
      total_revenue: netCents(group, rates) / 100,
      fraud_flags: flags.filter(
        (flag) => flag.suspicious_purchase_count >= SUSPICIOUS_PURCHASES_MIN,
      ),
    };
  });
}

/** Purchases less refunds. */
export function netCents(some: readonly Purchase[], rates: MicroDollars): number {
  return some.reduce(
    (sum, purchase) => sum + (isRefund(purchase) ? -1 : 1) * centsOf(purchase, rates),
    0,
  );
}

/** Whole cents of the base currency, rounded half up; prices have two decimals. */
export function centsOf(purchase: Purchase, rates: MicroDollars): number {
  const minor = BigInt(purchase.price.toFixed(2).replace(".", ""));
  const rate = rates[purchase.currency];
  if (rate === undefined) throw new Error(`no rate for ${purchase.currency}`);
  return Number((minor * rate * 2n + 1_000_000n) / 2_000_000n);
}
