/** `DELETE /v1/players/<id>`: afterwards nothing here names the player, and the sums are as before. */
import { evictDurableObject, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";

import { HUB_NAME } from "../src/live/hubs.ts";
import { ask, call, deployed, MOVE, post, PURCHASE, readFeed } from "./helpers.ts";

afterEach(async () => reset());

const ID = 'a"player/é';
const FORGET = `/v1/players/${encodeURIComponent(ID)}`;
const NOW = Date.now();

async function forget() {
  const response = await call(FORGET, { method: "DELETE" });
  expect(response.status).toBe(200);
  return response.json<{ events: number; rejected: number; insights: number }>();
}

async function text(path: string): Promise<string> {
  return (await call(path)).text();
}

/** How the id stands in JSON, and in JSON within JSON. */
const SPELLINGS = [
  ID,
  JSON.stringify(ID).slice(1, -1),
  JSON.stringify(JSON.stringify(ID)).slice(3, -3),
];

function expectNobody(shown: string): void {
  for (const spelling of SPELLINGS) expect(shown).not.toContain(spelling);
}

test("events that wait lose what leads to the player, and keep their places and ids", async () => {
  const his = (n: number) => ({ ...MOVE, player_id: ID, event_id: `his-${n}`, secret: ID, n });
  const many = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? his(n) : { ...MOVE, n }));
  await post("/v1/events/player-events", many);
  await post("/v1/events/player-events", [his(20)]);
  // The same id, written with an escape in a body that is kept as it came.
  const escaped = JSON.stringify(many.map((event, n) => ({ ...event, event_id: `again-${n}` })));
  await post("/v1/events/player-events", escaped.replaceAll("é", "\\u00e9"));
  const purchase = { ...PURCHASE, player_id: ID, transaction_id: "receipt", event_id: "bought" };
  await post("/v1/events/purchases", [purchase, PURCHASE]);

  expect(await forget()).toMatchObject({ events: 22 });
  expectNobody(await text("/v1/recent?limit=500"));
  const records = await readFeed("player-events", 41);
  expectNobody(JSON.stringify(records));
  expect(records.map(({ feed }) => feed.seq)).toEqual(records.map((_, i) => i + 1));
  expect(records.filter(({ player_id }) => player_id.startsWith("forgotten-"))).toHaveLength(21);
  expect(new Set(records.map(({ event_id }) => event_id)).size).toBe(41);
  expect(records[0]).toMatchObject({ event_id: "his-0", event_type: "move", level_id: "level_01" });
  expect(records[0]).not.toHaveProperty("secret");
  expect(records[1]).toMatchObject({ player_id: "12345", session_id: "abcd1234", n: 1 });
  const [bought, other] = await readFeed("purchases", 2);
  expect(bought).toMatchObject({ item_id: "skin_dragon", price: 4.99, event_id: "bought" });
  expect(bought).not.toHaveProperty("ip_address");
  expect(bought).not.toHaveProperty("transaction_id");
  expect(other).toMatchObject({ player_id: "12345", ip_address: "192.168.0.1" });

  // What was counted stays counted, and a repeat is still told.
  await post("/v1/events/purchases", [purchase]);
  expect(await (await call("/v1/status")).json()).toMatchObject({ accepted: 43, duplicates: 1 });
  expect(await forget()).toMatchObject({ events: 0 });
});

test("rejected events of the player are deleted, others stay", async () => {
  await post("/v1/events/purchases", [
    { ...PURCHASE, player_id: ID, price: "1" },
    { ...PURCHASE, price: "1" },
  ]);
  const lines = `{"player_id":${JSON.stringify(ID)},\n{"player_id":"12345",`;
  await post("/v1/events/purchases", lines, "application/x-ndjson");
  expect(await forget()).toMatchObject({ rejected: 2 });
  expectNobody(await text("/v1/rejected"));
  const { items } = await (await call("/v1/rejected")).json<{ items: unknown[] }>();
  expect(items).toHaveLength(2);
});

function flag(player_id: string, window_end: number, subject = `account:${player_id}`) {
  return { rule: "burst", subject, player_id, window_start: window_end - 5, window_end };
}

function sales(window_end: number, players: readonly string[]) {
  const fraud_flags = players.map((player_id) => ({ player_id, suspicious_purchase_count: 5 }));
  return { item_id: "sword", fraud_flags, window_start: window_end - 5, window_end };
}

test("insights lose the player, also those that a replay brings once more", async () => {
  await post("/v1/insights/fraud-flags", flag(ID, NOW));
  await post("/v1/insights/fraud-flags", flag("other", NOW));
  await post("/v1/insights/fraud-flags", flag("other", NOW, `receipt:7/account:${ID}`));
  await post("/v1/insights/item-sales", sales(NOW, [ID, "other"]));
  expect(await forget()).toMatchObject({ insights: 3 });
  const flags = async () =>
    (await call("/v1/insights/fraud-flags")).json<{ items: { value: { player_id: string } }[] }>();
  expect((await flags()).items.map(({ value }) => value.player_id)).toEqual(["other"]);
  expect(await text("/v1/insights/item-sales")).toContain('"other"');

  await evictDurableObject(env.LIVE.getByName(HUB_NAME));
  expect((await post("/v1/insights/fraud-flags", flag(ID, NOW))).status).toBe(200);
  await post("/v1/insights/item-sales", sales(NOW, [ID, "other"]));
  expectNobody((await text("/v1/insights/fraud-flags")) + (await text("/v1/insights/item-sales")));

  // Whoever comes back is a new player.
  await post("/v1/insights/fraud-flags", flag(ID, Date.now() + 60_000));
  expect((await flags()).items.map(({ value }) => value.player_id)).toEqual(["other", ID]);
});

test("the dataflows are told by a tombstone, once it is acknowledged no more", async () => {
  await forget();
  const [tombstone] = await readFeed("player-tombstones", 1);
  expect(Object.keys(tombstone ?? {})).toEqual([
    "event_id",
    "title_id",
    "player_id",
    "timestamp",
    "received_at",
    "feed",
  ]);
  expect(tombstone).toMatchObject({ title_id: "local", player_id: ID, feed: { seq: 1 } });
  const { shard } = tombstone?.feed ?? { shard: -1 };
  const ack = { topic: "player-tombstones", shard, ranges: [[1, 1]] };
  expect((await post("/v1/acks", ack)).status).toBe(200);
  await forget();
  const [next] = await readFeed("player-tombstones", 1);
  expect(next?.feed).toEqual({ shard, seq: 2 });
  // No event came, so none is counted.
  expect(await (await call("/v1/status")).json()).toMatchObject({ received: 0, backlog: 0 });
});

test("only the player of the key's title is forgotten", async () => {
  const bindings = await deployed([
    { key: "one", title: "one", roles: ["write", "admin"] },
    { key: "two", title: "two", roles: ["write", "read"] },
  ]);
  for (const key of ["one", "two"]) {
    await ask(bindings, "/v1/events/player-events", { key, body: [MOVE] });
  }
  const erased = await ask(bindings, "/v1/players/12345", { key: "one", method: "DELETE" });
  expect(await erased.json()).toMatchObject({ events: 1 });
  const recent = await ask(bindings, "/v1/recent", { key: "two" });
  expect(await recent.text()).toContain('"12345"');
});

test("an id that is none is refused", async () => {
  const long = await call(`/v1/players/${"x".repeat(129)}`, { method: "DELETE" });
  expect(long.status).toBe(400);
  expect(await long.json()).toMatchObject({ code: "invalid_field", field: "id" });
});
