/**
 * The edge of the page: what comes from history or the WebSocket is checked here once; everything
 * behind it works with typed values.
 */
import { isShownTopic, type ShownMessage, type ShownTopic } from "./shown-topics.ts";

type Check = (value: unknown) => boolean;
const isText: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);

const isFlag: Check = (value) => {
  if (typeof value !== "object" || value === null) return false;
  const flag = value as { [field: string]: unknown };
  return (
    isText(flag["player_id"]) &&
    isText(flag["ip_address"]) &&
    isNumber(flag["suspicious_purchase_count"])
  );
};
const areFlags: Check = (value) => Array.isArray(value) && value.every(isFlag);

const isList: Check = Array.isArray;
const isFlagged: Check = (value) => typeof value === "boolean";

const WINDOW = { window_start: isNumber, window_end: isNumber };

/** The fields that the page computes with. What is newer than the data may be missing, and is looked at with care. */
const FIELDS: Readonly<Record<ShownTopic, Readonly<Record<string, Check>>>> = {
  "level-activity": {
    ...WINDOW,
    level_id: isText,
    map_id: isText,
    active_players: isNumber,
    average_session_duration: isNumber,
  },
  "item-sales": {
    ...WINDOW,
    item_id: isText,
    purchase_count: isNumber,
    total_revenue: isNumber,
    fraud_flags: areFlags,
  },
  "server-health": {
    ...WINDOW,
    server_id: isText,
    cpu_load: isNumber,
    memory_usage: isNumber,
    latency: isNumber,
    timestamp: isText,
  },
  "fraud-flags": {
    ...WINDOW,
    rule: isText,
    mode: isText,
    score: isNumber,
    subject: isText,
    player_id: isText,
    ip_address: isText,
    evidence_event_ids: isList,
  },
  revenue: { ...WINDOW, period: isText, purchase_count: isNumber, revenue: isNumber },
  "pipeline-stats": { ...WINDOW, topic: isText, records: isNumber, processed: isNumber },
  "level-retention": { ...WINDOW, level_id: isText, started: isNumber, stuck: isFlagged },
  "session-stats": { ...WINDOW, active_sessions: isNumber, average_duration: isNumber },
  "player-movement": {
    ...WINDOW,
    from_level_id: isText,
    to_level_id: isText,
    transitions: isNumber,
  },
  "dataflow-graph": { ...WINDOW, dataflow: isText, nodes: isList, edges: isList },
  "day-cohorts": {
    ...WINDOW,
    cohort_day: isText,
    day_number: isNumber,
    cohort_size: isNumber,
    returned: isNumber,
  },
  disconnects: { ...WINDOW, server_id: isText, disconnects: isNumber, sessions_ended: isNumber },
};

/** @returns the message, or `undefined` when it is not one that this page can show */
export function parseMessage(value: unknown): ShownMessage | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const message = value as { topic?: unknown; position?: unknown; value?: unknown };
  if (typeof message.topic !== "string" || !isShownTopic(message.topic)) return undefined;
  if (!isNumber(message.position)) return undefined;
  if (typeof message.value !== "object" || message.value === null) return undefined;
  const insight = message.value as { [field: string]: unknown };
  for (const [field, check] of Object.entries(FIELDS[message.topic])) {
    if (!check(insight[field])) return undefined;
  }
  return value as ShownMessage;
}

/** A WebSocket frame: one message or an array of them. Unreadable ones are counted, not shown. */
export function parseFrame(text: string): { messages: ShownMessage[]; unreadable: number } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { messages: [], unreadable: 1 };
  }
  return parseMessages(Array.isArray(parsed) ? parsed : [parsed]);
}

/** The items of a history page, or of a frame. */
export function parseMessages(values: readonly unknown[]): {
  messages: ShownMessage[];
  unreadable: number;
} {
  const messages: ShownMessage[] = [];
  for (const value of values) {
    const message = parseMessage(value);
    if (message !== undefined) messages.push(message);
  }
  return { messages, unreadable: values.length - messages.length };
}
