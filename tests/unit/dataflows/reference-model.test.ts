/**
 * The dataflows against the reference model, on random histories. 30 of each kind in the suite;
 * ARENAFLOW_PROPERTY_RUNS=200 for the long form.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Arrival, inTime, once, windowStart } from "../../reference/arrivals.ts";
import { countedFlags } from "../../reference/fraud.ts";
import { itemSales } from "../../reference/insights.ts";
import { takings } from "../../reference/revenue.ts";
import { groupBy } from "../../reference/window.ts";
import { type DatedPurchase, purchaseHistory } from "./history.ts";
import { EngineRun } from "./run-engine.ts";

const numRuns = Number(process.env["ARENAFLOW_PROPERTY_RUNS"] ?? 30);
const RATES = { USD: 1_000_000n, EUR: 1_080_000n, GBP: 1_270_000n };
const COUNTING_RULES = new Set([
  "purchase-velocity-per-account",
  "purchase-velocity-per-address",
  "accounts-per-address",
  "refund-abuse",
]);

const { items } = JSON.parse(
  readFileSync(new URL("../../../catalog/items.json", import.meta.url), "utf8"),
) as { items: { item_id: string; category: string }[] };
const typeOf = (itemId: string): string =>
  items.find(({ item_id }) => item_id === itemId)?.category ?? "unknown";

async function run(dataflow: string, topic: string, arrivals: readonly Arrival<unknown>[]) {
  const engine = await EngineRun.of(dataflow);
  const lines = arrivals.map(({ event }) => JSON.stringify(event));
  engine.feed(topic, lines, arrivals[0]?.timeMs ?? 0);
  engine.finish();
  expect(engine.rejections).toEqual([]);
  return engine;
}

const events = <E>(arrivals: readonly Arrival<E>[]): E[] => arrivals.map(({ event }) => event);

function sorted(values: readonly object[]): object[] {
  const keyOf = (value: object): string =>
    JSON.stringify(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return values.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

interface Period {
  readonly period: string;
  readonly window_start: number;
}

function revenuePerWindow(arrivals: readonly Arrival<DatedPurchase>[], lengthMs: number) {
  const counted = inTime(arrivals, lengthMs);
  const startOf = ({ timeMs }: Arrival<unknown>): string => String(windowStart(timeMs, lengthMs));
  return groupBy(once(counted), startOf).map((group) => ({
    period: lengthMs === 60_000 ? "1m" : "10s",
    ...takings(events(group), { rates: RATES, typeOf }),
    window_start: windowStart(group[0]!.timeMs, lengthMs),
    window_end: windowStart(group[0]!.timeMs, lengthMs) + lengthMs,
  }));
}

test("sales, revenue and counted fraud flags", async () => {
  await fc.assert(
    fc.asyncProperty(purchaseHistory, async (arrivals) => {
      const engine = await run("game-economy", "purchases", arrivals);
      const sales = engine.values<{ fraud_flags: object[] }>("item-sales");
      const expected = itemSales(events(once(inTime(arrivals, 5000))), RATES);
      const byPlayer = <S extends { readonly fraud_flags: readonly object[] }>(sale: S) => ({
        ...sale,
        fraud_flags: sorted(sale.fraud_flags),
      });
      expect(sorted(sales.map(byPlayer))).toEqual(sorted(expected.map(byPlayer)));

      const revenue = engine.values<Period>("revenue");
      expect(sorted(revenue.filter(({ period }) => period !== "total"))).toEqual(
        sorted([...revenuePerWindow(arrivals, 10_000), ...revenuePerWindow(arrivals, 60_000)]),
      );
      expect(revenue.findLast(({ period }) => period === "total")).toMatchObject(
        takings(events(once(arrivals)), { rates: RATES, typeOf }),
      );

      const flags = engine
        .values<{ rule: string; subject: string }>("fraud-flags")
        .filter(({ rule }) => COUNTING_RULES.has(rule))
        .map(({ rule, subject }) => `${rule} ${subject}`);
      expect([...new Set(flags)].toSorted()).toEqual(
        [...countedFlags(events(once(arrivals)))].toSorted(),
      );

      const unique = once(arrivals).length;
      expect(engine.values("pipeline-stats").at(-1)).toMatchObject({
        records: arrivals.length,
        processed: unique,
        duplicates: arrivals.length - unique,
        refused: 0,
      });
    }),
    { numRuns },
  );
}, 300_000);
