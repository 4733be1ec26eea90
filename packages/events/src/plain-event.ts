/**
 * The quick answer for almost every event: valid, and nothing but documented fields. Written out field
 * by field, because a loop over the table of fields costs four times as much: the engine can remember
 * where a property lies only for code that always asks for the same one.
 *
 * It says "no" whenever it is not sure; then the table decides (`checkEvent`). A test holds the two
 * together, so a field that is added to the table and not here costs time, never correctness.
 */
import { COUNT_MAX, LATENCY_MS_MAX, PLAYER_EVENT_TYPES, PRICE_MAX } from "./fields.ts";
import { LIMITS } from "./limits.ts";
import { isTime } from "./time.ts";
import type { EventTopic } from "./topics.ts";

type Fields = { readonly [field: string]: unknown };

const PLAIN: Readonly<Record<EventTopic, (event: Fields) => boolean>> = {
  "player-events": isPlainPlayerEvent,
  purchases: isPlainPurchase,
  "server-metrics": isPlainServerMetrics,
};

/** True only for a valid event without further fields and without nulls. */
export function isPlainEvent(topic: EventTopic, value: unknown): boolean {
  return typeof value === "object" && value !== null && PLAIN[topic](value as Fields);
}

function isPlainPlayerEvent(event: Fields): boolean {
  if (
    !isId(event["player_id"]) ||
    !isId(event["session_id"]) ||
    !isId(event["level_id"]) ||
    !isId(event["map_id"]) ||
    !isPlayerEventType(event["event_type"]) ||
    !isTime(event["timestamp"])
  ) {
    return false;
  }
  const common = commonFields(event);
  if (common === INVALID) return false;
  let fields = 6 + common;
  const serverId = event["server_id"];
  if (serverId !== undefined) {
    if (!isId(serverId)) return false;
    fields += 1;
  }
  const x = event["x"];
  if (x !== undefined) {
    if (typeof x !== "number" || !Number.isFinite(x)) return false;
    fields += 1;
  }
  const y = event["y"];
  if (y !== undefined) {
    if (typeof y !== "number" || !Number.isFinite(y)) return false;
    fields += 1;
  }
  const reason = event["reason"];
  if (reason !== undefined) {
    if (typeof reason !== "string" || reason.length > LIMITS.textCharsMax) return false;
    fields += 1;
  }
  return hasFields(event, fields);
}

/** The types by their length: one or two are left to be compared with. */
const TYPES_BY_LENGTH = Map.groupBy(PLAYER_EVENT_TYPES, (type) => type.length);

function isPlayerEventType(value: unknown): boolean {
  if (typeof value !== "string") return false;
  const types: readonly string[] | undefined = TYPES_BY_LENGTH.get(value.length);
  if (types === undefined) return false;
  for (let i = 0; i < types.length; i += 1) if (types[i] === value) return true;
  return false;
}

function isPlainPurchase(event: Fields): boolean {
  if (
    !isId(event["player_id"]) ||
    !isId(event["item_id"]) ||
    !isWithin(event["price"], PRICE_MAX) ||
    !isCurrency(event["currency"]) ||
    !isTime(event["purchase_timestamp"])
  ) {
    return false;
  }
  const common = commonFields(event);
  if (common === INVALID) return false;
  let fields = 5 + common;
  const address = event["ip_address"];
  if (address !== undefined) {
    if (!isId(address)) return false;
    fields += 1;
  }
  const transactionId = event["transaction_id"];
  if (transactionId !== undefined) {
    if (!isId(transactionId)) return false;
    fields += 1;
  }
  const type = event["transaction_type"];
  if (type !== undefined) {
    if (type !== "purchase" && type !== "refund") return false;
    fields += 1;
  }
  return hasFields(event, fields);
}

function isPlainServerMetrics(event: Fields): boolean {
  if (
    !isId(event["server_id"]) ||
    !isWithin(event["cpu_load"], 100) ||
    !isWithin(event["memory_usage"], 100) ||
    !isWithin(event["latency"], LATENCY_MS_MAX) ||
    !isTime(event["timestamp"])
  ) {
    return false;
  }
  const common = commonFields(event);
  if (common === INVALID) return false;
  let fields = 5 + common;
  const players = event["connected_players"];
  if (players !== undefined) {
    if (!isCount(players)) return false;
    fields += 1;
  }
  const disconnections = event["disconnections"];
  if (disconnections !== undefined) {
    if (!isCount(disconnections)) return false;
    fields += 1;
  }
  const type = event["server_type"];
  if (type !== undefined) {
    if (!isId(type)) return false;
    fields += 1;
  }
  return hasFields(event, fields);
}

const INVALID = -1;

/** How many of the fields that all kinds share are there; `INVALID` when one of them is wrong. */
function commonFields(event: Fields): number {
  let fields = 0;
  const eventId = event["event_id"];
  if (eventId !== undefined) {
    if (!isId(eventId)) return INVALID;
    fields += 1;
  }
  const platform = event["platform"];
  if (platform !== undefined) {
    if (!isId(platform)) return INVALID;
    fields += 1;
  }
  const region = event["region"];
  if (region !== undefined) {
    if (!isId(region)) return INVALID;
    fields += 1;
  }
  const build = event["build"];
  if (build !== undefined) {
    if (!isId(build)) return INVALID;
    fields += 1;
  }
  return fields;
}

function hasFields(event: Fields, fields: number): boolean {
  let others = -fields;
  for (const _ in event) others += 1;
  return others === 0;
}

function isId(value: unknown): boolean {
  return typeof value === "string" && value.length > 0 && value.length <= LIMITS.idCharsMax;
}

function isWithin(value: unknown, max: number): boolean {
  return typeof value === "number" && value >= 0 && value <= max;
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && isWithin(value, COUNT_MAX);
}

function isCurrency(value: unknown): boolean {
  return (
    typeof value === "string" &&
    value.length === 3 &&
    isCapital(value.charCodeAt(0)) &&
    isCapital(value.charCodeAt(1)) &&
    isCapital(value.charCodeAt(2))
  );
}

function isCapital(unit: number): boolean {
  return unit >= 65 && unit <= 90;
}
