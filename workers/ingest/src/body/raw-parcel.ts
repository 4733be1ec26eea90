/**
 * The short way of a batch whose events all go to one shard: each is checked, and the body is stored
 * as it came. The hot path: it walks every event once, and writes nothing but fingerprints.
 */
import { isPlainEvent, type EventTopic, type JsonObject } from "@arenaflow/events";

import { scopeOf, writeFingerprint } from "../journal/fingerprint.ts";
import type { Parcel } from "../journal/messages.ts";
import { idAt } from "./event-ids.ts";
import { judgeEvent } from "./judge-event.ts";
import { rejected, type Rejected } from "./rejected.ts";
import type { Sorted } from "./sort-events.ts";
import { needsArrivalOnly, type Stamp } from "./write-line.ts";

const LIST = 0x5b;
const SPACE = 0x20;

/** A request, taken apart. */
export interface RawBatch {
  readonly topic: EventTopic;
  readonly items: readonly unknown[];
  readonly bytes: Uint8Array;
  /** Whether the body is NDJSON by its type. */
  readonly lines: boolean;
  readonly stamp: Stamp;
  readonly shard: number;
}

/** Checks the events of a body, and makes a parcel of the body. */
export function rawParcel(batch: RawBatch): Sorted {
  const { topic, items, bytes, lines, stamp, shard } = batch;
  const scope = scopeOf(stamp.titleId, topic);
  const bad: Rejected[] = [];
  const fingerprints = new Uint32Array(items.length * 2);
  const isComplete = needsArrivalOnly(topic, stamp);
  let flat = lines || startsList(bytes);
  let hasIds = false;
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index];
    if (isPlainEvent(topic, item)) {
      flat &&= isComplete(item as JsonObject);
    } else {
      const issue = judgeEvent(topic, item);
      if (issue !== undefined) {
        bad.push(rejected(issue, { item, index, topic }));
        continue;
      }
      flat = false;
    }
    const own = (item as JsonObject)["event_id"];
    if (typeof own !== "string" && !stamp.repeatable) continue;
    const id = typeof own === "string" ? own : idAt(stamp.ids, index);
    writeFingerprint(fingerprints, index * 2, { scope, id });
    hasIds = true;
  }
  const count = items.length - bad.length;
  const leftOut = bad.map(({ answer }) => answer.index);
  const parcel: Parcel = {
    topic,
    count,
    raw: { topic, lines, flat: flat && bad.length === 0, stamp, leftOut },
    ...(hasIds ? { fingerprints } : {}),
    // The largest comes last: what is written behind it on the way to the shard would move it.
    body: bytes,
  };
  const parcels = new Map(count === 0 ? [] : [[shard, [parcel]]]);
  return { parcels, accepted: count, rejected: bad };
}

function startsList(bytes: Uint8Array): boolean {
  let at = 0;
  while (at < bytes.length && (bytes[at] as number) <= SPACE) at += 1;
  return bytes[at] === LIST;
}
