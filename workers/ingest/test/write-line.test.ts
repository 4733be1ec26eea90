/** The line of an event is what `stampEvent` makes of it. */
import { stampEvent, type EventTopic, type JsonObject } from "@arenaflow/events";
import * as fc from "fast-check";
import { expect, test } from "vitest";

import { lineWriter } from "../src/body/write-line.ts";
import { METRICS, MOVE, PURCHASE } from "./helpers.ts";

const NOW = Date.parse("2026-11-22T12:00:00.500Z");
const SAMPLES: Record<EventTopic, JsonObject> = {
  "player-events": MOVE,
  purchases: PURCHASE,
  "server-metrics": METRICS,
};

const time = fc.oneof(
  fc.integer({ min: NOW - 10 * 86_400_000, max: NOW + 600_000 }),
  fc
    .integer({ min: NOW - 10 * 86_400_000, max: NOW + 600_000 })
    .map((ms) => new Date(ms).toISOString()),
  fc.constantFrom("2026-11-22T11:59:59Z", "2026-11-22T13:00+01:00", "2026-11-22T11:00:00.1234567Z"),
);
const extras = fc.dictionary(
  fc.oneof(fc.string(), fc.constantFrom("feed", "title_id", "client_time", "received_at")),
  fc.jsonValue(),
);
const clock = fc.option(
  fc.oneof(
    fc.record({ behindMs: fc.integer({ min: -9e8, max: 9e8 }).filter((ms) => ms !== 0) }),
    fc.constant({ keepTimes: true }),
  ),
  { nil: undefined },
);
const address = fc.option(fc.constantFrom("10.0.0.1", "2001:db8::1"), { nil: undefined });
const own = fc.record(
  {
    event_id: fc.oneof(fc.constant(null), fc.string({ minLength: 1 })),
    ip_address: fc.oneof(fc.constant(null), fc.constant("192.168.0.1")),
  },
  { requiredKeys: [] },
);

test("for every topic, time, address, id and extra field", () => {
  const topics = fc.constantFrom<EventTopic>("player-events", "purchases", "server-metrics");
  fc.assert(
    fc.property(
      topics,
      time,
      extras,
      own,
      address,
      clock,
      (topic, at, more, given, from, known) => {
        const { ip_address: _, ...sample } = SAMPLES[topic];
        const timeField = topic === "purchases" ? "purchase_timestamp" : "timestamp";
        const event = { ...more, ...sample, ...given, [timeField]: at };
        const stamp = {
          receivedMs: NOW,
          titleId: 'the "title"',
          address: from,
          ids: { prefix: "new-", digits: 1, suffix: "-id" },
          repeatable: false,
          ...(known === undefined ? {} : { clock: known }),
        };
        const expected = structuredClone(event);
        const hasOwnId = stampEvent(topic, expected, { ...stamp, newEventId: () => "new-0-id" });
        const { text, id } = lineWriter(topic, stamp)(structuredClone(event), 0);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(expected)));
        expect(text).not.toContain("\n");
        expect(id !== "").toBe(hasOwnId);
      },
    ),
  );
});
