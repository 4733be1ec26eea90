/** Rejected events: what their sender is told, and where they are counted. */
import { LIMITS, type Issue } from "@arenaflow/events";

import type { CountedTopic } from "../journal/messages.ts";

/** One rejected event, as the answer tells it. */
export interface RejectedEvent extends Issue {
  /** Place in the request, from 0. */
  readonly index: number;
  /** The event's own id, where it has one. */
  readonly event_id?: string;
}

export interface Rejected {
  readonly topic: CountedTopic;
  readonly answer: RejectedEvent;
}

/** Notes what is wrong with the event at a place in the request. */
export function rejected(
  issue: Issue,
  event: { item: unknown; index: number; topic: CountedTopic },
): Rejected {
  const { item, index, topic } = event;
  const id = (item as { event_id?: unknown } | null)?.event_id;
  const own = typeof id === "string" ? { event_id: id.slice(0, LIMITS.idCharsMax) } : {};
  return { topic, answer: { index, ...own, ...issue } };
}
