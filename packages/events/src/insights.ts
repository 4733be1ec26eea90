/**
 * What the dataflows tell the world. The shapes are the requirements' own, plus the window they
 * describe: `window_start` inclusive, `window_end` exclusive, epoch milliseconds.
 */
import type { InsightTopic } from "./topics.ts";

export interface Window {
  /** The game title it is about; absent means `LOCAL_TITLE`. Titles never share an insight. */
  readonly title_id?: string;
  readonly window_start: number;
  readonly window_end: number;
}

/** Players on one level and map within the window. */
export interface LevelActivity extends Window {
  readonly level_id: string;
  readonly map_id: string;
  /** As the catalog has them; empty where it has none. */
  readonly level_name?: string;
  readonly map_name?: string;
  /** Distinct players with an event there. */
  readonly active_players: number;
  /** The same over the sixty seconds up to the window's end. */
  readonly active_last_minute?: number;
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
  /** As the catalog has them; empty and `unknown` where it has none. */
  readonly item_name?: string;
  readonly item_type?: string;
  readonly purchase_count: number;
  readonly refund_count?: number;
  readonly total_revenue: number;
  readonly fraud_flags: readonly FraudFlag[];
}

/**
 * One server within the window: loads in percent, latency in milliseconds; `cpu_load`,
 * `memory_usage` and `latency` are means, `_last` is the newest measurement's.
 */
export interface ServerHealth extends Window {
  readonly server_id: string;
  /** From the catalog of servers, else as the server says itself; empty when neither knows. */
  readonly region: string;
  readonly server_type: string;
  /** Measurements within the window. */
  readonly samples: number;
  readonly cpu_load: number;
  readonly cpu_last: number;
  readonly cpu_p95: number;
  readonly cpu_max: number;
  readonly memory_usage: number;
  readonly memory_last: number;
  readonly memory_p95: number;
  readonly memory_max: number;
  readonly latency: number;
  readonly latency_last: number;
  readonly latency_p95: number;
  readonly latency_max: number;
  /** Connected at the newest measurement. */
  readonly players: number;
  /** Connections lost within the window, and as a share of the players then there. */
  readonly disconnections: number;
  readonly disconnection_rate: number;
  /** `down`: silent for ten seconds or more; its numbers are 0. */
  readonly state: "ok" | "degraded" | "down";
  /** Why it is not ok; empty when it is. */
  readonly reason: string;
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
  /** The newest sixteen, oldest first. */
  readonly evidence_event_ids: readonly string[];
  /** What the account had spent before, and whether it had bought before; null where no account is watched. */
  readonly spender_tier?: SpenderTier | null;
  readonly returning_buyer?: boolean | null;
}

/** By what an account has spent so far: nothing, up to 10, up to 100, or more of the base currency. */
export type SpenderTier = "none" | "minnow" | "dolphin" | "whale";

/**
 * Takings of a period: ten seconds, a minute, or everything since the start, counting late purchases
 * too. Written every five seconds; a period that goes on is written again under its key with a later
 * end, and a total has the start of the ten seconds it was written in. Amounts are in the base
 * currency, two decimals.
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
  /** By the currency paid in; `revenue` is in the base currency all the same. */
  readonly by_currency?: readonly {
    readonly currency: string;
    readonly purchase_count: number;
    readonly revenue: number;
  }[];
  /** Of `1m`, else null: the ten items bought most, and how often they were in the minute before. */
  readonly popular_items?: readonly PopularItem[] | null;
  /**
   * Of `total`, else null: accounts that have bought, players whose sessions have been seen, and the
   * one as a share of the other (0 to 1; 0 while no player has been seen).
   */
  readonly paying_players?: number | null;
  readonly active_players?: number | null;
  readonly conversion?: number | null;
}

export interface PopularItem {
  readonly item_id: string;
  readonly item_name: string;
  readonly item_type: string;
  readonly purchase_count: number;
  readonly purchases_minute_before: number;
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
  /** The refused ones by what is wrong with them. */
  readonly refused_by?: readonly { readonly reason: string; readonly records: number }[];
  /** Refunds of accounts that had bought nothing; they count, and are flagged on trial. */
  readonly unmatched_refunds?: number;
  /** Came after its window had closed; in the totals, in no window. */
  readonly late: number;
  /** Longest way from the edge to the topic within the window, in milliseconds. */
  readonly delay_ms_max?: number;
}

/**
 * One level and map over the last minute, every ten seconds, and since the start. Of those who
 * started: who completed, failed, quit there, and came back after they had left there.
 */
export interface LevelRetention extends Window {
  readonly level_id: string;
  readonly map_id: string;
  readonly started: number;
  readonly completed: number;
  readonly failed: number;
  /** Sessions that ended here by the player's will. */
  readonly quit: number;
  readonly came_back: number;
  /** From a start to its outcome. */
  readonly average_attempt_seconds: number;
  readonly level_name?: string;
  readonly map_name?: string;
  /** Players get stuck here: by which measure it stands out among the title's levels. */
  readonly stuck: boolean;
  readonly stuck_by: "" | "failures" | "quits" | "time";
  /** Failed attempts or quits as a share (0 to 1), or the mean seconds of an attempt. */
  readonly stuck_measure: number;
  /** What the measure would have to stay below, from the other levels. */
  readonly stuck_threshold?: number;
  readonly started_total: number;
  readonly completed_total: number;
  readonly failed_total: number;
  readonly quit_total: number;
  readonly came_back_total: number;
}

/** Sessions that began and ended within the window, and those going on at its end. */
export interface SessionStats extends Window {
  /** Neither ended nor silent for half an hour. */
  readonly active_sessions: number;
  /** Of these, seen in the last minute. */
  readonly active_last_minute: number;
  readonly started: number;
  readonly ended: number;
  /** Of those ended, broken off. */
  readonly disconnected: number;
  /** Of those ended, gone without a word: nothing came for half an hour. */
  readonly silent?: number;
  /** Of those ended, in seconds. */
  readonly average_duration: number;
  /** Of the players whose sessions started: never seen before, and seen before. */
  readonly new_players?: number;
  readonly returning_players?: number;
  readonly by_region?: readonly SessionShare<"region">[];
  readonly by_platform?: readonly SessionShare<"platform">[];
}

/** Sessions of one region or platform; it is empty where the events name none. */
export type SessionShare<Name extends string> = Readonly<Record<Name, string>> & {
  readonly started: number;
  readonly ended: number;
  readonly disconnected: number;
};

/**
 * Of the players first seen on a day (UTC), how many were seen again a number of days later; day 0
 * is the day itself. Every minute all of the last two weeks' cohorts.
 */
export interface DayCohort extends Window {
  /** `2026-11-22` */
  readonly cohort_day: string;
  readonly day_number: number;
  readonly cohort_size: number;
  readonly returned: number;
}

/** Sessions that went from one level and map to another; the busiest ways first. */
export interface PlayerMovement extends Window {
  readonly from_level_id: string;
  readonly from_map_id: string;
  readonly to_level_id: string;
  readonly to_map_id: string;
  readonly transitions: number;
}

/** Sessions of one server that broke off, among all that ended there. */
export interface Disconnects extends Window {
  readonly server_id: string;
  /** The server's, from the catalog; empty where it has none. */
  readonly region?: string;
  readonly disconnects: number;
  readonly sessions_ended: number;
  /** Disconnects as a share of the sessions that ended, 0 to 1. */
  readonly disconnect_rate: number;
  /** The most frequent one; empty without disconnects. */
  readonly main_reason: string;
}

/** Records through one operator of a dataflow. */
export interface GraphOperator {
  /** Its number within the dataflow. */
  readonly id: number;
  readonly service: string;
  /** `source` (reads and decodes a topic), `map`, `filter`, `update-state`, `flush`, … */
  readonly kind: string;
  readonly name: string;
  /** Records since the start: that it was given, passed on, refused or failed on, and left out. */
  readonly in: number;
  readonly out: number;
  readonly failed: number;
  readonly filtered: number;
  /** Records given to it per second, over the window. */
  readonly rate: number;
}

/** A topic or a service of a dataflow. */
export interface GraphNode {
  /** `topic:<name>` or `service:<name>`; edges name it. */
  readonly id: string;
  readonly kind: "topic" | "service";
  readonly name: string;
  /** Records per second over the window: written to the topic or read from it, read by the service. */
  readonly rate: number;
  /** The rest of a service only. `windowing` is words such as "tumbling 5 s", empty without windows. */
  readonly windowing?: string;
  readonly in?: number;
  readonly out?: number;
  readonly failed?: number;
  /** Records that came after their window had closed. */
  readonly late?: number;
  readonly open_windows?: number;
  /** Event time up to which its windows are complete, epoch milliseconds. */
  readonly watermark?: number | null;
  /** Names of its states, and the rows in all of them. */
  readonly states?: readonly string[];
  readonly rows?: number;
  readonly operators?: readonly GraphOperator[];
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** Since the start. */
  readonly records: number;
  /** Per second, over the window. */
  readonly rate: number;
}

/** A running dataflow as a picture with live counts, every five seconds of the clock on the wall. */
export interface DataflowGraph extends Window {
  readonly title_id?: string;
  readonly dataflow: string;
  readonly version: string;
  /** When its counters began, epoch milliseconds. */
  readonly started_at: number;
  readonly memory_bytes: number;
  /** Records and window results dropped since the start. */
  readonly dropped: number;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface InsightByTopic {
  "level-activity": LevelActivity;
  "item-sales": ItemSales;
  "server-health": ServerHealth;
  "fraud-flags": RaisedFlag;
  revenue: Revenue;
  "pipeline-stats": PipelineStats;
  "level-retention": LevelRetention;
  "session-stats": SessionStats;
  "player-movement": PlayerMovement;
  disconnects: Disconnects;
  "dataflow-graph": DataflowGraph;
  "day-cohorts": DayCohort;
}

/** The title of events and insights that name none: those of the local stack. */
export const LOCAL_TITLE = "local";

/**
 * The fields that, with the title and the window's start, name one insight: a replayed one
 * overwrites its twin.
 */
export const INSIGHT_GROUP: Readonly<Record<InsightTopic, readonly string[]>> = {
  "level-activity": ["level_id", "map_id"],
  "item-sales": ["item_id"],
  "server-health": ["server_id"],
  "fraud-flags": ["rule", "subject"],
  revenue: ["period"],
  "pipeline-stats": ["topic"],
  "level-retention": ["level_id", "map_id"],
  "session-stats": [],
  "player-movement": ["from_level_id", "from_map_id", "to_level_id", "to_map_id"],
  disconnects: ["server_id"],
  "dataflow-graph": ["dataflow"],
  "day-cohorts": ["cohort_day", "day_number"],
};

/**
 * The title that an insight is about.
 * @returns `undefined` when the field holds something that is no title
 */
export function titleOf(value: { readonly [field: string]: unknown }): string | undefined {
  const title = value["title_id"];
  if (title === undefined) return LOCAL_TITLE;
  return typeof title === "string" && title !== "" ? title : undefined;
}

/**
 * The key under which an insight is stored.
 * @returns window start, then title and group; `undefined` when a field of the key is missing
 */
export function insightKey(
  topic: InsightTopic,
  value: { readonly [field: string]: unknown },
): string | undefined {
  const start = value["window_start"];
  if (typeof start !== "number") return undefined;
  const title = titleOf(value);
  if (title === undefined) return undefined;
  const group: string[] = [title];
  for (const name of INSIGHT_GROUP[topic]) {
    const part = value[name];
    if (typeof part !== "string" && !Number.isSafeInteger(part)) return undefined;
    group.push(String(part));
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

/**
 * A record of `player-tombstones`: whoever keeps rows by player drops those of this one. It is no
 * event and is counted nowhere.
 */
export interface PlayerTombstone {
  readonly event_id: string;
  readonly title_id: string;
  readonly player_id: string;
  /** When the player was forgotten, ISO 8601, and the same in epoch milliseconds. */
  readonly timestamp: string;
  readonly received_at: number;
  readonly feed: { readonly shard: number; readonly seq: number };
}
