/**
 * Writes what the running dataflows look like to a topic, every five seconds, for those who cannot
 * ask this machine. A picture that could not be sent is not sent later: the next one is newer.
 */
import { Fluvio, type Producer } from "@arenaflow/fluvio/client";
import { ensureTopics } from "./ensure-topics.ts";
import { GraphMeter } from "./graph.ts";
import type { Log } from "./log.ts";
import type { RunningDataflow } from "./running-dataflow.ts";

/** Length of a picture's window, aligned to the epoch. */
export const GRAPH_EVERY_MS = 5_000;
const RETENTION_SECONDS = 3600;
const DELIVERY_MS_MAX = 4_000;

export interface GraphPublisherOptions {
  readonly dataflows: readonly RunningDataflow[];
  readonly endpoint: string;
  readonly topic: string;
  /** Whose picture it is; it is an operator's view, not a title's. */
  readonly titleId: string;
  /** Put behind the dataflows' names where several processes share one: each has a picture of its own. */
  readonly suffix?: string;
  readonly log: Log;
  /** How often, milliseconds; default 5,000. */
  readonly everyMs?: number;
}

export interface GraphPublisher {
  close(): Promise<void>;
}

/** Begins to write pictures. It never fails: without a server there are none. */
export function startGraphPublisher(options: GraphPublisherOptions): GraphPublisher {
  return new Publisher(options);
}

class Publisher implements GraphPublisher {
  readonly #options: GraphPublisherOptions;
  readonly #meters: readonly GraphMeter[];
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;
  #fluvio: Fluvio | undefined;
  #producer: Producer | undefined;
  #isClosed = false;
  #sending: Promise<void> = Promise.resolve();
  #complained = false;

  constructor(options: GraphPublisherOptions) {
    this.#options = options;
    this.#everyMs = options.everyMs ?? GRAPH_EVERY_MS;
    const nowMs = Date.now();
    this.#meters = options.dataflows.map((dataflow) => new GraphMeter(dataflow, nowMs));
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isClosed) return;
    // A little behind the window's end: a timer may come early.
    const waitMs = this.#everyMs - (Date.now() % this.#everyMs) + 5;
    this.#timer = setTimeout(() => {
      this.#sending = this.#publish().finally(() => this.#schedule());
    }, waitMs);
    this.#timer.unref();
  }

  async #publish(): Promise<void> {
    const nowMs = Date.now();
    const end = nowMs - (nowMs % this.#everyMs);
    const { log, suffix = "", titleId, topic } = this.#options;
    const records = this.#meters.map((meter) => {
      const graph = meter.read(nowMs);
      const dataflow = `${graph.dataflow}${suffix}`;
      const window = { window_start: end - this.#everyMs, window_end: end };
      const value = { title_id: titleId, ...window, ...graph, dataflow };
      return { key: dataflow, value: JSON.stringify(value) };
    });
    try {
      const producer = await this.#open();
      await Promise.all(records.map(async (record) => producer.send(record)));
      this.#complained = false;
    } catch (cause) {
      await this.#forget();
      if (this.#complained || this.#isClosed) return;
      this.#complained = true;
      const message = `The dataflows' picture could not be written to ${topic} (${String(cause)}); trying again every ${this.#everyMs / 1000} s.`;
      log({ level: "warn", message, fields: { topic } });
    }
  }

  async #open(): Promise<Producer> {
    const { endpoint, topic } = this.#options;
    this.#fluvio ??= await Fluvio.connect({ endpoint, clientId: `sdf-${topic}` });
    if (this.#producer === undefined) {
      await ensureTopics(this.#fluvio, [topic], { retentionSeconds: RETENTION_SECONDS });
      this.#producer = await this.#fluvio.producer(topic, { deliveryTimeoutMs: DELIVERY_MS_MAX });
    }
    return this.#producer;
  }

  async #forget(): Promise<void> {
    this.#producer?.abort();
    this.#producer = undefined;
    await this.#fluvio?.close();
    this.#fluvio = undefined;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#producer?.abort();
    await this.#sending;
    await this.#forget();
  }
}
