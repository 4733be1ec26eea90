/** The insights that the page shows; it asks for no others. */
import type { LiveMessage } from "@arenaflow/events";

/** Their windows are written as soon as they are over, and not before: what tells the page's time. */
export const PUNCTUAL_TOPICS = [
  "level-activity",
  "item-sales",
  "server-health",
  "session-stats",
] as const;

/** What the overview is made of: read first, so that it stands at once. */
export const FIRST_TOPICS = [...PUNCTUAL_TOPICS, "revenue"] as const;

export const SHOWN_TOPICS = [
  ...FIRST_TOPICS,
  "fraud-flags",
  "level-retention",
  "player-movement",
  "disconnects",
  "pipeline-stats",
  "dataflow-graph",
  "day-cohorts",
] as const;

export type ShownTopic = (typeof SHOWN_TOPICS)[number];

export type ShownMessage = Extract<LiveMessage, { readonly topic: ShownTopic }>;

export function isShownTopic(name: string): name is ShownTopic {
  return (SHOWN_TOPICS as readonly string[]).includes(name);
}

/** Makes a record with one value per topic. */
export function perTopic<V>(valueOf: (topic: ShownTopic) => V): Record<ShownTopic, V> {
  return Object.fromEntries(SHOWN_TOPICS.map((topic) => [topic, valueOf(topic)])) as Record<
    ShownTopic,
    V
  >;
}
