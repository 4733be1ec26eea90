/**
 * When records came into the topics, by the clock of the run, which nobody sets. A record's own time is
 * its producer's, who may have waited for a server that was down.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { EVENT_TOPICS, type EventTopic } from "@arenaflow/events";
import { Fluvio } from "@arenaflow/fluvio/client";

const TIMEOUT_MS = 5000;
const RETRY_MS = 200;
const NEVER_MS = 3_600_000;

/** A record came between these two: what was read before it, and itself. */
export interface ArrivalTime {
  readonly notBeforeMs: number;
  readonly arrivedMs: number;
}

export class ArrivalTimes {
  readonly #endpoint: () => string;
  readonly #times: Record<EventTopic, ArrivalTime[]> = {
    "player-events": [],
    purchases: [],
    "server-metrics": [],
  };
  #isOver = false;

  constructor(endpoint: () => string) {
    this.#endpoint = endpoint;
    for (const topic of EVENT_TOPICS) void this.#follow(topic);
  }

  /** Of the record at an offset; one that was not seen may have come at any time. */
  of(topic: EventTopic, offset: number): ArrivalTime {
    return this.#times[topic][offset] ?? { notBeforeMs: -Infinity, arrivedMs: Infinity };
  }

  stop(): void {
    this.#isOver = true;
  }

  async #follow(topic: EventTopic): Promise<void> {
    const times = this.#times[topic];
    let beforeMs = performance.now();
    while (!this.#isOver) {
      try {
        const fluvio = await Fluvio.connect({ endpoint: this.#endpoint(), timeoutMs: TIMEOUT_MS });
        const consumer = await fluvio.consumer(topic, {
          start: { absolute: { 0: times.length } },
          giveUpAfterMs: NEVER_MS,
        });
        for await (const { records } of consumer) {
          const nowMs = performance.now();
          for (const { offset } of records) {
            times[offset] = { notBeforeMs: beforeMs, arrivedMs: nowMs };
          }
          beforeMs = nowMs;
          if (this.#isOver) break;
        }
        await fluvio.close();
      } catch {
        await sleep(RETRY_MS);
      }
    }
  }
}
