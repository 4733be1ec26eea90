/** What the API says about itself: counters, newest events, rejected ones. Parsed at the edge. */
import type { Config } from "../config.ts";

export interface Counters {
  readonly received: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  /** Accepted events that no dataflow has acknowledged yet. */
  readonly backlog: number;
}

export interface EdgeStatus extends Counters {
  readonly topics: readonly (Counters & { readonly topic: string })[];
  readonly timeMs: number;
}

export interface RejectedEvent {
  readonly key: string;
  readonly code: string;
  readonly topic: string;
  readonly receivedMs: number;
  readonly field: string;
  readonly expected: string;
  readonly got: string;
  readonly event: string;
}

export interface RecentEvent {
  readonly key: string;
  readonly receivedMs: number;
  readonly topic: string;
  readonly event: string;
  readonly fields: Json;
}

export type Json = { readonly [field: string]: unknown };

const objectOf = (value: unknown): Json =>
  typeof value === "object" && value !== null ? (value as Json) : {};
const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const itemsOf = (value: unknown): readonly Json[] => {
  const { items } = objectOf(value);
  return Array.isArray(items) ? items.map(objectOf) : [];
};

function countersOf(value: Json): Counters {
  return {
    received: numberOf(value["received"]),
    accepted: numberOf(value["accepted"]),
    duplicates: numberOf(value["duplicates"]),
    rejected: numberOf(value["rejected"]),
    backlog: numberOf(value["backlog"]),
  };
}

/** Reads the answer of `GET /v1/status`. */
export function parseStatus(value: unknown): EdgeStatus {
  const status = objectOf(value);
  const topics = Object.entries(objectOf(status["topics"]));
  return {
    ...countersOf(status),
    topics: topics.map(([topic, counters]) => ({ topic, ...countersOf(objectOf(counters)) })),
    timeMs: numberOf(status["time"]),
  };
}

/** Reads the answer of `GET /v1/rejected`. */
export function parseRejected(value: unknown): RejectedEvent[] {
  return itemsOf(value).map((item) => ({
    key: JSON.stringify(item),
    topic: textOf(item["topic"]),
    code: textOf(item["code"]),
    receivedMs: numberOf(item["received_at"]),
    field: textOf(item["field"]),
    expected: textOf(item["expected"]),
    got: textOf(item["got"]),
    event: textOf(item["event"]),
  }));
}

/** Fields that the edge adds; the reader wants to see what was sent. */
const EDGE_FIELDS = new Set(["received_at", "title_id", "feed"]);

/** Reads the answer of `GET /v1/recent`. */
export function parseRecent(value: unknown): RecentEvent[] {
  return itemsOf(value).map((item) => {
    const sent = Object.entries(item).filter(([name]) => !EDGE_FIELDS.has(name));
    return {
      key: JSON.stringify(item),
      receivedMs: numberOf(item["received_at"]),
      topic: topicOf(item),
      event: JSON.stringify(Object.fromEntries(sent)),
      fields: item,
    };
  });
}

/** Each topic has a field that the others do not have. */
function topicOf(item: Json): string {
  if ("purchase_timestamp" in item) return "purchases";
  return "cpu_load" in item ? "server-metrics" : "player-events";
}

/** The most that the API gives in one answer. */
const ITEMS_MAX = 200;

async function get(config: Config, path: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(`${config.api}${path}`, {
    headers: { authorization: `Bearer ${config.readKey}` },
    signal,
  });
  if (!response.ok) throw new Error(`GET ${path} answered with status ${response.status}.`);
  return response.json();
}

/** The counters. Rejects with an error that says what failed, as do the others. */
export async function readStatus(config: Config, signal: AbortSignal): Promise<EdgeStatus> {
  return parseStatus(await get(config, "/v1/status", signal));
}

/** The newest accepted events. */
export async function readRecent(config: Config, signal: AbortSignal): Promise<RecentEvent[]> {
  return parseRecent(await get(config, `/v1/recent?limit=${ITEMS_MAX}`, signal));
}

/** The newest rejected events. */
export async function readRejected(config: Config, signal: AbortSignal): Promise<RejectedEvent[]> {
  return parseRejected(await get(config, `/v1/rejected?limit=${ITEMS_MAX}`, signal));
}

/** Asks the API to judge rejected events once more. Resolves with what came of it, in words. */
export async function replayRejected(config: Config, topic: string): Promise<string> {
  const query = topic === "" ? "" : `?topic=${encodeURIComponent(topic)}`;
  const response = await fetch(`${config.api}/v1/rejected/replay${query}`, {
    method: "POST",
    headers: { authorization: `Bearer ${config.readKey}` },
  });
  if (response.status === 401 || response.status === 403) {
    return "This page's key may read only. Replay with a write key: POST /v1/rejected/replay.";
  }
  if (!response.ok) return `The API answered with status ${response.status}. Try again.`;
  const outcome = objectOf(await response.json());
  return `${numberOf(outcome["replayed"])} taken, ${numberOf(outcome["still_rejected"])} still rejected.`;
}
