/** Whatever is sent to a route, the answer is one that we decided on, and it explains itself. */
import { EVENT_FIELDS, EVENT_TOPICS, type EventTopic } from "@arenaflow/events";
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { call, METRICS, MOVE, PURCHASE } from "./helpers.ts";

const RUNS = 150;
const SAMPLES: Record<EventTopic, Record<string, unknown>> = {
  "player-events": MOVE,
  purchases: PURCHASE,
  "server-metrics": METRICS,
};
const DECIDED = new Set([200, 202, 400, 404, 413, 415]);

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

test("raw bytes", async () => {
  await fc.assert(
    fc.asyncProperty(paths, fc.uint8Array({ maxLength: 200 }), async (path, bytes) => {
      await check(path, bytes);
    }),
    { numRuns: RUNS },
  );
});

test("any JSON, and JSON cut short", async () => {
  const value = fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue()), fc.object());
  await fc.assert(
    fc.asyncProperty(paths, value, fc.nat(), fc.boolean(), async (path, json, at, cut) => {
      const text = JSON.stringify(json) ?? "null";
      await check(path, cut ? text.slice(0, at % (text.length + 1)) : text);
    }),
    { numRuns: RUNS },
  );
});

test("events with a field spoiled, added or left out", async () => {
  const topics = fc.constantFrom(...EVENT_TOPICS);
  const spoiled = topics.chain((topic) => {
    const names = EVENT_FIELDS[topic].map((field) => field.name);
    const name = fc.oneof(fc.constantFrom(...names, "__proto__", "toJSON", "events"), fc.string());
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
});
