/**
 * The way of parsed events to the shards: each is checked, completed, written as one line of JSON,
 * and put into the parcel of its shard and topic.
 */
import {
  describeValue,
  EVENT_TOPICS,
  isEventTopic,
  type EventTopic,
  type Issue,
  type JsonObject,
} from "@arenaflow/events";

import {
  scopeOf,
  SHARD_FIELD,
  shardOf,
  writeFingerprint,
  type Spread,
} from "../journal/fingerprint.ts";
import type { CountedTopic, Parcel } from "../journal/messages.ts";
import { INGEST_LIMITS } from "../limits.ts";
import { judgeEvent } from "./judge-event.ts";
import { BrokenLine } from "./parse-events.ts";
import { rejected, type Rejected } from "./rejected.ts";
import { lineWriter, type Line, type Stamp } from "./write-line.ts";

export interface Sorted {
  /** By shard; the shards without events are absent. */
  readonly parcels: ReadonlyMap<number, readonly Parcel[]>;
  /** The shard that is to be asked after all others; absent where the order does not matter. */
  readonly last?: number | undefined;
  readonly accepted: number;
  readonly rejected: readonly Rejected[];
}

export interface SortOptions {
  /** The topic of all events; without it each event names its own in `topic`. */
  readonly topic: EventTopic | undefined;
  readonly stamp: Stamp;
  readonly spread: Spread;
}

const encoder = new TextEncoder();
/** UTF-8 needs at most three bytes for a UTF-16 unit. */
const BYTES_PER_CHAR_MAX = 3;

/** Events of one shard and topic while they gather. */
class OpenParcel {
  readonly #topic: EventTopic;
  readonly #scope: number;
  readonly #lines: string[] = [];
  readonly #ids: string[] = [];
  #hasIds = false;
  /** UTF-16 units of all lines. */
  chars = 0;

  constructor(topic: EventTopic, scope: number) {
    this.#topic = topic;
    this.#scope = scope;
  }

  /** @param id tells a repeat; empty when there is none */
  add(line: string, id: string): void {
    this.#lines.push(line);
    this.#ids.push(id);
    this.chars += line.length + 1;
    if (id !== "") this.#hasIds = true;
  }

  close(): Parcel {
    const body = encoder.encode(`${this.#lines.join("\n")}\n`);
    const parcel = { topic: this.#topic, count: this.#lines.length, body };
    if (!this.#hasIds) return parcel;
    const fingerprints = new Uint32Array(this.#ids.length * 2);
    for (const [index, id] of this.#ids.entries()) {
      if (id !== "") writeFingerprint(fingerprints, index * 2, { scope: this.#scope, id });
    }
    return { ...parcel, fingerprints };
  }
}

/** Checks and completes events, and sorts them by shard and topic. */
export function sortEvents(items: readonly unknown[], options: SortOptions): Sorted {
  const sorter = new Sorter(options);
  for (let index = 0; index < items.length; index += 1) sorter.take(items[index], index);
  return sorter.finish(items.length);
}

class Sorter {
  readonly #options: SortOptions;
  /** Index: shard × number of topics + number of the topic. */
  readonly #open: (OpenParcel | undefined)[] = [];
  readonly #closed = new Map<number, Parcel[]>();
  readonly #rejected: Rejected[] = [];
  /** The one shard of events that nobody could recognise in a repeat. */
  #last: number | undefined;
  readonly #writers: Partial<Record<EventTopic, (event: JsonObject, index: number) => Line>> = {};

  constructor(options: SortOptions) {
    this.#options = options;
  }

  take(item: unknown, index: number): void {
    const topic = this.#options.topic ?? takeTopic(item);
    if (item instanceof BrokenLine) {
      this.#reject(item.issue, { item, index, topic: this.#options.topic ?? "unknown" });
      return;
    }
    if (topic === undefined) {
      this.#reject(unknownTopic(item), { item, index, topic: "unknown" });
      return;
    }
    const issue = judgeEvent(topic, item);
    if (issue !== undefined) {
      this.#reject(issue, { item, index, topic });
      return;
    }
    const event = item as JsonObject;
    const lane = { title: this.#options.stamp.titleId, topic };
    let shard = shardOf(lane, event[SHARD_FIELD[topic]] as string, this.#options.spread);
    const line = this.#write(topic, event, index);
    if (line.id === "") shard = this.#last ??= shard;
    this.#parcel(shard, topic, line.text.length).add(line.text, line.id);
  }

  finish(count: number): Sorted {
    for (const [index, parcel] of this.#open.entries()) {
      if (parcel !== undefined) this.#close(Math.floor(index / EVENT_TOPICS.length), parcel);
    }
    return {
      parcels: this.#closed,
      last: this.#last,
      accepted: count - this.#rejected.length,
      rejected: this.#rejected,
    };
  }

  #write(topic: EventTopic, event: JsonObject, index: number): Line {
    const write = (this.#writers[topic] ??= lineWriter(topic, this.#options.stamp));
    return write(event, index);
  }

  #parcel(shard: number, topic: EventTopic, chars: number): OpenParcel {
    const index = shard * EVENT_TOPICS.length + EVENT_TOPICS.indexOf(topic);
    let parcel = this.#open[index];
    const charsMax = INGEST_LIMITS.rowBytesMax / BYTES_PER_CHAR_MAX;
    if (parcel !== undefined && parcel.chars + chars > charsMax) {
      this.#close(shard, parcel);
      parcel = undefined;
    }
    if (parcel === undefined) {
      parcel = new OpenParcel(topic, scopeOf(this.#options.stamp.titleId, topic));
      this.#open[index] = parcel;
    }
    return parcel;
  }

  #close(shard: number, parcel: OpenParcel): void {
    const list = this.#closed.get(shard);
    if (list === undefined) this.#closed.set(shard, [parcel.close()]);
    else list.push(parcel.close());
  }

  #reject(issue: Issue, event: { item: unknown; index: number; topic: CountedTopic }): void {
    this.#rejected.push(rejected(issue, event));
  }
}

/** Takes an event's topic out of it: it names the way, and is no field of the event. */
function takeTopic(item: unknown): EventTopic | undefined {
  if (typeof item !== "object" || item === null || !("topic" in item)) return undefined;
  const { topic } = item;
  if (typeof topic !== "string" || !isEventTopic(topic)) return undefined;
  delete item.topic;
  return topic;
}

function unknownTopic(item: unknown): Issue {
  const isObject = typeof item === "object" && item !== null && !Array.isArray(item);
  if (!isObject) {
    return {
      code: "not_an_object",
      field: "",
      expected: "a JSON object",
      got: describeValue(item),
    };
  }
  return {
    code: "unknown_topic",
    field: "topic",
    expected: `one of ${EVENT_TOPICS.join(", ")}`,
    got: describeValue((item as JsonObject)["topic"]),
  };
}
