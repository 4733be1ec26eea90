/** The account of a chaos run finds what is lost, told twice or wrong, and allows what silence does. */
import { expect, test } from "vitest";
import type { AccountLine } from "../../chaos/account-line.ts";
import { type Arrived, Lateness } from "../../chaos/lateness.ts";
import { economyLines, type EconomyTold } from "../../chaos/verify-economy.ts";
import { CATALOGS } from "../../reference/catalogs.ts";
import type { DatedPurchase } from "../../reference/fraud.ts";
import { takings } from "../../reference/revenue.ts";
import { itemSales } from "../../reference/sales.ts";

const START_MS = Date.parse("2026-11-22T18:00:00.000Z");

function arrived(timesMs: readonly number[]): Arrived<DatedPurchase>[] {
  return timesMs.map((timeMs, index) => ({
    event: {
      event_id: `e${index}`,
      player_id: `p${index}`,
      item_id: "pet_fox",
      price: 2.99,
      currency: "USD",
      purchase_timestamp: new Date(START_MS + timeMs).toISOString(),
      ip_address: `192.0.2.${index}`,
    },
    timeMs: START_MS + timeMs,
    notBeforeMs: START_MS + timeMs,
    arrivedMs: START_MS + timeMs,
  }));
}

const records = arrived([0, 900, 1800, 5200, 6000, 7000, 11_500, 12_000]);
const purchases = records.map(({ event }) => event);

function told(): EconomyTold {
  return {
    sales: itemSales(purchases, CATALOGS),
    revenue: [
      {
        title_id: "local",
        period: "total",
        ...takings(purchases, CATALOGS),
        paying_players: purchases.length,
        window_start: START_MS,
        window_end: START_MS + 15_000,
      },
    ],
    flags: [],
    stats: {
      title_id: "local",
      topic: "purchases",
      records: purchases.length,
      processed: purchases.length,
      duplicates: 0,
      refused: 0,
      late: 0,
      window_start: START_MS,
      window_end: START_MS + 20_000,
    },
  };
}

/** Names of what does not hold, up to the colon. */
function wrong(lines: readonly AccountLine[]): string[] {
  return lines.filter(({ holds }) => !holds).map(({ what }) => what.split("\n")[0] ?? "");
}

const ofSales = (lines: readonly AccountLine[]): AccountLine[] =>
  lines.filter(({ what }) => what.startsWith("item-sales"));

test("what the model has holds", () => {
  expect(wrong(ofSales(economyLines(records, told())))).toEqual([]);
});

test("a window that is lost, or counts one too many, is found", () => {
  const { sales } = told();
  const lost = economyLines(records, { ...told(), sales: sales.slice(1) });
  expect(wrong(lost)).toContain("item-sales: in windows + late = processed");
  expect(wrong(lost)).toContain("item-sales: windows as the reference model has them");
  const [first, ...others] = sales;
  const more = [{ ...first!, purchase_count: first!.purchase_count + 1 }, ...others];
  expect(wrong(economyLines(records, { ...told(), sales: more }))).toContain(
    "item-sales: windows as the reference model has them",
  );
});

test("a finding that the model does not have is found", () => {
  const flag = {
    title_id: "local",
    rule: "unknown-item",
    rule_version: 2,
    mode: "flag",
    severity: "high",
    score: 1,
    subject: "purchase:e0",
    player_id: "p0",
    ip_address: "192.0.2.0",
    item_id: "pet_fox",
    count: 1,
    threshold: 1,
    evidence_event_ids: ["e0"],
    window_start: START_MS,
    window_end: START_MS + 1,
  } as const;
  expect(wrong(economyLines(records, { ...told(), flags: [flag] }))).toContain(
    "fraud-flags: findings as the reference model has them",
  );
});

test("the newest time so far makes late; a long silence may have, and a short one cannot", () => {
  const of = (some: readonly Arrived<unknown>[]): readonly string[] => new Lateness(some, 5000).of;
  // 4 s comes after 6 s: the first five seconds had closed.
  expect(of(arrived([0, 6000, 4000]))).toEqual(["in time", "in time", "late"]);
  const [first, second] = arrived([1000, 2000]);
  const after = (silentMs: number): Arrived<unknown>[] => [
    first!,
    { ...second!, arrivedMs: first!.arrivedMs + silentMs },
  ];
  expect(of(after(1000))).toEqual(["in time", "in time"]);
  expect(of(after(20_000))).toEqual(["in time", "perhaps"]);
  // Nobody saw it come.
  expect(of(after(Infinity))).toEqual(["in time", "perhaps"]);
});

test("silence closes nothing that began after it", () => {
  const [before, after] = arrived([1000, 6000]);
  const held = { ...after!, arrivedMs: after!.arrivedMs + 60_000 };
  const lateness = new Lateness([before!, held], 5000);
  expect(lateness.of).toEqual(["in time", "in time"]);
  // The first window closed before the second record, or with it.
  expect(lateness.closingOf(START_MS)).toEqual({ earliest: 1, latest: 2 });
  expect(lateness.isCertain(START_MS)).toBe(false);
  expect(lateness.isCertain(START_MS + 5000)).toBe(true);
});
