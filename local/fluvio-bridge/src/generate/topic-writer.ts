/** Events to Fluvio topics, with one client or the other. */
import { setTimeout as sleep } from "node:timers/promises";
import type { EventTopic } from "@arenaflow/events";
import { FluvioError, type Fluvio, type Producer } from "@arenaflow/fluvio/client";
import type { NativeClient, NativeProducer } from "@arenaflow/fluvio/native";

export interface TopicCounts {
  sent: number;
  /** Records that the server is known to have. */
  acknowledged: number;
}

/** Puts events into topics. Whoever has closed it without an error knows that all of them are there. */
export interface TopicWriter {
  /** Which client this is, for people. */
  readonly client: string;
  readonly counts: ReadonlyMap<EventTopic, Readonly<TopicCounts>>;
  /** Takes events, as JSON texts; resolves when it has room for more. Rejects when one was lost. */
  write(topic: EventTopic, lines: readonly string[]): Promise<void>;
  /** Waits until every event is in its topic. @throws when one is not */
  finish(): Promise<void>;
  /** Gives up what did not arrive; of no effect after `finish`. */
  close(): Promise<void>;
}

/** Records under way at one time, before the world waits. */
const UNDER_WAY_MAX = 20_000;
/** Records handed to the native client in one call. */
const NATIVE_RECORDS_MAX = 1000;
/** How long the topics may take to show what the native client has flushed. */
const SETTLE_MS_MAX = 10_000;
const SETTLE_CHECK_MS = 50;
const CLOSE_MS_MAX = 1000;

/** With this project's own client: every record is acknowledged by itself. */
export class OwnWriter implements TopicWriter {
  readonly client = "this project's own client";
  readonly counts = new Map<EventTopic, TopicCounts>();
  readonly #fluvio: Fluvio;
  readonly #producers = new Map<EventTopic, Producer>();
  #underWay = 0;
  #failure: FluvioError | undefined;

  constructor(fluvio: Fluvio) {
    this.#fluvio = fluvio;
  }

  async write(topic: EventTopic, lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    const producer = this.#producers.get(topic) ?? (await this.#open(topic));
    const counts = countsOf(this.counts, topic);
    counts.sent += lines.length;
    void this.#send(producer, lines, counts);
    if (this.#underWay > UNDER_WAY_MAX) await producer.flush();
    this.#throwFailure();
  }

  async finish(): Promise<void> {
    for (const producer of this.#producers.values()) await producer.flush();
    this.#throwFailure();
  }

  /** Left to itself each producer would wait its whole time for a server that has gone. */
  async close(): Promise<void> {
    const producers = [...this.#producers.values()];
    const closed = Promise.allSettled(producers.map((producer) => producer.close()));
    await Promise.race([closed, sleep(CLOSE_MS_MAX, undefined, { ref: false })]);
  }

  async #send(producer: Producer, lines: readonly string[], counts: TopicCounts): Promise<void> {
    this.#underWay += lines.length;
    const records = lines.map((value) => ({ key: keyOf(value), value }));
    for (const outcome of await producer.sendAll(records)) {
      this.#underWay -= 1;
      if (outcome instanceof FluvioError) this.#failure ??= outcome;
      else counts.acknowledged += 1;
    }
  }

  async #open(topic: EventTopic): Promise<Producer> {
    const producer = await this.#fluvio.producer(topic);
    this.#producers.set(topic, producer);
    return producer;
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

/**
 * With Fluvio's native client. It resolves a send when the record is queued and says nothing when
 * the server refuses it, so what has arrived is read from the topics' ends, with our own client.
 * Others who write to the topics meanwhile are counted with it.
 */
export class NativeWriter implements TopicWriter {
  readonly client: string;
  readonly counts = new Map<EventTopic, TopicCounts>();
  readonly #native: NativeClient;
  readonly #fluvio: Fluvio;
  readonly #producers = new Map<EventTopic, NativeProducer>();
  readonly #recordsBefore = new Map<EventTopic, number>();

  constructor(options: { client: string; native: NativeClient; fluvio: Fluvio }) {
    this.client = options.client;
    this.#native = options.native;
    this.#fluvio = options.fluvio;
  }

  async write(topic: EventTopic, lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    const producer = this.#producers.get(topic) ?? (await this.#open(topic));
    const counts = countsOf(this.counts, topic);
    for (let from = 0; from < lines.length; from += NATIVE_RECORDS_MAX) {
      const some = lines.slice(from, from + NATIVE_RECORDS_MAX);
      await producer.sendAll(some.map((line) => [keyOf(line), line])).catch(throwNative);
      counts.sent += some.length;
    }
  }

  async finish(): Promise<void> {
    // Without this the process would end with records still in the client's queue.
    for (const producer of this.#producers.values()) await producer.flush().catch(throwNative);
    const deadline = performance.now() + SETTLE_MS_MAX;
    for (const [topic, counts] of this.counts) {
      for (;;) {
        const grown = (await this.#records(topic)) - (this.#recordsBefore.get(topic) ?? 0);
        counts.acknowledged = Math.min(counts.sent, grown);
        if (grown >= counts.sent) break;
        if (performance.now() > deadline) {
          const missing = counts.sent - grown;
          throw new Error(
            `${missing} of ${counts.sent} records did not arrive in ${topic}; the native client does not say why. Try --client own`,
          );
        }
        await sleep(SETTLE_CHECK_MS);
      }
    }
  }

  /** The native client has no such call; its queue ends with the process. */
  async close(): Promise<void> {}

  async #open(topic: EventTopic): Promise<NativeProducer> {
    this.#recordsBefore.set(topic, await this.#records(topic));
    const producer = await this.#native.topicProducer(topic).catch(throwNative);
    this.#producers.set(topic, producer);
    return producer;
  }

  async #records(topic: EventTopic): Promise<number> {
    const ranges = await this.#fluvio.offsets(topic);
    return ranges.reduce((total, { end }) => total + end, 0);
  }
}

/** Events of one player, or one server, keep their order: the first field's value is their key. */
export function keyOf(line: string): string {
  const start = line.indexOf('":"') + 3;
  return line.slice(start, line.indexOf('"', start));
}

function countsOf(counts: Map<EventTopic, TopicCounts>, topic: EventTopic): TopicCounts {
  const known = counts.get(topic);
  if (known !== undefined) return known;
  const fresh = { sent: 0, acknowledged: 0 };
  counts.set(topic, fresh);
  return fresh;
}

/** The native client rejects with a list of texts. */
export function throwNative(error: unknown): never {
  if (error instanceof Error) throw error;
  const text = Array.isArray(error) ? error.map(String).join("; ") : String(error);
  throw new Error(`@fluvio/client: ${text}`, { cause: error });
}
