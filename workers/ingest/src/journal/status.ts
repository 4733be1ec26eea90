/** What a shard tells of each title and topic: its counters, and what still waits. */
import { isEventTopic, type EventTopic } from "@arenaflow/events";

import type { Acknowledged } from "./acknowledged.ts";
import type { Lane } from "./lanes.ts";
import type { LaneStatus } from "./messages.ts";
import type { HeldRow } from "./store.ts";

/** What is held of a topic, of all titles. */
interface Held {
  readonly rows: readonly HeldRow[];
  readonly acknowledged: Acknowledged;
}

interface Waiting {
  backlog: number;
  oldestMs: number | null;
  bytes: number;
}

/** Joins the counters with what the rows of each topic say. */
export function laneStatus(
  lanes: readonly Lane[],
  heldOf: (topic: EventTopic) => Held,
): readonly LaneStatus[] {
  const byTopic = new Map<EventTopic, Map<string, Waiting>>();
  return lanes.map((lane) => {
    const { topic, title } = lane;
    const none = { backlog: 0, oldestMs: null, bytes: 0 };
    if (!isEventTopic(topic)) return { ...lane, ...none };
    let titles = byTopic.get(topic);
    if (titles === undefined) {
      titles = waitingByTitle(heldOf(topic));
      byTopic.set(topic, titles);
    }
    return { ...lane, ...(titles.get(title) ?? none) };
  });
}

function waitingByTitle({ rows, acknowledged }: Held): Map<string, Waiting> {
  const titles = new Map<string, Waiting>();
  for (const { title, firstSeq, count, receivedMs, bytes } of rows) {
    const waiting = titles.get(title) ?? { backlog: 0, oldestMs: null, bytes: 0 };
    waiting.backlog += count - acknowledged.within(firstSeq, firstSeq + count - 1);
    waiting.bytes += bytes;
    waiting.oldestMs = Math.min(waiting.oldestMs ?? receivedMs, receivedMs);
    titles.set(title, waiting);
  }
  return titles;
}
