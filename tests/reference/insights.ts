/**
 * The insights, computed a second time: simply, slowly, from the raw events, sharing no code with
 * the dataflows. Events are taken as the topics hold them, times already decided by the edge.
 */
import { groupBy, windowOf, type WindowBounds } from "./window.ts";

export interface Purchase {
  readonly event_id?: string;
  readonly player_id: string;
  readonly item_id: string;
  readonly price: number;
  readonly currency: string;
  readonly purchase_timestamp: string;
  readonly ip_address: string;
  readonly transaction_type?: "purchase" | "refund";
}

export interface ItemSales extends WindowBounds {
  readonly item_id: string;
  readonly purchase_count: number;
  readonly total_revenue: number;
  readonly fraud_flags: readonly {
    readonly player_id: string;
    readonly ip_address: string;
    readonly suspicious_purchase_count: number;
  }[];
}

const windowKey = (time: string): string => String(windowOf(Date.parse(time)).window_start);

/** What one unit of each currency is worth in the base currency, in millionths of a US dollar. */
export type MicroDollars = Readonly<Record<string, bigint>>;

/** Purchases of one account from one address within one window that make it suspicious. */
const SUSPICIOUS_PURCHASES_MIN = 4;

/** Sales per item in whole cents of the base currency, and the accounts that bought suspiciously often. */
export function itemSales(purchases: readonly Purchase[], rates: MicroDollars): ItemSales[] {
  const keyOf = (purchase: Purchase): string =>
    `${windowKey(purchase.purchase_timestamp)} ${purchase.item_id}`;
  return groupBy(purchases, keyOf).map((group) => {
    const window = windowOf(Date.parse(group[0]!.purchase_timestamp));
    const cents = group.map((purchase) => {
      const amount = centsOf(purchase, rates);
      return purchase.transaction_type === "refund" ? -amount : amount;
    });
    const bought = group.filter((purchase) => purchase.transaction_type !== "refund");
    const buyers = groupBy(bought, (purchase) => `${purchase.player_id} ${purchase.ip_address}`);
    const flags = buyers.map((own) => {
      const { player_id, ip_address } = own[0]!;
      const everywhere = purchases.filter(
        (other) =>
          other.player_id === player_id &&
          other.ip_address === ip_address &&
          other.transaction_type !== "refund" &&
          windowOf(Date.parse(other.purchase_timestamp)).window_start === window.window_start,
      );
      return { player_id, ip_address, suspicious_purchase_count: everywhere.length };
    });
    return {
      ...window,
      item_id: group[0]!.item_id,
      purchase_count: bought.length,
      total_revenue: cents.reduce((sum, amount) => sum + amount, 0) / 100,
      fraud_flags: flags.filter(
        (flag) => flag.suspicious_purchase_count >= SUSPICIOUS_PURCHASES_MIN,
      ),
    };
  });
}

/** Whole cents of the base currency, rounded half up; prices have two decimals. */
export function centsOf(purchase: Purchase, rates: MicroDollars): number {
  const minor = BigInt(purchase.price.toFixed(2).replace(".", ""));
  return Number((minor * rates[purchase.currency]! * 2n + 1_000_000n) / 2_000_000n);
}
