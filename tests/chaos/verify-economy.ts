/**
 * Sales, revenue and fraud flags against the reference model, from the purchases as the topic holds them.
 *
 * Not compared, because the purchases do not determine it: `spender_tier`, `count` and the bounds of a flag
 * that grew (how far it had grown when it was written last is, what it looked like in between is not);
 * `active_players` and `conversion` of a total (as of the newest session-stats when it was told).
 */
import { type InsightByTopic, insightKey, type PipelineStats } from "@arenaflow/events";
import { windowStart } from "../reference/arrivals.ts";
import { CATALOGS } from "../reference/catalogs.ts";
import { type DatedPurchase, raisedFlags } from "../reference/fraud.ts";
import { popularItems, takings } from "../reference/revenue.ts";
import { itemSales } from "../reference/sales.ts";
import { type AccountLine, between, Comparison, equal } from "./account-line.ts";
import { type Arrived, Lateness, type Timeliness } from "./lateness.ts";

type Told = InsightByTopic;
type Purchases = readonly Arrived<DatedPurchase>[];

const SLOT_MS = 5000;
const TEN_SECONDS_MS = 10_000;
const MINUTE_MS = 60_000;

export interface EconomyTold {
  readonly sales: readonly Told["item-sales"][];
  readonly revenue: readonly Told["revenue"][];
  readonly flags: readonly Told["fraud-flags"][];
  readonly stats: PipelineStats | undefined;
}

/** Purchases that can have been in time for five seconds. */
interface Slot {
  readonly purchases: readonly DatedPurchase[];
  readonly surely: number;
}

export function economyLines(records: Purchases, told: EconomyTold): AccountLine[] {
  const arrived = records.map((record) => ({
    ...record,
    event: { ...record.event, purchase_timestamp: new Date(record.timeMs).toISOString() },
  }));
  const { of } = new Lateness(arrived, SLOT_MS);
  const slots = slotsOf(arrived, of);
  const distinct = [...new Map(arrived.toReversed().map(byId)).values()].toReversed();
  const sum = told.sales.reduce((all, one) => all + salesIn(one), 0);
  const late = told.stats?.late ?? 0;
  const surely = [...slots.values()].reduce((all, slot) => all + slot.surely, 0);
  const atMost = [...slots.values()].reduce((all, slot) => all + slot.purchases.length, 0);
  return [
    equal("item-sales: in windows + late = processed", told.stats?.processed ?? 0, sum + late),
    between("item-sales: in windows, by the reference model", sum, surely, atMost),
    ...salesLines(slots, told.sales),
    ...totalLines(distinct, told.revenue),
    periodLine("10s", TEN_SECONDS_MS, slots, told.revenue),
    periodLine("1m", MINUTE_MS, slots, told.revenue),
    flagLine(distinct, told.flags),
  ];
}

const byId = ({ event }: Arrived<DatedPurchase>): [string, DatedPurchase] => [
  event.event_id,
  event,
];
const salesIn = (one: Told["item-sales"]): number => one.purchase_count + (one.refund_count ?? 0);

/** By start; an event counts by the first of its copies. */
function slotsOf(arrived: Purchases, of: readonly Timeliness[]): Map<number, Slot> {
  const slots = new Map<number, Slot>();
  const seen = new Set<string>();
  arrived.forEach(({ event, timeMs }, index) => {
    if (seen.has(event.event_id)) return;
    seen.add(event.event_id);
    if (of[index] === "late") return;
    const start = windowStart(timeMs, SLOT_MS);
    const slot = slots.get(start) ?? { purchases: [], surely: 0 };
    slots.set(start, {
      purchases: [...slot.purchases, event],
      surely: slot.surely + (of[index] === "in time" ? 1 : 0),
    });
  });
  return slots;
}

const isCertain = (slot: Slot | undefined): boolean =>
  slot === undefined || slot.surely === slot.purchases.length;

function salesLines(
  slots: ReadonlyMap<number, Slot>,
  sales: readonly Told["item-sales"][],
): AccountLine[] {
  const whole = new Comparison("item-sales: windows as the reference model has them");
  const held = new Comparison("item-sales: windows that silence may have closed before, in bounds");
  const bySlot = Map.groupBy(sales, ({ window_start }) => window_start);
  for (const start of new Set([...slots.keys(), ...bySlot.keys()])) {
    const slot = slots.get(start);
    const told = bySlot.get(start) ?? [];
    if (!isCertain(slot)) {
      const sum = told.reduce((all, one) => all + salesIn(one), 0);
      held.within(String(start), sum, slot?.surely ?? 0, slot?.purchases.length ?? 0);
      continue;
    }
    const expected = new Map(
      itemSales(slot?.purchases ?? [], CATALOGS).map((one) => [one.item_id, one]),
    );
    for (const item of new Set([...expected.keys(), ...told.map(({ item_id }) => item_id)])) {
      const found = told.find(({ item_id }) => item_id === item);
      whole.same(`${start} ${item}`, sorted(expected.get(item)), sorted(found));
    }
  }
  return [whole.line, held.line];
}

/** The accounts of a window are in no order. */
function sorted<S extends { readonly fraud_flags: readonly { readonly player_id: string }[] }>(
  sale: S | undefined,
): S | undefined {
  return (
    sale && {
      ...sale,
      fraud_flags: sale.fraud_flags.toSorted((a, b) => (a.player_id < b.player_id ? -1 : 1)),
    }
  );
}

/** Everything since the start, late purchases too. */
function totalLines(
  distinct: readonly DatedPurchase[],
  revenue: readonly Told["revenue"][],
): AccountLine[] {
  const total = revenue.findLast(({ period }) => period === "total");
  const all = takings(distinct, CATALOGS);
  const expected = Object.entries({ ...all, paying_players: all.buyers });
  return expected.map(([name, value]) => {
    const found = (total && Reflect.get(total, name)) as unknown;
    const what = `revenue since the start: ${name}`;
    if (typeof value === "number") return equal(what, value, Number(found ?? 0));
    const parts = new Comparison(what);
    value.forEach((part, index) =>
      parts.same(`${name} ${index}`, part, (found as object[] | undefined)?.[index]),
    );
    return parts.line;
  });
}

/** Periods all of whose five seconds are certain. */
function periodLine(
  period: "10s" | "1m",
  lengthMs: number,
  slots: ReadonlyMap<number, Slot>,
  revenue: readonly Told["revenue"][],
): AccountLine {
  const comparison = new Comparison(
    `revenue: periods of ${period} as the reference model has them`,
  );
  const last = new Map(
    revenue.filter((one) => one.period === period).map((one) => [one.window_start, one]),
  );
  const within = (start: number): Slot[] =>
    [...slots].filter(([slot]) => windowStart(slot, lengthMs) === start).map(([, slot]) => slot);
  const purchasesOf = (start: number): DatedPurchase[] =>
    within(start).flatMap(({ purchases }) => purchases);
  for (const start of new Set([...slots.keys()].map((slot) => windowStart(slot, lengthMs)))) {
    const around = [...within(start), ...within(start - lengthMs)];
    if (!around.every(isCertain)) continue;
    const expected = {
      ...takings(purchasesOf(start), CATALOGS),
      ...(period === "1m" && {
        popular_items: popularItems(purchasesOf(start), purchasesOf(start - lengthMs), CATALOGS),
      }),
    };
    comparison.same(`${period} ${start}`, expected, last.get(start));
  }
  return comparison.line;
}

/** Flags by rule and subject: what a rule sees is decided by the order of the purchases in the topic. */
function flagLine(
  distinct: readonly DatedPurchase[],
  flags: readonly Told["fraud-flags"][],
): AccountLine {
  const comparison = new Comparison("fraud-flags: findings as the reference model has them");
  const expected = raisedFlags(distinct, CATALOGS.rates);
  const told = new Set(
    flags.map(({ title_id, rule, subject }) => `${title_id ?? "local"} ${rule} ${subject}`),
  );
  const evidence = new Set(distinct.map(({ event_id }) => event_id));
  for (const flag of new Set([...expected, ...told])) {
    comparison.same(flag, expected.has(flag) ? {} : undefined, told.has(flag) ? {} : undefined);
  }
  for (const flag of flags) {
    const known = flag.evidence_event_ids.every((id) => evidence.has(id));
    const key = `evidence of ${insightKey("fraud-flags", { ...flag }) ?? ""}`;
    comparison.same(key, { known: true }, { known });
  }
  return comparison.line;
}
