/** The topics of the system: what enters, what is looked up, what comes out. */

export const EVENT_TOPICS = ["player-events", "purchases", "server-metrics"] as const;
export const INSIGHT_TOPICS = [
  "level-activity",
  "item-sales",
  "server-health",
  "fraud-flags",
  "revenue",
  "pipeline-stats",
  "level-retention",
  "session-stats",
  "player-movement",
  "disconnects",
  "dataflow-graph",
  "day-cohorts",
] as const;
/** Carries the Journal positions that the dataflows have seen back to the Journal. */
export const FEED_ACKS_TOPIC = "feed-acks";
/** Tells whoever keeps something by player that a player is to be forgotten. */
export const TOMBSTONES_TOPIC = "player-tombstones";

export type EventTopic = (typeof EVENT_TOPICS)[number];
export type InsightTopic = (typeof INSIGHT_TOPICS)[number];
/** What the Journal feeds: everything that comes from the edge. */
export type FeedTopic = EventTopic | typeof TOMBSTONES_TOPIC;
export type Topic = FeedTopic | InsightTopic | typeof FEED_ACKS_TOPIC;

export const FEED_TOPICS: readonly FeedTopic[] = [...EVENT_TOPICS, TOMBSTONES_TOPIC];
export const TOPICS: readonly Topic[] = [...FEED_TOPICS, ...INSIGHT_TOPICS, FEED_ACKS_TOPIC];

export function isEventTopic(name: string): name is EventTopic {
  return (EVENT_TOPICS as readonly string[]).includes(name);
}

export function isFeedTopic(name: string): name is FeedTopic {
  return (FEED_TOPICS as readonly string[]).includes(name);
}

export function isInsightTopic(name: string): name is InsightTopic {
  return (INSIGHT_TOPICS as readonly string[]).includes(name);
}
