/** Whatever is sent to a route, the answer is one that we decided on, and it explains itself. */
import { EVENT_FIELDS, EVENT_TOPICS, type EventTopic } from "@arenaflow/events";
import * as fc from "fast-check";
import { expect, inject, test } from "vitest";

import { call, METRICS, MOVE, PURCHASE } from "./helpers.ts";

const RUNS_SHORT = 100;
/** Requests of each test. `FUZZ_RUNS=25000` makes it more than 100,000 in all. */
const RUNS = inject("fuzzRuns") || RUNS_SHORT;
/** A run takes about a millisecond or two. */
const TIMEOUT_MS = 30_000 + RUNS * 20;
const SAMPLES: Record<EventTopic, Record<string, unknown>> = {
  "player-events": MOVE,
  purchases: PURCHASE,
  "server-metrics": METRICS,
};
const DECIDED = new Set([200, 202, 400, 401, 404, 413, 415]);

async function check(path: string, body: string | Uint8Array, headers = {}): Promise<void> {
  const response = await call(path, { method: "POST", body, headers });
  expect(DECIDED).toContain(response.status);
  const answer = await response.json<Record<string, unknown>>();
  expect(answer["request_id"]).toBeTypeOf("string");
  if (response.status >= 400) {
    expect(answer).toMatchObject({
      status: response.status,
      detail: expect.stringMatching(/\S/),
      code: expect.stringMatching(/^[a-z_]+$/),
      expected: expect.any(String),
    });
  }
}

const paths = fc.constantFrom(
  "/v1/events",
  ...EVENT_TOPICS.map((topic) => `/v1/events/${topic}`),
  "/v1/acks",
  "/v1/insights/level-activity",
);

test(
  "raw bytes",
  async () => {
    await fc.assert(
      fc.asyncProperty(paths, fc.uint8Array({ maxLength: 200 }), async (path, bytes) => {
        await check(path, bytes);
      }),
      { numRuns: RUNS },
    );
  },
  TIMEOUT_MS,
);

test(
  "any JSON, and JSON cut short",
  async () => {
    const value = fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue()), fc.object());
    await fc.assert(
      fc.asyncProperty(paths, value, fc.nat(), fc.boolean(), async (path, json, at, cut) => {
        const text = JSON.stringify(json) ?? "null";
        await check(path, cut ? text.slice(0, at % (text.length + 1)) : text);
      }),
      { numRuns: RUNS },
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
    await fc.assert(
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
          const response = await call(path, { method: "POST", body: JSON.stringify(events) });
          expect([202, 400]).toContain(response.status);
          const { accepted, duplicates, rejected } = await response.json<{
            accepted: number;
            duplicates: number;
            rejected: unknown[];
          }>();
          expect(accepted + duplicates + rejected.length).toBe(events.length);
        }
      }),
      { numRuns: RUNS },
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
    await fc.assert(
      fc.asyncProperty(events, headers, fc.boolean(), async (batch, given, lines) => {
        const texts = batch.map((event) => JSON.stringify(event));
        const body = lines ? texts.join("\n") : `[${texts.join(",")}]`;
        await check("/v1/events/player-events", body, given);
      }),
      { numRuns: RUNS },
    );
  },
  TIMEOUT_MS,
);

test(
  "paths and queries of those who read",
  async () => {
    const path = fc.constantFrom(
      "/v1/recent",
      "/v1/rejected",
      "/v1/status",
      "/v1/insights/level-activity",
      "/v1/nothing",
      "/v2/x/events",
    );
    const query = fc.dictionary(fc.constantFrom("limit", "topic", "since", "until", "x"), word());
    await fc.assert(
      fc.asyncProperty(path, query, async (where, names) => {
        const response = await call(`${where}?${new URLSearchParams(names).toString()}`);
        expect([200, 400, 404, 405]).toContain(response.status);
        await response.json();
      }),
      { numRuns: RUNS },
    );
  },
  TIMEOUT_MS,
);

/** What a header or a query may hold. */
function word(): fc.Arbitrary<string> {
  return fc.oneof(fc.nat().map(String), fc.stringMatching(/^[!-~]{0,20}$/));
}
