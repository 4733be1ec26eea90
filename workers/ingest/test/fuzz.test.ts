/**
 * Whatever is sent to a route, the answer is one that the OpenAPI document names, of the shape it says,
 * and it explains itself. No 5xx is among them: nothing is full and nothing fails here.
 */
import { EVENT_FIELDS, EVENT_TOPICS, LOCAL_GAME, type EventTopic } from "@arenaflow/events";
import * as fc from "fast-check";
import { afterAll, expect, inject, test } from "vitest";

import { openApiDocument } from "../src/openapi/document.ts";
import { differences, templateOf } from "./conforms.ts";
import { call as callWorker, METRICS, MOVE, PURCHASE } from "./helpers.ts";

const RUNS_SHORT = 100;
/** Requests of each test. `FUZZ_RUNS=20000` makes it more than 100,000 in all. */
const RUNS = inject("fuzzRuns") || RUNS_SHORT;
/** A run takes a few milliseconds, and many times that on a busy machine. */
const TIMEOUT_MS = 30_000 + RUNS * 200;
const SAMPLES: Record<EventTopic, Record<string, unknown>> = {
  "player-events": MOVE,
  purchases: PURCHASE,
  "server-metrics": METRICS,
};

/** Requests that were answered, by route and status. */
const answered = new Map<string, Map<number, number>>();

async function call(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await callWorker(path, init);
  const { pathname } = new URL(path, "http://x");
  const route = `${init.method ?? "GET"} ${templateOf(pathname) ?? "(not documented)"}`;
  const statuses = answered.get(route) ?? new Map<number, number>();
  answered.set(route, statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1));
  return response;
}

afterAll(() => {
  const counts = [...answered.values()].flatMap((statuses) => [...statuses.values()]);
  const requests = counts.reduce((all, count) => all + count, 0);
  const rows = Array.from(answered, ([route, statuses]) => {
    const byStatus = [...statuses].toSorted(([a], [b]) => a - b).map((pair) => pair.join(": "));
    return `${route}: ${byStatus.join(", ")}`;
  });
  const table = rows.toSorted().join("\n");
  // oxlint-disable-next-line no-console -- how many requests were tried is what a long run is for
  console.info(`fuzz: ${requests} requests answered\n${table}`);
});

async function check(path: string, init: RequestInit): Promise<Response> {
  const response = await call(path, init);
  const { pathname } = new URL(path, "http://x");
  expect(response.status).toBeLessThan(500);
  const method = init.method ?? "GET";
  // A feed stays open: it is left as soon as it has begun.
  if (response.headers.get("content-type")?.includes("ndjson") === true) {
    await response.body?.cancel();
    return response;
  }
  const kept = response.clone();
  expect(await differences(method, pathname, response)).toEqual([]);
  if (response.status >= 400 && pathname.startsWith("/v1/") && !pathname.startsWith("/v1/stream")) {
    expect(await kept.clone().json()).toMatchObject({
      status: response.status,
      detail: expect.stringMatching(/\S/),
      code: expect.stringMatching(/^[a-z_]+$/),
      request_id: expect.any(String),
    });
  }
  return kept;
}

/** Properties that are tried at once: a request mostly waits for the commit of its events. */
const LANES = 8;

/** Tries a property on a number of inputs. */
async function hold<T>(property: fc.IAsyncProperty<T>, runs: number): Promise<void> {
  const numRuns = Math.ceil(runs / LANES);
  await Promise.all(Array.from({ length: LANES }, async () => fc.assert(property, { numRuns })));
}

/** Every path that there is, and some that there are not. */
const EVERY_PATH = [
  ...Object.keys(openApiDocument()["paths"] as object).map((path) =>
    path
      .replace("{topic}", path.includes("stream") ? "nothing" : "level-activity")
      .replace("{game_key}", LOCAL_GAME.game_key)
      .replace("{id}", "12345"),
  ),
  "/v1/insights/fraud-flags",
  "/v1/insights/nothing",
  "/v1/events/nothing",
  "/v1/nothing",
  "/v2/nobody/events",
  "/docs",
  "/openapi.json",
  // The feed's own refusals wait a second each; it has a test of its own.
].filter((path) => !path.startsWith("/v1/stream"));
const everyPath = fc.constantFrom(...EVERY_PATH);
const bodyPath = fc.constantFrom(
  ...EVERY_PATH.filter((path) => !/docs|openapi|healthz/.test(path)),
);
const methods = fc.constantFrom("GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS", "HEAD");

/** Sends a body to a route; those of GameAnalytics are signed, or nothing would be read. */
async function send(path: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const own = /^\/(v2|remote)/.test(path) ? { authorization: await signature(bytes) } : {};
  return check(path, { method: "POST", body: bytes, headers: { ...own, ...headers } });
}

let secret: Promise<CryptoKey> | undefined;

async function signature(bytes: Uint8Array): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const raw = new TextEncoder().encode(LOCAL_GAME.secret);
  secret ??= crypto.subtle.importKey("raw", raw, algorithm, false, ["sign"]);
  const signed = new Uint8Array(await crypto.subtle.sign("HMAC", await secret, bytes));
  return btoa(String.fromCharCode(...signed));
}

test(
  "raw bytes",
  async () => {
    await hold(
      fc.asyncProperty(bodyPath, fc.uint8Array({ maxLength: 200 }), async (path, bytes) => {
        await send(path, bytes);
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  "any JSON, and JSON cut short",
  async () => {
    const value = fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue()), fc.object());
    await hold(
      fc.asyncProperty(bodyPath, value, fc.nat(), fc.boolean(), async (path, json, at, cut) => {
        const text = JSON.stringify(json) ?? "null";
        await send(path, cut ? text.slice(0, at % (text.length + 1)) : text);
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  "events with a field spoiled, added or left out",
  async () => {
    const topics = fc.constantFrom(...EVENT_TOPICS);
    const spoiled = topics.chain((topic) => {
      const names = EVENT_FIELDS[topic].map((field) => field.name);
      const name = fc.oneof(
        fc.constantFrom(...names, "__proto__", "toJSON", "events"),
        fc.string(),
      );
      const changes = fc.dictionary(name, fc.jsonValue(), { maxKeys: 4 });
      return fc.record({ topic: fc.constant(topic), changes, mixed: fc.boolean() });
    });
    await hold(
      fc.asyncProperty(fc.array(spoiled, { minLength: 1, maxLength: 6 }), async (entries) => {
        for (const mixed of [true, false]) {
          const chosen = entries.filter((entry) => entry.mixed === mixed);
          const [first] = chosen;
          if (first === undefined) continue;
          const events = chosen.map(({ topic, changes }) => ({
            ...(mixed ? { topic } : {}),
            ...SAMPLES[mixed ? topic : first.topic],
            ...changes,
          }));
          const path = mixed ? "/v1/events" : `/v1/events/${first.topic}`;
          const response = await send(path, JSON.stringify(events));
          expect([202, 400]).toContain(response.status);
          const { accepted, duplicates, rejected } = await response.json<{
            accepted: number;
            duplicates: number;
            rejected: unknown[];
          }>();
          expect(accepted + duplicates + rejected.length).toBe(events.length);
        }
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  "large batches, in part strange, sent with strange headers",
  async () => {
    const headers = fc.record(
      {
        "content-type": fc.constantFrom("application/x-ndjson", "application/json", "text/plain"),
        "x-client-time": fc.oneof(fc.constantFrom("", "now", "2026-11-22T12:00:00Z"), word()),
        "idempotency-key": word(),
        "content-encoding": fc.constantFrom("identity", "gzip", "br"),
      },
      { requiredKeys: [] },
    );
    const events = fc.array(fc.oneof(fc.constant(MOVE), fc.jsonValue()), { minLength: 16 });
    await hold(
      fc.asyncProperty(events, headers, fc.boolean(), async (batch, given, lines) => {
        const texts = batch.map((event) => JSON.stringify(event));
        const body = lines ? texts.join("\n") : `[${texts.join(",")}]`;
        await send("/v1/events/player-events", body, given);
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  "insights, acknowledgements and events of SDKs with a field spoiled",
  async () => {
    const insight = {
      window_start: 0,
      window_end: 5_000,
      level_id: "a",
      map_id: "b",
      title_id: "t",
    };
    const ack = { topic: "purchases", shard: 0, ranges: [[1, 2]] };
    const sdk = {
      category: "progression",
      user_id: "u",
      session_id: "s",
      event_id: "Start:a:b",
      v: 2,
    };
    const samples = [
      { path: "/v1/insights/level-activity", sample: insight, list: false },
      {
        path: "/v1/insights/fraud-flags",
        sample: { ...insight, rule: "r", subject: "s" },
        list: false,
      },
      { path: "/v1/acks", sample: ack, list: false },
      { path: `/v2/${LOCAL_GAME.game_key}/events`, sample: sdk, list: true },
      {
        path: `/v2/${LOCAL_GAME.game_key}/events`,
        sample: { ...sdk, category: "business", event_id: "a:b", amount: 5, currency: "USD" },
        list: true,
      },
    ] as const;
    const spoiled = fc.constantFrom(...samples).chain(({ path, sample, list }) => {
      const names = fc.oneof(fc.constantFrom(...Object.keys(sample), "__proto__"), fc.string());
      const changes = fc.dictionary(names, fc.jsonValue(), { maxKeys: 3 });
      return changes.map((changed) => {
        const value = { ...sample, ...changed };
        return { path, body: JSON.stringify(list ? [value, sample] : value) };
      });
    });
    await hold(
      fc.asyncProperty(spoiled, async ({ path, body }) => {
        await send(path, body);
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  "every path with every method, query and header",
  async () => {
    const names = fc.constantFrom(
      "limit",
      "topic",
      "topics",
      "since",
      "until",
      "after",
      "title",
      "player",
      "game_key",
      "x",
    );
    const query = fc.dictionary(names, word(), { maxKeys: 3 });
    const headers = fc.record(
      {
        origin: fc.constantFrom("https://dash.example", "null"),
        authorization: fc.constantFrom("Bearer dev", "Bearer dev-backfill", "Basic dev", "Bearer"),
        upgrade: fc.constantFrom("websocket", "h2c"),
        "sec-websocket-protocol": fc.constantFrom(
          "arenaflow.v1",
          "bearer.dev",
          "arenaflow.v1, bearer.dev",
        ),
      },
      { requiredKeys: [] },
    );
    await hold(
      fc.asyncProperty(everyPath, methods, query, headers, async (path, method, names_, given) => {
        const where = `${path}?${new URLSearchParams(names_).toString()}`;
        // The runtime makes a GET of whatever asks for a WebSocket.
        if (method !== "GET") delete given.upgrade;
        const response = await call(where, { method, headers: given });
        response.webSocket?.accept();
        response.webSocket?.close();
        expect(response.status).toBeLessThan(500);
        if (response.status === 101 || ["OPTIONS", "HEAD"].includes(method)) return;
        if (["/docs", "/openapi.json"].includes(path)) return;
        expect(await differences(method, path, response)).toEqual([]);
      }),
      RUNS,
    );
  },
  TIMEOUT_MS,
);

test(
  "players of any name are forgotten, or refused",
  async () => {
    const runs = Math.ceil(RUNS / 100);
    await hold(
      fc.asyncProperty(
        fc.string({ minLength: 1, maxLength: 140, unit: "grapheme" }),
        async (id) => {
          if (id === "." || id === "..") return;
          await check(`/v1/players/${encodeURIComponent(id)}`, { method: "DELETE" });
        },
      ),
      runs,
    );
  },
  TIMEOUT_MS,
);

test("a feed is refused with an empty body and the reason in a header", async () => {
  const [topic, key] = await Promise.all([
    call("/v1/stream/nothing"),
    call("/v1/stream/purchases", { headers: { authorization: "Bearer x" } }),
  ]);
  for (const [response, status] of [
    [topic, 404],
    [key, 401],
  ] as const) {
    expect(response.status).toBe(status);
    expect(response.headers.get("x-arenaflow-error")).toMatch(/\S/);
    expect(await response.text()).toBe("");
  }
});

/** What a header or a query may hold. */
function word(): fc.Arbitrary<string> {
  return fc.oneof(fc.nat().map(String), fc.stringMatching(/^[!-~]{0,20}$/));
}
