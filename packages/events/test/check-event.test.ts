import { describe, expect, test } from "vitest";
import {
  checkEvent,
  EVENT_FIELDS,
  EVENT_TOPICS,
  type EventTopic,
  type JsonObject,
  LIMITS,
} from "../src/index.ts";

/** The requirements' three samples, exactly as they stand. */
const SAMPLES: Readonly<Record<EventTopic, JsonObject>> = {
  "player-events": {
    player_id: "12345",
    session_id: "abcd1234",
    event_type: "move",
    level_id: "level_01",
    map_id: "map_05",
    timestamp: "2024-11-12T10:00:00Z",
  },
  purchases: {
    player_id: "12345",
    item_id: "skin_dragon",
    price: 4.99,
    currency: "USD",
    purchase_timestamp: "2024-11-12T10:05:00Z",
    ip_address: "192.168.0.1",
  },
  "server-metrics": {
    server_id: "server_1",
    cpu_load: 65,
    memory_usage: 80,
    latency: 120,
    timestamp: "2024-11-12T10:10:00Z",
  },
};

test.each(EVENT_TOPICS)("the sample of %s is valid as it stands", (topic) => {
  expect(checkEvent(topic, SAMPLES[topic])).toBeUndefined();
});

function extra(count: number): JsonObject {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`extra_${i}`, i]));
}

describe.each(EVENT_TOPICS)("%s", (topic) => {
  const required = EVENT_FIELDS[topic].filter((field) => field.required);

  test.each(required.map((field) => field.name))("without %s names the field", (name) => {
    const { [name]: _, ...rest } = SAMPLES[topic];
    expect(checkEvent(topic, rest)).toMatchObject({
      code: "missing_field",
      field: name,
      got: "nothing",
    });
  });

  test.each(EVENT_FIELDS[topic].map((field) => field.name))(
    "with an array as %s is refused",
    (name) => {
      expect(checkEvent(topic, { ...SAMPLES[topic], [name]: [1, 2] })).toMatchObject({
        code: "wrong_type",
        field: name,
        got: "an array of 2",
      });
    },
  );

  test("keeps a documented number of extra fields", () => {
    expect(
      checkEvent(topic, { ...SAMPLES[topic], ...extra(LIMITS.extraFieldsMax) }),
    ).toBeUndefined();
    expect(
      checkEvent(topic, { ...SAMPLES[topic], ...extra(LIMITS.extraFieldsMax + 1) }),
    ).toMatchObject({
      code: "too_many_fields",
    });
  });

  test.each([[null], [3], ["text"], [[]]])("%j is not an event", (value) => {
    expect(checkEvent(topic, value)).toMatchObject({ code: "not_an_object", field: "" });
  });
});

test.each([
  ["player-events", { event_type: "teleport" }, "invalid_value", "event_type"],
  ["player-events", { player_id: "" }, "invalid_value", "player_id"],
  ["player-events", { player_id: "x".repeat(129) }, "too_long", "player_id"],
  ["player-events", { timestamp: "yesterday" }, "invalid_value", "timestamp"],
  ["player-events", { timestamp: "2024-02-30T10:00:00Z" }, "invalid_value", "timestamp"],
  ["player-events", { timestamp: "2024-11-12 10:00:00" }, "invalid_value", "timestamp"],
  ["player-events", { timestamp: 1731406500 }, "invalid_value", "timestamp"],
  ["player-events", { x: Number.NaN }, "wrong_type", "x"],
  ["purchases", { price: -1 }, "out_of_range", "price"],
  ["purchases", { price: "4.99" }, "wrong_type", "price"],
  ["purchases", { currency: "usd" }, "invalid_value", "currency"],
  ["purchases", { transaction_type: "gift" }, "invalid_value", "transaction_type"],
  ["server-metrics", { cpu_load: 101 }, "out_of_range", "cpu_load"],
  ["server-metrics", { connected_players: 1.5 }, "wrong_type", "connected_players"],
] as const)("%s with %j is %s at %s", (topic, change, code, field) => {
  const issue = checkEvent(topic, { ...SAMPLES[topic], ...change });
  expect(issue).toMatchObject({ code, field });
  expect(issue?.expected).not.toBe("");
  expect(issue?.got).not.toBe("");
});

test("an optional field may be null, as many serialisers write it", () => {
  expect(checkEvent("purchases", { ...SAMPLES.purchases, ip_address: null })).toBeUndefined();
});
