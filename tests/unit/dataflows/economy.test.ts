/**
 * game-economy against the reference model, on random histories. 30 in the suite;
 * ARENAFLOW_PROPERTY_RUNS=200 for the long form.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Arrival, inTime, once, windowStart } from "../../reference/arrivals.ts";
import { CATALOGS } from "../../reference/catalogs.ts";
import { type DatedPurchase, raisedFlags } from "../../reference/fraud.ts";
import { bySpenderTier, popularItems, takings } from "../../reference/revenue.ts";
import { isRefund, itemSales, titleOf } from "../../reference/sales.ts";
import { groupBy } from "../../reference/window.ts";
import { few, historyOf } from "./history.ts";
import { EngineRun } from "./run-engine.ts";

const numRuns = Number(process.env["ARENAFLOW_PROPERTY_RUNS"] ?? 30);
const SLOT_MS = 5_000;
const MINUTE_MS = 60_000;

/** Prices of the catalog and others; items that are small, large and not there. */
const purchaseHistory = historyOf(
  fc.record({
    player_id: few("p", 4),
    item: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(["gems_small", 0.99], ["gems_hoard", 99.99]) },
      { weight: 1, arbitrary: fc.constantFrom(["pet_fox", 2.99], ["no_such_item", 5]) },
      {
        weight: 1,
        arbitrary: fc.integer({ min: 0, max: 9_999 }).map((cents) => ["pet_fox", cents / 100]),
      },
    ) as fc.Arbitrary<readonly [string, number]>,
    currency: fc.constantFrom("USD", "EUR", "GBP"),
    ip_address: few("192.0.2.", 3),
    region: fc.constantFrom(undefined, "eu-west", "us-east", "us-west"),
    transaction_id: fc.option(few("t", 20), { nil: undefined }),
    transaction_type: fc.constantFrom("purchase" as const, "purchase" as const, "refund" as const),
    title_id: fc.constantFrom(undefined, undefined, undefined, "racer"),
  }),
  (
    { item: [item_id, price], region, transaction_id, title_id, ...body },
    purchase_timestamp,
    event_id,
  ): DatedPurchase => ({
    ...body,
    item_id,
    price,
    ...(region === undefined ? {} : { region }),
    ...(transaction_id === undefined ? {} : { transaction_id }),
    ...(title_id === undefined ? {} : { title_id }),
    purchase_timestamp,
    event_id,
  }),
);

type History = readonly Arrival<DatedPurchase>[];

const events = (arrivals: History): DatedPurchase[] => arrivals.map(({ event }) => event);

function sorted(values: readonly object[]): object[] {
  const keyOf = (value: object): string =>
    JSON.stringify(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return values.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

interface Period {
  readonly title_id: string;
  readonly period: string;
  readonly window_start: number;
}

/** What was written last of each period. */
function lastOf(written: readonly Period[]): Period[] {
  const last = new Map<string, Period>();
  for (const one of written) last.set(`${one.title_id} ${one.period} ${one.window_start}`, one);
  return [...last.values()];
}

const NOT_OF_PERIODS = {
  by_spender_tier: null,
  paying_players: null,
  active_players: null,
  conversion: null,
};

/** What came in time for its five seconds, in periods of ten seconds or a minute. */
function periods(counted: History, lengthMs: number): object[] {
  const startOf = ({ timeMs }: Arrival<unknown>): number => windowStart(timeMs, lengthMs);
  const keyOf = (one: Arrival<DatedPurchase>): string => `${titleOf(one.event)} ${startOf(one)}`;
  return groupBy(counted, keyOf).map((group) => {
    const [first] = group;
    if (first === undefined) throw new Error("a group has a member");
    const window_start = startOf(first);
    const before = counted.filter(
      (one) =>
        titleOf(one.event) === titleOf(first.event) && startOf(one) === window_start - lengthMs,
    );
    return {
      title_id: titleOf(first.event),
      period: lengthMs === MINUTE_MS ? "1m" : "10s",
      ...takings(events(group), CATALOGS),
      popular_items:
        lengthMs === MINUTE_MS ? popularItems(events(group), events(before), CATALOGS) : null,
      ...NOT_OF_PERIODS,
      window_start,
      window_end: Math.max(...group.map(({ timeMs }) => windowStart(timeMs, SLOT_MS))) + SLOT_MS,
    };
  });
}

async function run(arrivals: History): Promise<EngineRun> {
  const engine = await EngineRun.of("game-economy");
  const lines = arrivals.map(({ event }) => JSON.stringify(event));
  engine.feed("purchases", lines, arrivals[0]?.timeMs ?? 0);
  engine.finish();
  expect(engine.rejections).toEqual([]);
  return engine;
}

function expectSales(engine: EngineRun, counted: History): void {
  const sales = engine.values<{ fraud_flags: object[] }>("item-sales");
  const byPlayer = <S extends { readonly fraud_flags: readonly object[] }>(sale: S) => ({
    ...sale,
    fraud_flags: sorted(sale.fraud_flags),
  });
  expect(sorted(sales.map(byPlayer))).toEqual(
    sorted(itemSales(events(counted), CATALOGS).map(byPlayer)),
  );
}

function expectRevenue(engine: EngineRun, arrivals: History): void {
  const counted = once(inTime(arrivals, SLOT_MS));
  const written = lastOf(engine.values<Period>("revenue"));
  expect(sorted(written.filter(({ period }) => period !== "total"))).toEqual(
    sorted([...periods(counted, 10_000), ...periods(counted, MINUTE_MS)]),
  );
  // A title all of whose purchases came late has no period to tell the total with.
  for (const title of new Set(counted.map(({ event }) => titleOf(event)))) {
    const own = events(once(arrivals)).filter((event) => titleOf(event) === title);
    const total = written.findLast(
      ({ title_id, period }) => title_id === title && period === "total",
    );
    expect(total).toMatchObject({
      ...takings(own, CATALOGS),
      by_spender_tier: bySpenderTier(own, CATALOGS.rates),
    });
  }
}

function expectAccount(engine: EngineRun, arrivals: History): void {
  for (const title of new Set(arrivals.map(({ event }) => titleOf(event)))) {
    const own = arrivals.filter(({ event }) => titleOf(event) === title);
    const boughtBefore = new Set<string>();
    const unmatched = once(own).filter(({ event }) => {
      if (!isRefund(event)) boughtBefore.add(event.player_id);
      return isRefund(event) && !boughtBefore.has(event.player_id);
    });
    const stats = engine
      .values<{ title_id: string; late: number; processed: number }>("pipeline-stats")
      .findLast(({ title_id }) => title_id === title);
    expect(stats).toMatchObject({
      records: own.length,
      processed: once(own).length,
      duplicates: own.length - once(own).length,
      refused: 0,
      unmatched_refunds: unmatched.length,
    });
  }
}

test("sales, revenue, fraud flags and the account of the purchases", async () => {
  await fc.assert(
    fc.asyncProperty(purchaseHistory, async (arrivals) => {
      const engine = await run(arrivals);
      expectSales(engine, once(inTime(arrivals, SLOT_MS)));
      expectRevenue(engine, arrivals);
      expectAccount(engine, arrivals);
      const flags = engine
        .values<{ title_id: string; rule: string; subject: string }>("fraud-flags")
        .map(({ title_id, rule, subject }) => `${title_id} ${rule} ${subject}`);
      expect([...new Set(flags)].toSorted()).toEqual(
        [...raisedFlags(events(once(arrivals)), CATALOGS.rates)].toSorted(),
      );
    }),
    { numRuns },
  );
}, 300_000);
