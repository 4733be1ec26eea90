/** What the tests of the routes share: requests with the local key, sample events, feed reading. */
import { createExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";

import { app } from "../src/app.ts";
import type { Role } from "../src/auth/roles.ts";
import type { Env } from "../src/env.ts";
import type { Journal } from "../src/journal/journal.ts";
import type { CountedTopic, LaneStatus, Parcel } from "../src/journal/messages.ts";

export const ORIGIN = "http://localhost:8787";
export const AUTH = { authorization: "Bearer dev" } as const;

/** Sends a request with the local key. */
export async function call(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (!headers.has("authorization")) headers.set("authorization", AUTH.authorization);
  return exports.default.fetch(new Request(`${ORIGIN}${path}`, { ...init, headers }));
}

/** Posts a body: text as it is, anything else as JSON. */
export async function post(path: string, body: unknown, type = "application/json") {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return call(path, { method: "POST", body: text, headers: { "content-type": type } });
}

/** What `POST /v1/events` answers; problems carry more. */
export interface Answer {
  accepted: number;
  duplicates: number;
  rejected: {
    index: number;
    event_id?: string;
    code: string;
    field: string;
    expected: string;
    got: string;
  }[];
  request_id: string;
  status: number;
  code: string;
  detail: string;
  field: string;
  expected: string;
  got: string;
  line: number;
  column: number;
  byte: number;
}

export async function answerOf(response: Response): Promise<Answer> {
  return response.json<Answer>();
}

export const MOVE = {
  player_id: "12345",
  session_id: "abcd1234",
  event_type: "move",
  level_id: "level_01",
  map_id: "map_05",
  timestamp: "2024-11-12T10:00:00Z",
} as const;

export const PURCHASE = {
  player_id: "12345",
  item_id: "skin_dragon",
  price: 4.99,
  currency: "USD",
  purchase_timestamp: "2024-11-12T10:05:00Z",
  ip_address: "192.168.0.1",
} as const;

export const METRICS = {
  server_id: "server_1",
  cpu_load: 65,
  memory_usage: 80,
  latency: 120,
  timestamp: "2024-11-12T10:10:00Z",
} as const;

/** A record of the feed. */
export interface FeedRecord {
  player_id: string;
  event_id: string;
  n?: number;
  feed: { shard: number; seq: number };
  [field: string]: unknown;
}

/** Reads a feed until it has sent `count` records, then hangs up. */
export async function readFeed(topic: string, count: number): Promise<FeedRecord[]> {
  const response = await call(`/v1/stream/${topic}`);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = "";
  const lines = () => text.split("\n").slice(0, -1);
  while (lines().length < count) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return lines().map((line) => JSON.parse(line) as FeedRecord);
}

let journals = 0;

/** A Journal that no other test knows. */
export function freshJournal(): DurableObjectStub<Journal> {
  journals += 1;
  return env.JOURNAL.getByName(`test-${journals}-${crypto.randomUUID()}`);
}

/** A parcel of small events `{"n":from}`, `{"n":from+1}`, … */
export function parcelOf(count: number, from = 1): Parcel {
  const lines = Array.from({ length: count }, (_, i) => `{"n":${from + i}}\n`);
  return { topic: "player-events", count, body: new TextEncoder().encode(lines.join("")) };
}

/** What a Journal tells of a topic of the local title. */
export function laneOf(status: readonly LaneStatus[], topic: CountedTopic) {
  return status.find((lane) => lane.topic === topic && lane.title === "local");
}

/** A key of a deployed Worker. */
export interface TestKey {
  readonly key: string;
  readonly title: string;
  readonly roles: readonly (Role | "*")[];
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bindings of a Worker that was deployed with these keys. */
export async function deployed(keys: readonly TestKey[], more: Partial<Env> = {}): Promise<Env> {
  const hashed = keys.map(async ({ key, ...rest }) => ({ sha256: await sha256(key), ...rest }));
  return {
    ...env,
    ARENAFLOW_ENV: "production",
    FEED_RESPONSE_MS: "100",
    ARENAFLOW_KEYS: JSON.stringify(await Promise.all(hashed)),
    ...more,
  };
}

export interface Ask {
  readonly key?: string;
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** Sends a request to a deployed Worker. */
export async function ask(bindings: Env, path: string, request: Ask = {}): Promise<Response> {
  const headers = new Headers(request.headers);
  if (request.key !== undefined) headers.set("authorization", `Bearer ${request.key}`);
  const method = request.method ?? (request.body === undefined ? "GET" : "POST");
  const { body: given } = request;
  const body =
    given === undefined ? null : typeof given === "string" ? given : JSON.stringify(given);
  const asked = new Request(`https://play.example${path}`, { method, headers, body });
  return app.fetch(asked, bindings, createExecutionContext());
}
