/**
 * The fields of each event kind, as data: one table drives validation, error messages and the
 * OpenAPI document.
 */
import { LIMITS } from "./limits.ts";
import type { EventTopic } from "./topics.ts";

export type FieldKind =
  | { readonly type: "id" }
  | { readonly type: "text" }
  | { readonly type: "time" }
  | { readonly type: "number"; readonly min?: number; readonly max?: number }
  | { readonly type: "integer"; readonly min: number; readonly max: number }
  | { readonly type: "enum"; readonly values: readonly string[] }
  | { readonly type: "pattern"; readonly regex: RegExp; readonly expected: string };

export interface Field {
  readonly name: string;
  readonly required: boolean;
  readonly kind: FieldKind;
  readonly description: string;
}

export const PLAYER_EVENT_TYPES = [
  "session_start",
  "session_end",
  "disconnect",
  "move",
  "interaction",
  "level_start",
  "level_complete",
  "level_fail",
] as const;
export const TRANSACTION_TYPES = ["purchase", "refund"] as const;

/** Largest price of one item, in major units of any currency: above it the unit is probably wrong. */
export const PRICE_MAX = 1_000_000;
/** Largest latency in milliseconds that is a measurement rather than a fault: one hour. */
export const LATENCY_MS_MAX = 3_600_000;
/** Largest number of players or lost connections of one server. */
export const COUNT_MAX = 1_000_000_000;

const id = { type: "id" } as const;
const text = { type: "text" } as const;
const time = { type: "time" } as const;
const percent = { type: "number", min: 0, max: 100 } as const;
const count = { type: "integer", min: 0, max: COUNT_MAX } as const;

function required(name: string, kind: FieldKind, description: string): Field {
  return { name, required: true, kind, description };
}

function optional(name: string, kind: FieldKind, description: string): Field {
  return { name, required: false, kind, description };
}

const COMMON_FIELDS: readonly Field[] = [
  optional("event_id", id, "Deduplication key: the same id is counted once"),
  optional("platform", id, "ios, android, windows, …"),
  optional("region", id, "Region of the player or server, e.g. eu-west"),
  optional("build", id, "Version of the game"),
];

export const EVENT_FIELDS: Readonly<Record<EventTopic, readonly Field[]>> = {
  "player-events": [
    required("player_id", id, "The player's account"),
    required("session_id", id, "One continuous time of play"),
    required("event_type", { type: "enum", values: PLAYER_EVENT_TYPES }, "What the player did"),
    required("level_id", id, "The level it happened in"),
    required("map_id", id, "The map it happened on"),
    required("timestamp", time, "When it happened"),
    ...COMMON_FIELDS,
    optional("server_id", id, "The server that hosts the session"),
    optional("x", { type: "number" }, "Position on the map"),
    optional("y", { type: "number" }, "Position on the map"),
    optional("reason", text, "Why a session ended or a level failed"),
  ],
  purchases: [
    required("player_id", id, "The player's account"),
    required("item_id", id, "The item bought"),
    required("price", { type: "number", min: 0, max: PRICE_MAX }, "In major units, e.g. 4.99"),
    required(
      "currency",
      { type: "pattern", regex: /^[A-Z]{3}$/, expected: "an ISO 4217 code such as USD" },
      "Currency of the price",
    ),
    required("purchase_timestamp", time, "When it was bought"),
    optional("ip_address", id, "Address of the buyer; the edge adds it where it is absent"),
    ...COMMON_FIELDS,
    optional("transaction_id", id, "The store's receipt"),
    optional("transaction_type", { type: "enum", values: TRANSACTION_TYPES }, "Default: purchase"),
  ],
  "server-metrics": [
    required("server_id", id, "The game server"),
    required("cpu_load", percent, "Percent"),
    required("memory_usage", percent, "Percent"),
    required("latency", { type: "number", min: 0, max: LATENCY_MS_MAX }, "Milliseconds"),
    required("timestamp", time, "When it was measured"),
    ...COMMON_FIELDS,
    optional("connected_players", count, "Players connected now"),
    optional("disconnections", count, "Connections lost since the last measurement"),
    optional("server_type", id, "match, lobby, …"),
  ],
};

/** The field of each event kind that holds its time. */
export const TIME_FIELD: Readonly<Record<EventTopic, "timestamp" | "purchase_timestamp">> = {
  "player-events": "timestamp",
  purchases: "purchase_timestamp",
  "server-metrics": "timestamp",
};

/** What a field accepts, in words. */
export function expectedOf(kind: FieldKind): string {
  switch (kind.type) {
    case "id":
      return `a string of 1 to ${LIMITS.idCharsMax} characters`;
    case "text":
      return `a string of at most ${LIMITS.textCharsMax} characters`;
    case "time":
      return "ISO 8601 with a zone such as 2024-11-12T10:00:00Z, or epoch milliseconds";
    case "number":
      return kind.min === undefined ? "a number" : `a number from ${kind.min} to ${kind.max}`;
    case "integer":
      return `an integer from ${kind.min} to ${kind.max}`;
    case "enum":
      return `one of ${kind.values.join(", ")}`;
    case "pattern":
      return kind.expected;
  }
}
