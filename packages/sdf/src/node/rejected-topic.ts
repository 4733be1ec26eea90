/**
 * Keeps records that were dropped in a topic of their own, `<topic>-rejected`: the value as it came,
 * and why, where and by which operator it was dropped. The topic is created with the first record
 * and forgets old ones. What cannot be kept there for good is given up; the dataflow goes on.
 */
import { type Fluvio, FluvioError, type Producer } from "@arenaflow/fluvio/client";
import type { Rejection } from "../engine/index.ts";
import { ensureTopics } from "./ensure-topics.ts";
import type { Output, OutputProducer } from "./sink-writer.ts";

/** Time to find out and repair: a week. */
const RETENTION_SECONDS = 7 * 24 * 3600;
/** A flood of bad records must not fill the disk. */
const PARTITION_BYTES_MAX = 256 * 1024 * 1024;
const SEGMENT_BYTES = 32 * 1024 * 1024;
/** More of a value is cut: written as JSON it may be six times as long, and a record has 2 MiB at most. */
const VALUE_BYTES_MAX = 256 * 1024;
const REASON_LENGTH_MAX = 4_096;
const LINGER_MS = 20;
const DELIVERY_MS_MAX = 5_000;

const GONE: ReadonlySet<string> = new Set(["TopicNotFound", "Closed", "Unreachable"]);

export function rejectedTopicOf(topic: string): string {
  return `${topic}-rejected`;
}

/** A dropped record as it is kept; `undefined` when no record but a window's result was dropped. */
export function describeRejection(dataflow: string, rejection: Rejection): Output | undefined {
  const { record, topic, partition, operator } = rejection;
  if (record === undefined) return undefined;
  const described = {
    dataflow,
    topic,
    partition,
    offset: record.offset,
    timestamp: record.timestamp,
    service: operator?.service,
    operator: operator?.name,
    line: operator?.line,
    reason: rejection.reason.slice(0, REASON_LENGTH_MAX),
    panicked: rejection.panicked,
    ...(record.key === null ? {} : textOrBase64("key", record.key)),
    ...textOrBase64("value", record.value),
  };
  const encoder = new TextEncoder();
  return {
    // A replay after a crash brings the record again, under the same key.
    key: encoder.encode(`${dataflow}/${topic}/${partition}/${record.offset}`),
    value: encoder.encode(JSON.stringify(described)),
  };
}

function textOrBase64(name: "key" | "value", bytes: Uint8Array): Record<string, string | number> {
  const cut = bytes.length > VALUE_BYTES_MAX;
  const part = cut ? bytes.subarray(0, VALUE_BYTES_MAX) : bytes;
  const length = cut ? { [`${name}_bytes`]: bytes.length } : {};
  try {
    // A cut may go through a character; the rest of it is left out.
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { [name]: decoder.decode(part, { stream: cut }), ...length };
  } catch {
    return { [`${name}_base64`]: Buffer.from(part).toString("base64"), ...length };
  }
}

/** Creates the topic when the first record is sent, and again when somebody has deleted it. */
export class RejectedTopicProducer implements OutputProducer {
  readonly #fluvio: Fluvio;
  readonly #topic: string;
  #opening: Promise<Producer> | undefined;
  #producer: Producer | undefined;

  constructor(fluvio: Fluvio, topic: string) {
    this.#fluvio = fluvio;
    this.#topic = topic;
  }

  async send(record: Output): Promise<void> {
    this.#opening ??= this.#open();
    const opening = this.#opening;
    try {
      await (await opening).send(record);
    } catch (cause) {
      // The next attempt opens it anew.
      if (isGone(cause) && this.#opening === opening) this.#opening = undefined;
      throw cause;
    }
  }

  async #open(): Promise<Producer> {
    await this.#producer?.close();
    await ensureTopics(this.#fluvio, [this.#topic], {
      retentionSeconds: RETENTION_SECONDS,
      partitionBytesMax: PARTITION_BYTES_MAX,
      segmentBytes: SEGMENT_BYTES,
    });
    this.#producer = await this.#fluvio.producer(this.#topic, {
      lingerMs: LINGER_MS,
      deliveryTimeoutMs: DELIVERY_MS_MAX,
    });
    return this.#producer;
  }

  async close(): Promise<void> {
    await this.#opening?.catch(() => {});
    await this.#producer?.close();
  }
}

/** Whether keeping a rejected record is worth no other attempt. A deleted topic is: it is created again. */
export function isKeptInVain(error: unknown): boolean {
  return error instanceof FluvioError && !error.isRetriable && !isGone(error);
}

/** The topic, or with it the producer, is not there any more, or could not be made. */
function isGone(error: unknown): boolean {
  return !(error instanceof FluvioError) || GONE.has(error.code);
}
