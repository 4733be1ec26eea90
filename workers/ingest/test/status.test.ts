/** `GET /v1/status`, `/v1/recent`, `/v1/rejected`: the numbers add up, the bad events can be read. */
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";

import { journalShard } from "../src/journal/shards.ts";
import { call, MOVE, post, PURCHASE, readFeed } from "./helpers.ts";

afterEach(async () => reset());

interface Counters {
  received: number;
  accepted: number;
  duplicates: number;
  rejected: number;
  backlog: number;
  oldest_unacknowledged: number | null;
}

type Status = Counters & { topics: Record<string, Counters>; backlog_bytes: number };

async function statusNow(): Promise<Status> {
  return (await call("/v1/status")).json<Status>();
}

async function itemsOf(path: string): Promise<{ items: Record<string, unknown>[] }> {
  return (await call(path)).json<{ items: Record<string, unknown>[] }>();
}

test("received = accepted + duplicates + rejected, per topic and together", async () => {
  const before = Date.now();
  await post("/v1/events/player-events", [MOVE, { ...MOVE, level_id: 1 }, MOVE]);
  await post("/v1/events/purchases", [
    { ...PURCHASE, event_id: "a" },
    { ...PURCHASE, event_id: "a" },
  ]);
  await post("/v1/events/purchases", "{");
  await post("/v1/events", { topic: "chats" });
  await post("/v1/events/chats", {});
  const status = await statusNow();
  expect(status).toMatchObject({
    received: 8,
    accepted: 3,
    duplicates: 1,
    rejected: 4,
    backlog: 3,
  });
  expect(status.oldest_unacknowledged).toBeGreaterThanOrEqual(before);
  expect(status.topics).toMatchObject({
    "player-events": { received: 3, accepted: 2, duplicates: 0, rejected: 1, backlog: 2 },
    purchases: { received: 3, accepted: 1, duplicates: 1, rejected: 1, backlog: 1 },
    "server-metrics": { received: 0, oldest_unacknowledged: null },
    unknown: { received: 2, accepted: 0, rejected: 2 },
  });
  for (const shard of [0, 1, 2, 3]) {
    for (const topic of ["player-events", "purchases"]) {
      await post("/v1/acks", { topic, shard, ranges: [[1, 10]] });
    }
  }
  const after = await statusNow();
  expect(after).toMatchObject({ accepted: 3, backlog: 0, backlog_bytes: 0 });
  expect(after.oldest_unacknowledged).toBeNull();
});

test("the newest events and the rejected ones can be read, by topic", async () => {
  await post("/v1/events/player-events", [MOVE, { ...MOVE, player_id: "67890" }]);
  await post("/v1/events/purchases", { ...PURCHASE, currency: "dollars", event_id: "r1" });
  const recent = await itemsOf("/v1/recent?topic=player-events");
  expect(new Set(recent.items.map((item) => item["player_id"]))).toEqual(
    new Set(["12345", "67890"]),
  );
  expect((await itemsOf("/v1/recent?topic=purchases")).items).toEqual([]);
  const { items } = await itemsOf("/v1/rejected");
  expect(items).toMatchObject([
    { topic: "purchases", event_id: "r1", code: "invalid_value", field: "currency" },
  ]);
  expect(JSON.parse(items[0]?.["event"] as string)).toMatchObject({ currency: "dollars" });
  expect((await itemsOf("/v1/rejected?topic=player-events")).items).toEqual([]);
  expect((await call("/v1/rejected?topic=chats")).status).toBe(400);
});

test("rejected events that have become valid are taken once, the others stay", async () => {
  await post("/v1/events/purchases", [{ ...PURCHASE, price: "4.99" }]);
  // As if the edge had known neither of them when they came.
  const kept = (event: object) => ({
    topic: "purchases" as const,
    title: "local",
    item: JSON.stringify({ title_id: "local", received_at: 1, event: JSON.stringify(event) }),
  });
  const event = JSON.stringify(PURCHASE);
  const other = JSON.stringify({ title_id: "another", received_at: 1, event });
  await journalShard(env, 2).append({
    title: "local",
    receivedMs: Date.now(),
    parcels: [],
    rejected: [{ topic: "purchases", count: 3 }],
    rejections: [
      kept(PURCHASE),
      kept(PURCHASE),
      { topic: "purchases", title: "another", item: other },
    ],
  });
  const replay = async () => (await post("/v1/rejected/replay?topic=purchases", {})).json();
  expect(await replay()).toMatchObject({ replayed: 2, still_rejected: 1 });
  expect(await replay()).toMatchObject({ replayed: 0, still_rejected: 1 });
  const records = await readFeed("purchases", 2);
  expect(records).toMatchObject([{ received_at: 1 }, { received_at: 1 }]);
});
