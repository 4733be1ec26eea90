/**
 * What the dataflows tell the world. The shapes, in `insights/`, are the requirements' own, plus the
 * window they describe: `window_start` inclusive, `window_end` exclusive, epoch milliseconds.
 */
import type { ItemSales, RaisedFlag, Revenue } from "./insights/economy.ts";
import type {
  DayCohort,
  Disconnects,
  LevelActivity,
  LevelRetention,
  PlayerMovement,
  SessionStats,
} from "./insights/engagement.ts";
import type { ServerHealth } from "./insights/operations.ts";
import type { DataflowGraph, PipelineStats } from "./insights/pipeline.ts";
import type { InsightTopic } from "./topics.ts";

export type * from "./insights/economy.ts";
export type * from "./insights/engagement.ts";
export type * from "./insights/operations.ts";
export type * from "./insights/pipeline.ts";
export type * from "./insights/window.ts";

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
