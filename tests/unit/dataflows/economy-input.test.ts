/** What the economy does with time: players seen, clocks that run ahead, records that come again. */
import { expect, test } from "vitest";
import { EngineRun } from "./run-engine.ts";

const START_MS = Date.parse("2026-11-22T18:00:00.000Z");

function purchase(fields: object, afterMs: number): string {
  return JSON.stringify({
    player_id: "a",
    item_id: "pet_fox",
    price: 2.99,
    currency: "USD",
    purchase_timestamp: new Date(START_MS + afterMs).toISOString(),
    ip_address: "192.0.2.1",
    ...fields,
  });
}

interface Account {
  readonly processed: number;
  readonly duplicates: number;
  readonly late: number;
}

const account = (run: EngineRun): Account | undefined =>
  run.values<Account>("pipeline-stats").at(-1);

test("conversion is the share of the players seen who have bought", async () => {
  const run = await EngineRun.of("game-economy");
  const stats = (start: number, new_players: number): string =>
    JSON.stringify({ title_id: "local", new_players, window_start: START_MS + start });
  // The second window comes twice, as after a crash.
  run.feed("session-stats", [stats(0, 30), stats(10_000, 10), stats(10_000, 10)], START_MS);
  run.feed(
    "purchases",
    [purchase({ event_id: "e1" }, 0), purchase({ player_id: "b" }, 1)],
    START_MS,
  );
  run.finish();
  expect(run.values("revenue").at(-1)).toMatchObject({
    period: "total",
    paying_players: 2,
    active_players: 40,
    conversion: 0.05,
  });
});

test("one clock that runs ahead makes nobody else late", async () => {
  const run = await EngineRun.of("game-economy");
  const lines = [
    purchase({ event_id: "e1" }, 0),
    purchase({ event_id: "e2", player_id: "b" }, 3_600_000),
    purchase({ event_id: "e3" }, 1000),
  ];
  run.feed("purchases", lines, START_MS);
  run.finish();
  expect(account(run)).toMatchObject({ processed: 3, late: 0 });
  expect(run.values("item-sales")).toMatchObject([{ purchase_count: 3 }]);
});

test("a late purchase that comes twice is late once, and refunded copies are taken back", async () => {
  const run = await EngineRun.of("game-economy");
  const late = purchase({ event_id: "e2", player_id: "b" }, 0);
  const refund = purchase({ event_id: "e3", transaction_type: "refund" }, 20_000);
  const lines = [purchase({ event_id: "e1" }, 20_000), late, late, late, refund, refund];
  run.feed("purchases", lines, START_MS);
  run.finish();
  expect(account(run)).toMatchObject({ processed: 3, duplicates: 3, late: 1 });
  expect(run.values("revenue").at(-1)).toMatchObject({
    period: "total",
    purchase_count: 2,
    refund_count: 1,
    gross_revenue: 5.98,
    refunded: 2.99,
  });
});

test("a correction that comes again after a crash changes nothing", async () => {
  const run = await EngineRun.of("game-economy");
  const twice = purchase({ event_id: "e1" }, 0);
  run.feed("purchases", [twice, twice], START_MS);
  const [correction] = run.values("sale-corrections");
  run.feed("sale-corrections", [JSON.stringify(correction)], START_MS);
  run.finish();
  expect(account(run)).toMatchObject({ processed: 1, duplicates: 1 });
  expect(run.values("revenue").at(-1)).toMatchObject({ period: "total", purchase_count: 1 });
});

test("a total that was told with a copy in it is told again without", async () => {
  const run = await EngineRun.of("game-economy");
  const sold = purchase({ event_id: "e1", title_id: "racer" }, 0);
  // Another title's sale closes the five seconds. All are one batch: the copy is in the sums before the
  // slot has gone through its topic, its correction comes after, and racer has no later slot.
  run.feed("purchases", [sold, purchase({ event_id: "e2" }, 6_000), sold], START_MS);
  run.finish();
  const total = run
    .values<{ title_id: string; period: string }>("revenue")
    .findLast(({ title_id, period }) => title_id === "racer" && period === "total");
  expect(total).toMatchObject({ purchase_count: 1, revenue: 2.99 });
});

test("what was held up while the topic was silent is in its windows, or late and in the total", async () => {
  const run = await EngineRun.of("game-economy");
  run.feed("purchases", [purchase({ event_id: "e1" }, 1000)], START_MS + 1000);
  // Silence closes the first five seconds; the connection comes back after twenty.
  for (let afterMs = 1250; afterMs <= 20_000; afterMs += 250) run.tick(START_MS + afterMs);
  expect(run.values("item-sales")).toHaveLength(1);
  const held = [2000, 4000, 6000, 12_000, 19_000].map((afterMs, index) =>
    purchase({ event_id: `held${index}` }, afterMs),
  );
  run.feed("purchases", [...held, held[0] ?? ""], START_MS + 20_000);
  for (let afterMs = 20_250; afterMs <= 60_000; afterMs += 250) run.tick(START_MS + afterMs);
  const sold = run.values<{ purchase_count: number }>("item-sales");
  expect(sold.map(({ purchase_count }) => purchase_count)).toEqual([1, 1, 1, 1]);
  expect(account(run)).toMatchObject({ processed: 6, duplicates: 1, late: 2 });
  // The same again, too late for everything: only the total has it.
  run.feed("purchases", [purchase({ event_id: "last" }, 3000)], START_MS + 60_000);
  for (let afterMs = 60_250; afterMs <= 80_000; afterMs += 250) run.tick(START_MS + afterMs);
  expect(run.values("item-sales")).toHaveLength(4);
  expect(account(run)).toMatchObject({ processed: 7, late: 3 });
  expect(run.values("revenue").at(-1)).toMatchObject({ period: "total", purchase_count: 7 });
});
