/** What the edge writes into a valid event before it is journaled. */
import { EDGE_FIELDS, type JsonObject } from "./check-event.ts";
import { TIME_FIELD } from "./fields.ts";
import { parseTime, resolveEventTime, type Clock } from "./time.ts";
import type { EventTopic } from "./topics.ts";

export interface Arrival {
  /** Epoch milliseconds. */
  readonly receivedMs: number;
  readonly titleId: string;
  /** The client's network address, where the edge knows it. */
  readonly address?: string | undefined;
  readonly clock?: Clock | undefined;
  /** Makes the id of an event that came without one. */
  readonly newEventId: () => string;
}

/**
 * Completes a valid event in place: its id, title, arrival, the buyer's address, and its time as
 * ISO 8601 in UTC with milliseconds. Fields that only the edge may set are overwritten.
 * @param event one that `checkEvent` found nothing wrong with
 * @returns true when the event came with an id of its own, so that it can be deduplicated
 */
export function stampEvent(topic: EventTopic, event: JsonObject, arrival: Arrival): boolean {
  for (const name of EDGE_FIELDS) if (name in event) delete event[name];
  const timeField = TIME_FIELD[topic];
  const claimed = event[timeField];
  const claimedMs = parseTime(claimed);
  if (claimedMs === undefined) throw new TypeError(`stampEvent: ${timeField} was not checked`);

  const { timeMs, corrected } = resolveEventTime(claimedMs, arrival.receivedMs, arrival.clock);
  event[timeField] = new Date(timeMs).toISOString();
  if (corrected) {
    event["client_time"] = new Date(claimedMs).toISOString();
    event["time_corrected"] = true;
  }
  event["received_at"] = arrival.receivedMs;
  event["title_id"] = arrival.titleId;
  if (topic === "purchases" && event["ip_address"] == null && arrival.address !== undefined) {
    event["ip_address"] = arrival.address;
  }
  const hasOwnId = typeof event["event_id"] === "string";
  if (!hasOwnId) event["event_id"] = arrival.newEventId();
  return hasOwnId;
}
