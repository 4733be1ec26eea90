/**
 * Runs one connector between its topic and its endpoint, and keeps it running: whatever ends it,
 * it begins again after a growing wait, from the position it has saved. Records pass only through
 * Fluvio's wire protocol.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Fluvio, FluvioError, type StartPosition } from "@arenaflow/fluvio/client";
import { describeError, type Log } from "../log.ts";
import { exponentialBackoff } from "./backoff.ts";
import type { ConnectorConfig, ConsumerStart } from "./config.ts";
import { newCounters, type ConnectorCounters, type ConnectorTools } from "./counters.ts";
import { GraphiteSink } from "./graphite-sink.ts";
import { HttpSink } from "./http-sink.ts";
import { runHttpSource, type SendRecords } from "./http-source.ts";
import { OffsetCommitter } from "./offset-committer.ts";
import type { ConnectorType } from "./settings.ts";

/** `starting` until its topic and, for a source, its endpoint have answered once. */
type ConnectorState = "starting" | "running" | "retrying" | "stopped";

interface ConnectorStatus extends Readonly<ConnectorCounters> {
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
/** How long the last sends, or the last position, may take when a connector is stopped. */
const STOP_FLUSH_MS = 700;
/** A topic that somebody else is just creating is there within this time. */
const TOPIC_MS_MAX = 2_000;
const TOPIC_CHECK_MS = 20;

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
      await openTopic(fluvio, topic, this.#tools.signal);
      await (settings.type === "http-source" ? this.#source(fluvio, settings) : this.#sink(fluvio));
    } finally {
      await atMost(STOP_FLUSH_MS, fluvio.close());
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
      const send: SendRecords = async (values) => {
        const outcomes = await producer.sendAll(values.map((value) => ({ value })));
        const failure = outcomes.find((outcome) => outcome instanceof FluvioError);
        if (failure !== undefined) throw failure;
      };
      await runHttpSource(settings, send, this.#tools);
    } finally {
      await atMost(STOP_FLUSH_MS, producer.close());
    }
  }

  async #sink(fluvio: Fluvio): Promise<void> {
    const { topic, consumer: wanted } = this.#config;
    const { signal, log } = this.#tools;
    const consumer = await fluvio.consumer(topic.name, {
      partitions: wanted.partitions,
      start: await startPosition(fluvio, topic.name, wanted.start),
      ...(wanted.id === undefined ? {} : { consumerId: wanted.id }),
    });
    const sink = this.#newSink();
    const committer = new OffsetCommitter({
      commit: (partition, offset) => consumer.commit(partition, offset),
      flushPeriodMs: wanted.flushPeriodMs,
      onError: (error) => log("warn", `the position could not be saved: ${describeError(error)}`),
    });
    const close = async (): Promise<void> => {
      await atMost(STOP_FLUSH_MS, committer.flush());
      await consumer.close();
    };
    let isDelivering = false;
    // The record in hand is finished first; a consumer that only waits has to be woken up.
    const onAbort = (): void => {
      if (!isDelivering) void close();
    };
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    this.#state = "running";
    try {
      for await (const { partition, records } of consumer) {
        isDelivering = true;
        for (const record of records) {
          const settled = (): void => {
            if (wanted.commit === "auto") committer.processed(partition, record.offset);
          };
          if (signal.aborted || !(await sink.deliver(record.value, settled))) return;
        }
        isDelivering = false;
        if (signal.aborted) return;
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
      sink.close();
      await close();
    }
  }

  #newSink(): Sink {
    const { settings } = this.#config;
    switch (settings.type) {
      case "http-sink":
        return settledWhenTaken(new HttpSink(settings, this.#tools));
      case "graphite-sink":
        return new GraphiteSink(settings, this.#tools, this.#options.nowMs ?? Date.now);
      case "http-source":
        throw new TypeError("http-source is not a sink");
    }
  }
}

/** Where the records of a topic go. */
interface Sink {
  /**
   * @param settled called once the record need not come again; its position may then be saved
   * @returns false only when the connector was stopped before
   */
  deliver(value: Uint8Array, settled: () => void): Promise<boolean>;
  close(): void;
}

function settledWhenTaken(sink: HttpSink): Sink {
  return {
    async deliver(value, settled) {
      const isTaken = await sink.deliver(value);
      if (isTaken) settled();
      return isTaken;
    },
    close: () => sink.close(),
  };
}

/** Creates the topic unless it is there, and waits until it is. */
async function openTopic(
  fluvio: Fluvio,
  topic: ConnectorConfig["topic"],
  signal: AbortSignal,
): Promise<void> {
  await fluvio.admin.ensureTopic(topic.name, { partitions: topic.partitions });
  const deadline = performance.now() + TOPIC_MS_MAX;
  while (!signal.aborted && performance.now() < deadline) {
    if ((await fluvio.admin.describeTopic(topic.name)) !== undefined) return;
    await sleep(TOPIC_CHECK_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** A connector file names one offset for all partitions. */
async function startPosition(
  fluvio: Fluvio,
  topic: string,
  start: ConsumerStart,
): Promise<StartPosition> {
  if (typeof start === "string" || !("absolute" in start)) return start;
  const partitions = await fluvio.offsets(topic);
  return {
    absolute: Object.fromEntries(partitions.map(({ partition }) => [partition, start.absolute])),
  };
}

/** Waits for an end, but not for ever: a server that is gone must not keep a stop waiting. */
async function atMost(ms: number, end: Promise<unknown>): Promise<void> {
  const deadline = new AbortController();
  const late = sleep(ms, undefined, { signal: deadline.signal }).catch(() => undefined);
  await Promise.race([end, late]).finally(() => deadline.abort());
}
