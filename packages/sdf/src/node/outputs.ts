/** Where a dataflow's outputs go: a writer for each sink, and one for each source's dropped records. */
import { type Fluvio, FluvioError } from "@arenaflow/fluvio/client";
import type { OutputRecord, Plan, Rejection } from "../engine/index.ts";
import type { Log } from "./log.ts";
import {
  describeRejection,
  isKeptInVain,
  RejectedTopicProducer,
  rejectedTopicOf,
} from "./rejected-topic.ts";
import { type OutputProducer, SinkWriter } from "./sink-writer.ts";

/** Few outputs per window and a viewer waiting: send almost at once. */
const OUTPUT_LINGER_MS = 5;
/** The client's own tries for a batch; the sink's writer goes on after that. Bounds `close` while the server is away. */
const DELIVERY_MS_MAX = 5_000;

export interface OutputsOptions {
  readonly fluvio: Fluvio;
  readonly plan: Plan;
  readonly log: Log;
  /** Called when outputs were acknowledged. */
  readonly onProgress: () => void;
}

interface ClosableProducer extends OutputProducer {
  close(): Promise<void>;
}

export class Outputs {
  readonly #options: OutputsOptions;
  readonly #sinks: SinkWriter[] = [];
  readonly #rejected = new Map<string, SinkWriter>();
  readonly #producers: ClosableProducer[] = [];
  #stopped = false;

  private constructor(options: OutputsOptions) {
    this.#options = options;
  }

  /** Opens a producer for every sink; the topics have to be there. */
  static async open(options: OutputsOptions): Promise<Outputs> {
    const outputs = new Outputs(options);
    for (const { topic } of options.plan.sinks) {
      const producer = await options.fluvio.producer(topic, {
        lingerMs: OUTPUT_LINGER_MS,
        deliveryTimeoutMs: DELIVERY_MS_MAX,
      });
      outputs.#sinks.push(
        outputs.#writer(topic, {
          producer,
          isHopeless: (error) => error instanceof FluvioError && error.code === "MessageTooLarge",
        }),
      );
    }
    return outputs;
  }

  /** Outputs and dropped records that the server has not acknowledged yet. */
  get pending(): number {
    let pending = 0;
    for (const writer of this.#writers()) pending += writer.pending;
    return pending;
  }

  /** Outputs since the start, by topic. */
  written(): Record<string, number> {
    const topics = this.#options.plan.sinks.map(({ topic }) => topic);
    return Object.fromEntries(topics.map((topic, sink) => [topic, this.#sinks[sink]?.total ?? 0]));
  }

  push(record: OutputRecord): void {
    this.#sinks[record.sink]?.push(record);
  }

  /** Keeps dropped records in `<topic>-rejected`. */
  keep(rejections: readonly Rejection[]): void {
    for (const rejection of rejections) {
      const output = describeRejection(this.#options.plan.name, rejection);
      if (output !== undefined) this.#rejectedWriter(rejection.topic).push(output);
    }
  }

  /** Resolves with true when everything given before this call is acknowledged, with false when stopped before. */
  async settled(): Promise<boolean> {
    const settled = await Promise.all(this.#writers().map(async (writer) => writer.settled()));
    return !settled.includes(false);
  }

  /** Gives up what is pending. */
  stop(): void {
    this.#stopped = true;
    for (const writer of this.#writers()) writer.stop();
  }

  async close(): Promise<void> {
    this.stop();
    await Promise.allSettled(this.#producers.map(async (producer) => producer.close()));
  }

  #writers(): SinkWriter[] {
    return [...this.#sinks, ...this.#rejected.values()];
  }

  #rejectedWriter(source: string): SinkWriter {
    const known = this.#rejected.get(source);
    if (known !== undefined) return known;
    const topic = rejectedTopicOf(source);
    const producer = new RejectedTopicProducer(this.#options.fluvio, topic);
    const writer = this.#writer(topic, { producer, isHopeless: isKeptInVain });
    if (this.#stopped) writer.stop();
    this.#rejected.set(source, writer);
    return writer;
  }

  #writer(
    topic: string,
    way: {
      readonly producer: ClosableProducer;
      readonly isHopeless: (error: unknown) => boolean;
    },
  ): SinkWriter {
    this.#producers.push(way.producer);
    const { log, plan, onProgress } = this.#options;
    const fields = { dataflow: plan.name, topic };
    return new SinkWriter({
      ...way,
      onProgress,
      onGivenUp: (error) => {
        const message = `An output to ${topic} was given up: ${String(error)}.`;
        log({ level: "error", message, fields });
      },
      onFailure: (error, failed) => {
        const message = `${failed} outputs to ${topic} were not accepted (${String(error)}); trying again.`;
        log({ level: "warn", message, fields });
      },
    });
  }
}
