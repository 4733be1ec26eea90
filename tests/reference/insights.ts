/**
 * The insights, computed a second time: simply, slowly, from the raw events, sharing no code with
 * the dataflows. Events are taken as the topics hold them, times already decided by the edge.
 */
import { groupBy, mean, round, windowOf, type WindowBounds } from "./window.ts";

export interface PlayerEvent {
  readonly player_id: string;
  readonly session_id: string;
  readonly level_id: string;
  readonly map_id: string;
  readonly timestamp: string;
}

export interface Purchase {
  readonly player_id: string;
  readonly item_id: string;
  readonly price: number;
  readonly currency: string;
  readonly purchase_timestamp: string;
  readonly ip_address: string;
  readonly transaction_type?: "purchase" | "refund";
}

export interface ServerMetric {
  readonly server_id: string;
  readonly cpu_load: number;
  readonly memory_usage: number;
  readonly latency: number;
  readonly timestamp: string;
}

export interface LevelActivity extends WindowBounds {
  readonly level_id: string;
  readonly map_id: string;
  readonly active_players: number;
  readonly average_session_duration: number;
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

export interface ServerHealth extends WindowBounds {
  readonly server_id: string;
  readonly cpu_load: number;
  readonly memory_usage: number;
  readonly latency: number;
  readonly timestamp: string;
}

const windowKey = (time: string): string => String(windowOf(Date.parse(time)).window_start);

/** Distinct players per level and map, and how long their sessions have lasted, in seconds. */
export function levelActivity(events: readonly PlayerEvent[]): LevelActivity[] {
  const startOf = new Map<string, number>();
  for (const event of events) {
    const time = Date.parse(event.timestamp);
    startOf.set(event.session_id, Math.min(time, startOf.get(event.session_id) ?? time));
  }
  const keyOf = (event: PlayerEvent): string =>
    `${windowKey(event.timestamp)} ${event.level_id} ${event.map_id}`;
  return groupBy(events, keyOf).map((group) => {
    const sessions = groupBy(group, (event) => event.session_id);
    const durations = sessions.map((session) => {
      const last = Math.max(...session.map((event) => Date.parse(event.timestamp)));
      return (last - startOf.get(session[0]!.session_id)!) / 1000;
    });
    return {
      ...windowOf(Date.parse(group[0]!.timestamp)),
      level_id: group[0]!.level_id,
      map_id: group[0]!.map_id,
      active_players: new Set(group.map((event) => event.player_id)).size,
      average_session_duration: round(mean(durations), 1),
    };
  });
}

/** Units of each currency that one unit of the base currency, the US dollar, buys. */
export type UnitsPerDollar = Readonly<Record<string, number>>;

/** Purchases of one account from one address within one window that make it suspicious. */
const SUSPICIOUS_PURCHASES_MIN = 4;

/** Sales per item in whole cents of the base currency, and the accounts that bought suspiciously often. */
export function itemSales(purchases: readonly Purchase[], rates: UnitsPerDollar): ItemSales[] {
  const keyOf = (purchase: Purchase): string =>
    `${windowKey(purchase.purchase_timestamp)} ${purchase.item_id}`;
  return groupBy(purchases, keyOf).map((group) => {
    const window = windowOf(Date.parse(group[0]!.purchase_timestamp));
    const cents = group.map((purchase) => {
      const amount = round((purchase.price * 100) / rates[purchase.currency]!, 0);
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
      total_revenue: round(cents.reduce((sum, amount) => sum + amount, 0) / 100, 2),
      fraud_flags: flags.filter(
        (flag) => flag.suspicious_purchase_count >= SUSPICIOUS_PURCHASES_MIN,
      ),
    };
  });
}

/** Mean load and latency per server, and the time of its newest measurement. */
export function serverHealth(metrics: readonly ServerMetric[]): ServerHealth[] {
  const keyOf = (metric: ServerMetric): string =>
    `${windowKey(metric.timestamp)} ${metric.server_id}`;
  return groupBy(metrics, keyOf).map((group) => {
    const newest = Math.max(...group.map((metric) => Date.parse(metric.timestamp)));
    return {
      ...windowOf(newest),
      server_id: group[0]!.server_id,
      cpu_load: round(mean(group.map((metric) => metric.cpu_load)), 1),
      memory_usage: round(mean(group.map((metric) => metric.memory_usage)), 1),
      latency: round(mean(group.map((metric) => metric.latency)), 1),
      timestamp: new Date(newest).toISOString(),
    };
  });
}
