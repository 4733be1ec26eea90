/** Events that wait to be fetched one request at a time. Each is handed out once; old ones give way. */
import { EVENT_TOPICS, type EventTopic } from "@arenaflow/events";
import type { Batch } from "@arenaflow/simulation";

/** Events kept per topic between two requests, and the most that one request can have. */
export const POLL_EVENTS_MAX = 1000;

export class PollQueue {
  readonly #waiting: Batch = { "player-events": [], purchases: [], "server-metrics": [] };

  add(batch: Batch): void {
    for (const topic of EVENT_TOPICS) {
      const lines = batch[topic].slice(-POLL_EVENTS_MAX);
      const kept = this.#waiting[topic].slice(lines.length - POLL_EVENTS_MAX);
      this.#waiting[topic] = lines.length === POLL_EVENTS_MAX ? lines : [...kept, ...lines];
    }
  }

  waiting(topic: EventTopic): number {
    return this.#waiting[topic].length;
  }

  /** Up to `count` events that nobody has had, the newest there are, oldest first. */
  take(topic: EventTopic, count: number): string[] {
    const taken = this.#waiting[topic].slice(-count);
    this.#waiting[topic] = [];
    return taken;
  }

  clear(): void {
    for (const topic of EVENT_TOPICS) this.#waiting[topic] = [];
  }
}
