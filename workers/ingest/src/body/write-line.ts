/**
 * Completes a valid event and writes it as one line of JSON, in one go: what the edge adds is put
 * behind the client's own fields as text. Adding fields to a parsed object costs more than parsing it.
 *
 * Says the same as `stampEvent` followed by `JSON.stringify`; a test holds the two together.
 */
import {
  EDGE_FIELDS,
  LIMITS,
  parseTime,
  resolveEventTime,
  TIME_FIELD,
  type Clock,
  type EventTopic,
  type JsonObject,
} from "@arenaflow/events";

import { idAt, type IdSeries } from "./event-ids.ts";
import type { Origin } from "./origin.ts";

/** Length of `2024-11-12T10:00:00.000Z`, the form in which times are journaled. */
const ISO_MS_CHARS = 24;
const ISO_MINUTE_CHARS = 16;
/** The limits of the span are whole minutes. */
const MINUTE_MS = 60_000;
const NO_ID = "";

/** What one request adds to all of its events. */
export interface Stamp {
  /** Epoch milliseconds. */
  readonly receivedMs: number;
  readonly titleId: string;
  /** The client's network address, where the edge knows it. */
  readonly address: string | undefined;
  /** Where the request came from; absent when that is unknown. Not added to what servers report. */
  readonly origin?: Origin;
  /** What is known of the client's clock; absent when nothing is. */
  readonly clock?: Clock;
  /** The ids of events that came without one. */
  readonly ids: IdSeries;
  /** Whether a repeated request gets the same ids again, so that they can tell repeats. */
  readonly repeatable: boolean;
}

export interface Line {
  readonly text: string;
  /** The id that tells a repeat of this event; empty when there is none. */
  readonly id: string;
}

/** What every event of a request gets, as members of JSON. */
export function arrivalOf(topic: EventTopic, { receivedMs, titleId, origin }: Stamp): string {
  const arrival = `"received_at":${receivedMs},"title_id":${JSON.stringify(titleId)}`;
  if (origin === undefined || topic === "server-metrics") return arrival;
  const members = JSON.stringify(origin).slice(1, -1);
  return members === "" ? arrival : `${arrival},${members}`;
}

/** The span of arrival in which a client's clock is believed. Journaled times sort as text. */
function believedSpan({ receivedMs }: Pick<Stamp, "receivedMs">): {
  earliest: string;
  latest: string;
} {
  return {
    earliest: new Date(receivedMs - LIMITS.pastMsMax).toISOString(),
    latest: new Date(receivedMs + LIMITS.futureMsMax).toISOString(),
  };
}

/** The first and the last minute of that span, both believed in part: the same for a minute of arrivals. */
let edges = { ofMinute: NaN, first: "", last: "" };

function edgesOf(stamp: Stamp): typeof edges {
  const minute = Math.floor(stamp.receivedMs / MINUTE_MS);
  if (minute !== edges.ofMinute) {
    const { earliest, latest } = believedSpan({ receivedMs: minute * MINUTE_MS });
    const [first, last] = [earliest.slice(0, ISO_MINUTE_CHARS), latest.slice(0, ISO_MINUTE_CHARS)];
    edges = { ofMinute: minute, first, last };
  }
  return edges;
}

/** Makes the test of one request whether all times within a minute, `2024-11-12T10:00`, are taken as they are. */
export function takesMinute(stamp: Stamp): (minute: string) => boolean {
  const { first, last } = edgesOf(stamp);
  return (minute) => stamp.clock === undefined && minute > first && minute < last;
}

/** Whether events of the topic get the client's address where they name none. */
export function addsAddress(topic: EventTopic, { address }: Stamp): boolean {
  return topic === "purchases" && address !== undefined;
}

/**
 * Makes the test of one request and topic whether an event without further fields needs nothing but
 * `arrivalOf` to be complete.
 */
export function needsArrivalOnly(topic: EventTopic, stamp: Stamp): (event: JsonObject) => boolean {
  const timeField = TIME_FIELD[topic];
  const { earliest, latest } = believedSpan(stamp);
  /** The time last found good: the events of a moment share it. */
  let previous: unknown = earliest;
  const wantsAddress = addsAddress(topic, stamp);
  return (event) => {
    const claimed = event[timeField];
    const believed =
      claimed === previous || (isJournaled(claimed) && claimed >= earliest && claimed <= latest);
    if (believed) previous = claimed;
    return (
      stamp.clock === undefined &&
      believed &&
      typeof event["event_id"] === "string" &&
      !(wantsAddress && event["ip_address"] == null)
    );
  };
}

/** Makes the writer of one request and topic. */
export function lineWriter(
  topic: EventTopic,
  stamp: Stamp,
): (event: JsonObject, index: number) => Line {
  const timeField = TIME_FIELD[topic];
  const arrival = arrivalOf(topic, stamp);
  const originNames = Object.keys(stamp.origin ?? {}) as (keyof Origin)[];
  /** What an event says of its origin itself is left as it is. */
  const arrivalFor = (event: JsonObject): string => {
    if (!originNames.some((name) => name in event)) return arrival;
    const unsaid = originNames.filter((name) => !(name in event));
    const origin = Object.fromEntries(unsaid.map((name) => [name, stamp.origin?.[name]])) as Origin;
    return arrivalOf(topic, { ...stamp, origin });
  };
  const address =
    topic === "purchases" && stamp.address !== undefined
      ? `,"ip_address":${JSON.stringify(stamp.address)}`
      : "";

  // Most events' times need not be read again.
  const { earliest, latest } = believedSpan(stamp);

  return function writeLine(event, index) {
    for (const name of EDGE_FIELDS) if (name in event) delete event[name];
    const claimed = event[timeField];
    const asItIs =
      stamp.clock === undefined && isJournaled(claimed) && claimed >= earliest && claimed <= latest;
    const arrived = originNames.length === 0 ? arrival : arrivalFor(event);
    const added = asItIs ? arrived : writeTime(event, timeField, stamp) + arrived;
    const lacksAddress = address !== "" && event["ip_address"] == null;
    if (lacksAddress) delete event["ip_address"];
    const id = event["event_id"];
    const tail = lacksAddress ? added + address : added;
    if (typeof id === "string") {
      return { text: `${JSON.stringify(event).slice(0, -1)},${tail}}`, id };
    }
    if (id === null) delete event["event_id"];
    const made = idAt(stamp.ids, index);
    const text = `${JSON.stringify(event).slice(0, -1)},${tail},"event_id":"${made}"}`;
    return { text, id: stamp.repeatable ? made : NO_ID };
  };
}

/** Brings the event's time into its journaled form. Returns what has to be said about it. */
function writeTime(event: JsonObject, field: string, { receivedMs, clock }: Stamp): string {
  const claimed = event[field];
  const claimedMs = parseTime(claimed);
  if (claimedMs === undefined) throw new TypeError(`lineWriter: ${field} was not checked`);
  const { timeMs, corrected } = resolveEventTime(claimedMs, receivedMs, clock);
  if (corrected) {
    event[field] = new Date(timeMs).toISOString();
    return `"client_time":"${new Date(claimedMs).toISOString()}","time_corrected":true,`;
  }
  event[field] = new Date(timeMs).toISOString();
  return "";
}

/** Whether a valid time already has the journaled form: UTC with milliseconds. */
function isJournaled(claimed: unknown): claimed is string {
  return typeof claimed === "string" && claimed.length === ISO_MS_CHARS && claimed.endsWith("Z");
}
