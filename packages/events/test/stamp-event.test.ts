import { expect, test } from "vitest";
import { type JsonObject, stampEvent } from "../src/index.ts";

const RECEIVED_MS = Date.parse("2026-05-01T12:00:00Z");
const DAY_MS = 24 * 60 * 60 * 1000;

function purchase(change: JsonObject = {}): JsonObject {
  return {
    player_id: "p1",
    item_id: "sword",
    price: 1,
    currency: "USD",
    purchase_timestamp: RECEIVED_MS - 1000,
    ...change,
  };
}

function stamp(event: JsonObject): { event: JsonObject; hasOwnId: boolean } {
  const hasOwnId = stampEvent("purchases", event, {
    receivedMs: RECEIVED_MS,
    titleId: "title",
    address: "203.0.113.7",
    newEventId: () => "made-here",
  });
  return { event, hasOwnId };
}

test("adds arrival, title, address and an id", () => {
  expect(stamp(purchase())).toEqual({
    hasOwnId: false,
    event: purchase({
      purchase_timestamp: "2026-05-01T11:59:59.000Z",
      received_at: RECEIVED_MS,
      title_id: "title",
      ip_address: "203.0.113.7",
      event_id: "made-here",
    }),
  });
});

test("keeps the id and the address that came with the event", () => {
  const { event, hasOwnId } = stamp(purchase({ event_id: "mine", ip_address: "192.0.2.1" }));
  expect(hasOwnId).toBe(true);
  expect(event).toMatchObject({ event_id: "mine", ip_address: "192.0.2.1" });
});

test.each([
  ["seven days back", RECEIVED_MS - 7 * DAY_MS, false],
  ["more than seven days back", RECEIVED_MS - 7 * DAY_MS - 1, true],
  ["five minutes ahead", RECEIVED_MS + 300_000, false],
  ["more than five minutes ahead", RECEIVED_MS + 300_001, true],
])("a clock %s: corrected %s", (_, claimed, corrected) => {
  const { event } = stamp(purchase({ purchase_timestamp: claimed }));
  const used = corrected ? RECEIVED_MS : claimed;
  expect(event["purchase_timestamp"]).toBe(new Date(used).toISOString());
  expect(event["client_time"]).toBe(corrected ? new Date(claimed).toISOString() : undefined);
  expect(event["time_corrected"]).toBe(corrected || undefined);
});

test("a client cannot write what only the edge may write", () => {
  const { event } = stamp(
    purchase({ feed: { shard: 9, seq: 1 }, title_id: "other", received_at: 1 }),
  );
  expect(event["feed"]).toBeUndefined();
  expect(event).toMatchObject({ title_id: "title", received_at: RECEIVED_MS });
});
