/**
 * Makes one of our events of a GameAnalytics event, where one of our topics can hold it:
 *
 * | GameAnalytics                                | ours                                          |
 * |----------------------------------------------|-----------------------------------------------|
 * | `user`, `session_end`                        | player-events, outside of levels              |
 * | `progression` (Start, Complete, Fail) p1, p2 | player-events; p1 is the map, the rest the level |
 * | `business`                                   | purchases; cents become major units           |
 * | `resource`, `design`, `error`, `ads`, `sdk_*`, `health` | not mapped                         |
 */
import { describeValue, type EventTopic, type Issue, type JsonObject } from "@arenaflow/events";

/** Level and map of a player who is in none, as far as an SDK tells. */
const OUTSIDE = "none";
const CENTS = 100;
/** A `client_ts` is a number of seconds with ten digits; others are taken for none. */
const CLIENT_TS_MIN = 1_000_000_000;
const CLIENT_TS_MAX = 9_999_999_999;
const SESSION_LENGTH_S_MAX = 31_536_000;

const NOT_MAPPED = new Set([
  "resource",
  "design",
  "error",
  "ads",
  "impression",
  "sdk_error",
  "sdk_init",
  "health",
]);

const PROGRESSION = {
  Start: "level_start",
  Complete: "level_complete",
  Fail: "level_fail",
} as const;

export type Mapped =
  /** The event names its topic, as in `POST /v1/events`. */
  | { readonly outcome: "mapped"; readonly event: JsonObject & { readonly topic: EventTopic } }
  | { readonly outcome: "not_mapped" }
  | { readonly outcome: "invalid"; readonly issue: Issue };

/** @param receivedMs the time of an event that says none, epoch ms */
export function mapEvent(value: unknown, receivedMs: number): Mapped {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return invalid("not_an_object", "", "a JSON object", value);
  }
  const event = value as JsonObject;
  const category = event["category"];
  if (typeof category === "string" && NOT_MAPPED.has(category)) return { outcome: "not_mapped" };
  for (const field of ["user_id", "session_id"]) {
    if (typeof event[field] === "string" && event[field] !== "") continue;
    return invalid("missing_field", field, "a string", event[field]);
  }
  switch (category) {
    case "user":
      return outside(event, receivedMs, "session_start");
    case "session_end":
      return outside(event, receivedMs, "session_end");
    case "progression":
      return progression(event, receivedMs);
    case "business":
      return business(event, receivedMs);
    default:
      return invalid("invalid_value", "category", "a category of GameAnalytics", category);
  }
}

function outside(event: JsonObject, receivedMs: number, type: string): Mapped {
  const length = event["length"];
  const isLength = typeof length === "number" && length >= 0 && length <= SESSION_LENGTH_S_MAX;
  return playerEvent(event, receivedMs, {
    event_type: type,
    level_id: OUTSIDE,
    map_id: OUTSIDE,
    ...(isLength ? { session_length: length } : {}),
  });
}

function progression(event: JsonObject, receivedMs: number): Mapped {
  const id = event["event_id"];
  const [status = "", map = "", ...level] = typeof id === "string" ? id.split(":") : [];
  const type = Object.hasOwn(PROGRESSION, status)
    ? PROGRESSION[status as keyof typeof PROGRESSION]
    : undefined;
  if (type === undefined || map === "" || level.length > 2 || level.includes("")) {
    return invalid("invalid_value", "event_id", "Start, Complete or Fail:p1[:p2[:p3]]", id);
  }
  const { score, attempt_num: attempt } = event;
  return playerEvent(event, receivedMs, {
    event_type: type,
    map_id: map,
    level_id: level.length === 0 ? map : level.join(":"),
    ...(typeof score === "number" ? { score } : {}),
    ...(typeof attempt === "number" ? { attempt_num: attempt } : {}),
  });
}

function playerEvent(event: JsonObject, receivedMs: number, own: JsonObject): Mapped {
  const { session_id } = event;
  const timestamp = timeOf(event, receivedMs);
  return {
    outcome: "mapped",
    event: { topic: "player-events", ...commonOf(event), session_id, timestamp, ...own },
  };
}

function business(event: JsonObject, receivedMs: number): Mapped {
  const { event_id: id, amount, currency, session_id } = event;
  const [type = "", item = "", ...more] = typeof id === "string" ? id.split(":") : [];
  if (type === "" || item === "" || more.length > 0) {
    return invalid("invalid_value", "event_id", "itemType:itemId", id);
  }
  if (!Number.isSafeInteger(amount) || (amount as number) < 0) {
    return invalid("wrong_type", "amount", "an integer of cents, 0 or more", amount);
  }
  return {
    outcome: "mapped",
    event: {
      topic: "purchases",
      ...commonOf(event),
      item_id: item,
      item_type: type,
      price: (amount as number) / CENTS,
      currency,
      purchase_timestamp: timeOf(event, receivedMs),
      session_id,
    },
  };
}

/** What all of our events say. `event_uuid` is what the SDKs send again with an event. */
function commonOf(event: JsonObject): JsonObject {
  const { user_id, event_uuid, platform, build } = event;
  return {
    player_id: user_id,
    ...(isText(event_uuid) ? { event_id: event_uuid } : {}),
    ...(isText(platform) ? { platform } : {}),
    ...(isText(build) ? { build } : {}),
  };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function timeOf(event: JsonObject, receivedMs: number): number {
  const seconds = event["client_ts"];
  const known = typeof seconds === "number" && seconds >= CLIENT_TS_MIN && seconds <= CLIENT_TS_MAX;
  return known ? Math.trunc(seconds * 1000) : receivedMs;
}

function invalid(code: Issue["code"], field: string, expected: string, found: unknown): Mapped {
  return { outcome: "invalid", issue: { code, field, expected, got: describeValue(found) } };
}
