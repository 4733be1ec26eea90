/** What game-economy keeps of a player who is to be forgotten: nothing but anonymous numbers. */
import { expect, test } from "vitest";
import { EngineRun } from "./run-engine.ts";

const START_MS = Date.parse("2026-11-22T18:00:00.000Z");

function purchase(n: number, fields: object = {}): string {
  return JSON.stringify({
    event_id: `e${n}`,
    player_id: "gone",
    item_id: "pet_fox",
    price: 2.99,
    currency: "USD",
    purchase_timestamp: new Date(START_MS + n * 100).toISOString(),
    ip_address: "192.0.2.1",
    ...fields,
  });
}

const tombstone = (fields: object = {}): string =>
  JSON.stringify({
    event_id: "t1",
    title_id: "local",
    player_id: "gone",
    timestamp: new Date(START_MS + 1000).toISOString(),
    received_at: START_MS + 1000,
    feed: { shard: 0, seq: 1 },
    ...fields,
  });

interface Flag {
  readonly rule: string;
  readonly evidence_event_ids: readonly string[];
}

/** Flags after some purchases, a tombstone, and others. */
async function flagsAround(before: string[], told: string, after: string[]): Promise<Flag[]> {
  const run = await EngineRun.of("game-economy");
  run.feed("purchases", before, START_MS);
  run.feed("player-tombstones", [told], START_MS);
  run.feed("purchases", after, START_MS);
  expect(run.rejections).toEqual([]);
  return run.values<Flag>("fraud-flags");
}

test.each([
  ["purchase-velocity-per-account", [1, 2, 3].map((n) => purchase(n)), [purchase(4)]],
  [
    "accounts-per-address",
    [purchase(1), ...[2, 3].map((n) => purchase(n, { player_id: `p${n}` }))],
    [purchase(4, { player_id: "p4" })],
  ],
  [
    "receipt-on-another-account",
    [purchase(1, { transaction_id: "r'1" })],
    [purchase(2, { transaction_id: "r'1", player_id: "p2" })],
  ],
])("%s is not found by what a forgotten player did", async (rule, before, after) => {
  const others = tombstone({ title_id: "racer" });
  expect(await flagsAround(before, others, after)).toMatchObject([{ rule }]);
  expect(await flagsAround(before, tombstone(), after)).toEqual([]);
});

test("who is forgotten counts on as a buyer, and is a new one when he buys again", async () => {
  const run = await EngineRun.of("game-economy");
  run.feed("purchases", [purchase(1), purchase(2, { player_id: "stays" })], START_MS);
  // It may come more than once.
  run.feed("player-tombstones", [tombstone(), tombstone()], START_MS);
  run.feed("purchases", [purchase(100)], START_MS);
  run.finish();
  expect(run.values("revenue").at(-1)).toMatchObject({
    period: "total",
    purchase_count: 3,
    revenue: 8.97,
    paying_players: 3,
  });
  expect(run.values("pipeline-stats").at(-1)).toMatchObject({ records: 3, processed: 3 });
  const told = run.outputs.filter(({ topic }) => topic !== "fraud-flags");
  expect(
    JSON.stringify(told.slice(told.findIndex(({ topic }) => topic === "sale-corrections"))),
  ).not.toContain('"gone"');
});

test("a window that is open tells nothing of who was forgotten meanwhile", async () => {
  const sold = [1, 2, 3, 4].map((n) => purchase(n));
  for (const [told, flags] of [
    [tombstone({ player_id: "other" }), 1],
    [tombstone(), 0],
  ] as const) {
    const run = await EngineRun.of("game-economy");
    run.feed("purchases", sold, START_MS);
    run.feed("player-tombstones", [told], START_MS);
    run.finish();
    const [sales] = run.values<{ fraud_flags: object[]; purchase_count: number }>("item-sales");
    expect(sales?.purchase_count).toBe(4);
    expect(sales?.fraud_flags.length).toBe(flags);
  }
});

test("nothing in the state names who was forgotten", async () => {
  const run = await EngineRun.of("game-economy");
  const of = { transaction_id: "r1", region: "eu-west" };
  run.feed("purchases", [purchase(1, of), purchase(100, { player_id: "stays" })], START_MS);
  run.tick(START_MS + 20_000);
  expect(run.stateHolds("gone")).toBe(true);
  run.feed("player-tombstones", [tombstone()], START_MS);
  run.tick(START_MS + 40_000);
  expect(run.stateHolds("gone")).toBe(false);
  expect(run.stateHolds("stays")).toBe(true);
});
