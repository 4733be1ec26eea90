/**
 * The short way of a batch whose events all go to one shard: each is checked, and the body is stored
 * as it came. The hot path: it walks every event once, and writes nothing but fingerprints.
 */
import { isPlainEvent, type EventTopic, type JsonObject } from "@arenaflow/events";

import { scopeOf, writeFingerprint, writeFingerprintAt } from "../journal/fingerprint.ts";
import type { Parcel, RawForm } from "../journal/messages.ts";
import { idAt } from "./event-ids.ts";
import { judgeEvent } from "./judge-event.ts";
import { rejected, type Rejected } from "./rejected.ts";
import type { Sorted } from "./sort-events.ts";
import type { PlainBody } from "./plain-body.ts";
import { addsAddress, needsArrivalOnly, takesMinute, type Stamp } from "./write-line.ts";

const LIST = 0x5b;
const SPACE = 0x20;

/** A request whose body is stored as it came. */
export interface RawRequest {
  readonly topic: EventTopic;
  readonly bytes: Uint8Array;
  /** Whether the body is NDJSON by its type. */
  readonly lines: boolean;
  readonly stamp: Stamp;
  readonly shard: number;
}

/** The same, taken apart. */
export interface RawBatch extends RawRequest {
  readonly items: readonly unknown[];
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
  const form: RawForm = { topic, lines, flat: flat && bad.length === 0, stamp, leftOut };
  const parcel: Parcel = {
    topic,
    count,
    raw: JSON.stringify(form),
    ...(hasIds ? { fingerprints } : {}),
    // The largest comes last: what is written behind it on the way to the shard would move it.
    body: bytes,
  };
  const parcels = new Map(count === 0 ? [] : [[shard, [parcel]]]);
  return { parcels, accepted: count, rejected: bad };
}

/**
 * Makes a parcel of a body whose events are known to be plain.
 * @returns `undefined` when they lack more than their arrival
 */
export function plainParcel(request: RawRequest, plain: PlainBody): Sorted | undefined {
  const { topic, bytes, lines, stamp, shard } = request;
  if (!lines && !startsList(bytes)) return undefined;
  if (addsAddress(topic, stamp) && !plain.inAll("ip_address")) return undefined;
  const { count, ids, minutes } = plain;
  if (!minutes.every(takesMinute(stamp))) return undefined;
  const scope = scopeOf(stamp.titleId, topic);
  const fingerprints = new Uint32Array(count * 2);
  for (let index = 0; index < count; index += 1) {
    const start = ids[index] as number;
    writeFingerprintAt(fingerprints, index * 2, { scope, bytes, start });
  }
  const form: RawForm = { topic, lines, flat: true, stamp, leftOut: [] };
  const parcel: Parcel = { topic, count, raw: JSON.stringify(form), fingerprints, body: bytes };
  return { parcels: new Map([[shard, [parcel]]]), accepted: count, rejected: [] };
}

function startsList(bytes: Uint8Array): boolean {
  let at = 0;
  while (at < bytes.length && (bytes[at] as number) <= SPACE) at += 1;
  return bytes[at] === LIST;
}
