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

export type EventTopic = (typeof EVENT_TOPICS)[number];
export type InsightTopic = (typeof INSIGHT_TOPICS)[number];
export type Topic = EventTopic | InsightTopic | typeof FEED_ACKS_TOPIC;

export const TOPICS: readonly Topic[] = [...EVENT_TOPICS, ...INSIGHT_TOPICS, FEED_ACKS_TOPIC];

export function isEventTopic(name: string): name is EventTopic {
  return (EVENT_TOPICS as readonly string[]).includes(name);
}

export function isInsightTopic(name: string): name is InsightTopic {
  return (INSIGHT_TOPICS as readonly string[]).includes(name);
}
