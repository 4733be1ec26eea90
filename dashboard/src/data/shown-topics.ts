/** The insights that the page shows; it asks for no others. */
import type { LiveMessage } from "@arenaflow/events";

export const SHOWN_TOPICS = ["level-activity", "item-sales", "server-health"] as const;

export type ShownTopic = (typeof SHOWN_TOPICS)[number];

export type ShownMessage = Extract<LiveMessage, { readonly topic: ShownTopic }>;

export function isShownTopic(name: string): name is ShownTopic {
  return (SHOWN_TOPICS as readonly string[]).includes(name);
}
