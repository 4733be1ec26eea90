/**
 * Runs one connector between its topic and its endpoint, and keeps it running: whatever ends it,
 * it begins again after a growing wait, from the position it has saved. Records pass only through
 * Fluvio's wire protocol.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Fluvio } from "@arenaflow/fluvio/client";
import { describeError, type Log } from "../log.ts";
import { exponentialBackoff } from "./backoff.ts";
import type { ConnectorConfig, ConsumerStart } from "./config.ts";
import { newCounters, type ConnectorCounters, type ConnectorTools } from "./counters.ts";
import { GraphiteSink } from "./graphite-sink.ts";
import { HttpSink } from "./http-sink.ts";
import { runHttpSource } from "./http-source.ts";
import { OffsetCommitter } from "./offset-committer.ts";
import type { ConnectorType } from "./settings.ts";

/** `starting` until its topic and, for a source, its endpoint have answered once. */
export type ConnectorState = "starting" | "running" | "retrying" | "stopped";

export interface ConnectorStatus extends Readonly<ConnectorCounters> {
  readonly name: string;
  readonly type: ConnectorType;
  readonly topic: string;
  readonly state: ConnectorState;
}

export interface RunningConnector {
  status(): ConnectorStatus;
  /** Finishes the record in hand, saves the position, disconnects. */
  close(): Promise<void>;
}

export interface ConnectorOptions {
  /** `host:port` of a Fluvio server or cluster. */
  readonly endpoint: string;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly nowMs?: () => number;
}

const RESTART_MIN_MS = 200;
const RESTART_MAX_MS = 10_000;
/** How long a source's last sends may take to be acknowledged when it is stopped. */
const STOP_FLUSH_MS = 1_000;

/** Starts a connector; it runs until it is closed. */
export function startConnector(
  config: ConnectorConfig,
  options: ConnectorOptions,
): RunningConnector {
  const stop = new AbortController();
  const run = new ConnectorRun(config, options, stop.signal);
  const ended = run.untilStopped();
  return {
    status: () => run.status(),
    async close() {
      stop.abort();
      await ended;
    },
  };
}

class ConnectorRun {
  readonly #config: ConnectorConfig;
  readonly #options: ConnectorOptions;
  readonly #tools: ConnectorTools;
  #state: ConnectorState = "starting";

  constructor(config: ConnectorConfig, options: ConnectorOptions, signal: AbortSignal) {
    this.#config = config;
    this.#options = options;
    this.#tools = {
      signal,
      counters: newCounters(),
      log: (level, message) => options.log({ level, scope: config.name, message }),
      onHealth: (healthy) => {
        this.#state = healthy ? "running" : "retrying";
      },
    };
  }

  status(): ConnectorStatus {
    const { name, topic, settings } = this.#config;
    const { counters } = this.#tools;
    return { name, type: settings.type, topic: topic.name, state: this.#state, ...counters };
  }

  async untilStopped(): Promise<void> {
    const { signal, log } = this.#tools;
    const backoff = exponentialBackoff(RESTART_MIN_MS, RESTART_MAX_MS);
    while (!signal.aborted) {
      const before = this.#tools.counters.records;
      try {
        await this.#connected();
      } catch (error) {
        if (signal.aborted) break;
        log("warn", `${describeError(error)}; starting again`);
      }
      if (signal.aborted) break;
      this.#state = "retrying";
      if (this.#tools.counters.records > before) backoff.reset();
      await sleep(backoff.next(), undefined, { signal }).catch(() => undefined);
    }
    this.#state = "stopped";
  }

  async #connected(): Promise<void> {
    const { name, topic, settings } = this.#config;
    const fluvio = await Fluvio.connect({
      endpoint: this.#options.endpoint,
      clientId: `fluvio_connector_${name}`,
    });
    try {
      await fluvio.admin.ensureTopic(topic.name, { partitions: topic.partitions });
      await (settings.type === "http-source" ? this.#source(fluvio, settings) : this.#sink(fluvio));
    } finally {
      await fluvio.close();
    }
  }

  async #source(
    fluvio: Fluvio,
    settings: Extract<ConnectorConfig["settings"], { type: "http-source" }>,
  ): Promise<void> {
    const { lingerMs, batchBytesMax, compression } = this.#config.producer;
    const producer = await fluvio.producer(this.#config.topic.name, {
      ...(lingerMs === undefined ? {} : { lingerMs }),
      ...(batchBytesMax === undefined ? {} : { batchBytesMax }),
      ...(compression === undefined ? {} : { compression }),
    });
    try {
      await runHttpSource(settings, (value) => producer.send({ value }), this.#tools);
    } finally {
      const deadline = sleep(STOP_FLUSH_MS, undefined, { ref: false });
      await Promise.race([producer.close(), deadline]);
    }
  }

  async #sink(fluvio: Fluvio): Promise<void> {
    const { topic, consumer: wanted } = this.#config;
    const { signal, log } = this.#tools;
    const consumer = await fluvio.consumer(topic.name, {
      partitions: wanted.partitions === "all" ? "all" : [...wanted.partitions],
      start: await startPosition(fluvio, topic.name, wanted.start),
      ...(wanted.id === undefined ? {} : { consumerId: wanted.id }),
    });
    const sink = this.#newSink();
    const committer = new OffsetCommitter({
      commit: (partition, offset) => consumer.commit(partition, offset),
      flushPeriodMs: wanted.flushPeriodMs,
      onError: (error) => log("warn", `the position could not be saved: ${describeError(error)}`),
    });
    const onAbort = (): void => void consumer.close();
    signal.addEventListener("abort", onAbort);
    this.#state = "running";
    try {
      for await (const { partition, records } of consumer) {
        for (const record of records) {
          if (!(await sink.deliver(record.value))) return;
          if (wanted.commit === "auto") committer.processed(partition, record.offset);
        }
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
      sink.close();
      await committer.flush();
      await consumer.close();
    }
  }

  #newSink(): Pick<HttpSink, "deliver" | "close"> {
    const { settings } = this.#config;
    switch (settings.type) {
      case "http-sink":
        return new HttpSink(settings, this.#tools);
      case "graphite-sink":
        return new GraphiteSink(settings, this.#tools, this.#options.nowMs ?? Date.now);
      case "http-source":
        throw new TypeError("http-source is not a sink");
    }
  }
}

/** Positions that count from an end of the topic are made absolute, partition by partition. */
async function startPosition(
  fluvio: Fluvio,
  topic: string,
  start: ConsumerStart,
): Promise<"beginning" | "end" | { absolute: Record<number, number> }> {
  if (start === "beginning" || start === "end") return start;
  const absolute: Record<number, number> = {};
  for (const partition of await fluvio.offsets(topic)) {
    const wanted =
      "absolute" in start
        ? start.absolute
        : "fromBeginning" in start
          ? partition.start + start.fromBeginning
          : partition.end - start.fromEnd;
    absolute[partition.partition] = Math.min(Math.max(wanted, partition.start), partition.end);
  }
  return { absolute };
}
