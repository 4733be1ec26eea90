/**
 * Writes to the topics of a dataflow's schedules when it is time: a record whose value is that time,
 * in epoch milliseconds. What came due while nothing ran comes at the next start, once.
 *
 * A record bears the minute that it is for as its number, so that the server stores it once although
 * two processes may believe for a moment that they run the dataflow.
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fluvio } from "@arenaflow/fluvio/client";
import { Cron } from "../document/cron.ts";
import type { PlanSchedule } from "../engine/plan.ts";
import type { Log } from "./log.ts";

const MINUTE_MS = 60_000;
/** The system's clock may be set: it is looked at so often. */
const LOOK_MS_MAX = 1_000;
const RETRY_MS = 1_000;
const DELIVERY_TIMEOUT_MS = 10_000;

export interface SchedulerOptions {
  readonly fluvio: Fluvio;
  readonly dataflow: string;
  readonly now: () => number;
  /** Rejects when another process runs the dataflow now. */
  readonly mayWrite: () => Promise<void>;
  readonly log: Log;
}

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #closing = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  start(schedules: readonly PlanSchedule[]): void {
    this.#running = Promise.all(schedules.map(async (schedule) => this.#run(schedule)));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run({ topic, cron }: PlanSchedule): Promise<void> {
    const times = Cron.parse(cron);
    if (typeof times === "string") return;
    const { dataflow, log, now } = this.#options;
    const startMs = now();
    let doneMs: number | undefined;
    while (!this.#closing.signal.aborted) {
      try {
        doneMs ??= (await this.#lastWritten(topic)) ?? startMs;
        const dueMs = times.last(now());
        if (dueMs !== undefined && dueMs > doneMs) {
          await this.#write(topic, dueMs);
          doneMs = dueMs;
        }
        const nextMs = times.next(now()) ?? Number.POSITIVE_INFINITY;
        await this.#pause(Math.min(nextMs - now(), LOOK_MS_MAX));
      } catch (cause) {
        if (this.#closing.signal.aborted) return;
        const message = `The schedule ${topic} could not be written to (${String(cause)}); trying again.`;
        log({ level: "warn", message, fields: { dataflow, topic } });
        await this.#pause(RETRY_MS);
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return sleep(Math.max(ms, 0), undefined, { signal: this.#closing.signal }).catch(() => {});
  }

  /** The time of the topic's last record; `undefined` when it is empty. */
  async #lastWritten(topic: string): Promise<number | undefined> {
    const { fluvio } = this.#options;
    const [range] = await fluvio.offsets(topic);
    if (range === undefined || range.end <= range.start) return undefined;
    const start = { absolute: { 0: range.end - 1 } };
    const consumer = await fluvio.consumer(topic, { partitions: [0], start });
    try {
      for await (const { records } of consumer) {
        const record = records.at(-1);
        if (record !== undefined) return Number(new TextDecoder().decode(record.value));
      }
      return undefined;
    } finally {
      await consumer.close();
    }
  }

  async #write(topic: string, dueMs: number): Promise<void> {
    const { fluvio, mayWrite } = this.#options;
    const producerId = createHash("sha256").update(topic).digest().readUInt32BE(0);
    const producer = await fluvio.producer(topic, {
      identity: { producerId, nextSequences: new Map([[0, dueMs / MINUTE_MS]]) },
      deliveryTimeoutMs: DELIVERY_TIMEOUT_MS,
      maySend: mayWrite,
    });
    try {
      await producer.send({ partition: 0, value: String(dueMs) });
    } finally {
      producer.abort();
    }
  }
}
