/**
 * What the dataflows tell the world. The shapes are the requirements' own, plus the window they
 * describe: `window_start` inclusive, `window_end` exclusive, epoch milliseconds.
 */
import type { InsightTopic } from "./topics.ts";

export interface Window {
  readonly window_start: number;
  readonly window_end: number;
}

/** Players on one level and map within the window. */
export interface LevelActivity extends Window {
  readonly level_id: string;
  readonly map_id: string;
  /** Distinct players with an event there. */
  readonly active_players: number;
  /** Mean age in seconds of the sessions seen there, each at its last event in the window. */
  readonly average_session_duration: number;
}

export interface FraudFlag {
  readonly player_id: string;
  readonly ip_address: string;
  readonly suspicious_purchase_count: number;
}

/** Sales of one item within the window. Revenue is in the base currency, two decimals. */
export interface ItemSales extends Window {
  readonly item_id: string;
  readonly purchase_count: number;
  readonly total_revenue: number;
  readonly fraud_flags: readonly FraudFlag[];
}

/** One server within the window: mean loads in percent, mean latency in milliseconds. */
export interface ServerHealth extends Window {
  readonly server_id: string;
  readonly cpu_load: number;
  readonly memory_usage: number;
  readonly latency: number;
  /** Time of the newest measurement, ISO 8601. */
  readonly timestamp: string;
}

/**
 * A fraud rule that has found something; the window is the time from the first piece of evidence
 * to the last. Written again, under the same key, when more of the same comes.
 */
export interface RaisedFlag extends Window {
  /** Name of the rule in `catalog/fraud-rules.json`, and the version of that file. */
  readonly rule: string;
  readonly rule_version: number;
  /** `shadow`: the rule is on trial; count its flags, and bother nobody with them. */
  readonly mode: "flag" | "shadow";
  readonly severity: "low" | "medium" | "high";
  /** 0 to 1; grows with the evidence. */
  readonly score: number;
  /** What the rule watches: `account:…`, `address:…`, `receipt:…/account:…` or `purchase:…`. */
  readonly subject: string;
  /** Of the purchase that raised it. */
  readonly player_id: string;
  readonly ip_address: string;
  readonly item_id: string;
  /** What the rule counted, and from where on it flags. */
  readonly count: number;
  readonly threshold: number;
  readonly evidence_event_ids: readonly string[];
}

/**
 * Takings of a period: ten seconds, a minute, or everything since the start (written with every ten
 * seconds, and counting late purchases too). Amounts are in the base currency, two decimals.
 */
export interface Revenue extends Window {
  readonly period: "10s" | "1m" | "total";
  readonly purchase_count: number;
  readonly refund_count: number;
  /** Distinct accounts that bought. */
  readonly buyers: number;
  readonly gross_revenue: number;
  readonly refunded: number;
  /** Gross less refunded. */
  readonly revenue: number;
  readonly by_item_type: readonly {
    readonly item_type: string;
    readonly purchase_count: number;
    readonly revenue: number;
  }[];
}

/**
 * What has become of the records of a topic since the start, every ten seconds:
 * records = processed + duplicates + refused, and processed = those in windows + late.
 */
export interface PipelineStats extends Window {
  readonly topic: string;
  readonly records: number;
  readonly processed: number;
  /** Came before, and counts once. */
  readonly duplicates: number;
  /** Makes no sense: no time, no amount, no known currency. */
  readonly refused: number;
  /** Came after its window had closed; in the totals, in no window. */
  readonly late: number;
}

export interface InsightByTopic {
  "level-activity": LevelActivity;
  "item-sales": ItemSales;
  "server-health": ServerHealth;
  "fraud-flags": RaisedFlag;
  revenue: Revenue;
  "pipeline-stats": PipelineStats;
}

/** The fields that, with the window's start, name one insight: a replayed one overwrites its twin. */
export const INSIGHT_GROUP: Readonly<Record<InsightTopic, readonly string[]>> = {
  "level-activity": ["level_id", "map_id"],
  "item-sales": ["item_id"],
  "server-health": ["server_id"],
  "fraud-flags": ["rule", "subject"],
  revenue: ["period"],
  "pipeline-stats": ["topic"],
};

/**
 * The key under which an insight is stored.
 * @returns window start and group, or `undefined` when a field of the key is missing
 */
export function insightKey(
  topic: InsightTopic,
  value: { [field: string]: unknown },
): string | undefined {
  const start = value["window_start"];
  if (typeof start !== "number") return undefined;
  const group: string[] = [];
  for (const name of INSIGHT_GROUP[topic]) {
    const part = value[name];
    if (typeof part !== "string") return undefined;
    group.push(part);
  }
  return `${start}/${JSON.stringify(group)}`;
}

/** A message on the live WebSocket, and an item of `GET /v1/insights/<topic>`. */
export type LiveMessage = {
  [T in InsightTopic]: {
    readonly topic: T;
    /** Grows by one with every insight stored; resume after the last one seen. */
    readonly position: number;
    readonly value: InsightByTopic[T];
  };
}[InsightTopic];

/** The Journal positions of one topic and shard that a dataflow has processed, ends inclusive. */
export interface FeedAck {
  readonly topic: string;
  readonly shard: number;
  readonly ranges: readonly (readonly [from: number, to: number])[];
}
