/** Where the world writes its events: finished JSON lines by topic, in the order of their times. */
import type { EVENT_TOPICS, EventTopic, PLAYER_EVENT_TYPES } from "@arenaflow/events";

export type EventType = (typeof PLAYER_EVENT_TYPES)[number];

/** Events as JSON texts without line ends, oldest first. */
export type Batch = Record<EventTopic, string[]>;

export type TopicCounts = Record<(typeof EVENT_TOPICS)[number], number>;

export class Output {
  #batch: Batch = emptyBatch();
  /** Events since the world began. */
  readonly totals: TopicCounts = { "player-events": 0, purchases: 0, "server-metrics": 0 };

  #waiting = 0;

  /** Events written since the last `take`. */
  get waiting(): number {
    return this.#waiting;
  }

  playerEvent(line: string): void {
    this.#waiting += 1;
    this.#batch["player-events"].push(line);
  }

  purchase(line: string): void {
    this.#waiting += 1;
    this.#batch.purchases.push(line);
  }

  serverMetrics(line: string): void {
    this.#waiting += 1;
    this.#batch["server-metrics"].push(line);
  }

  /** Everything written since the last call. */
  take(): Batch {
    const batch = this.#batch;
    this.#batch = emptyBatch();
    this.#waiting = 0;
    this.totals["player-events"] += batch["player-events"].length;
    this.totals.purchases += batch.purchases.length;
    this.totals["server-metrics"] += batch["server-metrics"].length;
    return batch;
  }
}

function emptyBatch(): Batch {
  return { "player-events": [], purchases: [], "server-metrics": [] };
}
