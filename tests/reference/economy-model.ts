/**
 * Every insight of game-economy from purchases that come one by one: the reference of sales, revenue
 * and fraud, fed with what a window or period holds and no more. Of the totals it keeps sums alone,
 * and events are known for an hour; each comes once or twice, with an id of its own.
 */
import { FraudModel, type DatedPurchase } from "./fraud.ts";
import { popularItems, takings, type Takings } from "./revenue.ts";
import { type Catalogs, centsOf, isRefund, itemSales, titleOf } from "./sales.ts";
import { Windows } from "./engagement/windows.ts";

const SLOT_MS = 5_000;
const TEN_MS = 10_000;
const MINUTE_MS = 60_000;
/** A purchase that comes twice does so within it. */
const KNOWN_MS = 3_600_000;

interface Slot {
  readonly sold: DatedPurchase[];
}

interface Sum {
  purchases: number;
  refunds: number;
  gross: number;
  refunded: number;
}

interface Title {
  /** Purchases of this minute and the one before that came in time. */
  recent: DatedPurchase[];
  readonly buyers: Set<string>;
  /** By item and currency. */
  readonly sums: Map<string, Sum>;
  newestSlot: number | undefined;
  records: number;
  duplicates: number;
  unmatched: number;
  late: number;
}

const atMs = (event: DatedPurchase): number => Date.parse(event.purchase_timestamp);
const startOf = (ms: number, lengthMs: number): number => Math.floor(ms / lengthMs) * lengthMs;

export class EconomyModel {
  readonly #tell: (topic: string, value: object) => void;
  readonly #catalogs: Catalogs;
  readonly #fraud: FraudModel;
  readonly #slots: Windows<Slot>;
  readonly #titles = new Map<string, Title>();
  /** Ids of the events of this hour and the last. */
  #known = { startMs: 0, now: new Set<string>(), before: new Set<string>() };

  constructor(tell: (topic: string, value: object) => void, catalogs: Catalogs) {
    this.#tell = tell;
    this.#catalogs = catalogs;
    this.#fraud = new FraudModel(catalogs.rates);
    this.#slots = new Windows(SLOT_MS, {
      empty: (): Slot => ({ sold: [] }),
      close: ({ sold }, startMs) => this.#closeSlot(sold, startMs),
    });
  }

  add(event: DatedPurchase): void {
    const title = this.#title(titleOf(event));
    const slot = this.#slots.at(atMs(event));
    title.records += 1;
    if (this.#isKnown(event)) {
      title.duplicates += 1;
    } else {
      if (slot === undefined) title.late += 1;
      else slot.sold.push(event);
      this.#count(title, event);
      for (const flag of this.#fraud.add(event)) this.#tell("fraud-flags", flag);
    }
    this.#slots.advance(atMs(event));
  }

  /** What is so once a batch is done: the total as of its newest slot. */
  settle(): void {
    for (const [title_id, title] of this.#titles) {
      if (title.newestSlot === undefined) continue;
      const paying = title.buyers.size;
      this.#tell("revenue", {
        title_id,
        period: "total",
        ...this.#total(title),
        popular_items: null,
        paying_players: paying,
        active_players: 0,
        conversion: 0,
        window_start: startOf(title.newestSlot, TEN_MS),
        window_end: title.newestSlot + SLOT_MS,
      });
    }
  }

  finish(): void {
    this.#slots.finish();
    this.settle();
    for (const [title_id, { records, duplicates, unmatched, late }] of this.#titles) {
      this.#tell("pipeline-stats", {
        title_id,
        records,
        processed: records - duplicates,
        duplicates,
        refused: 0,
        unmatched_refunds: unmatched,
        late,
      });
    }
  }

  #title(name: string): Title {
    const known = this.#titles.get(name);
    if (known !== undefined) return known;
    const title: Title = {
      recent: [],
      buyers: new Set(),
      sums: new Map(),
      newestSlot: undefined,
      records: 0,
      duplicates: 0,
      unmatched: 0,
      late: 0,
    };
    this.#titles.set(name, title);
    return title;
  }

  #isKnown({ event_id, ...event }: DatedPurchase): boolean {
    const startMs = startOf(Date.parse(event.purchase_timestamp), KNOWN_MS);
    if (startMs > this.#known.startMs)
      this.#known = { startMs, now: new Set(), before: this.#known.now };
    if (this.#known.now.has(event_id) || this.#known.before.has(event_id)) return true;
    this.#known.now.add(event_id);
    return false;
  }

  #count(title: Title, event: DatedPurchase): void {
    const key = `${event.item_id} ${event.currency}`;
    const sum = title.sums.get(key) ?? { purchases: 0, refunds: 0, gross: 0, refunded: 0 };
    title.sums.set(key, sum);
    const cents = centsOf(event, this.#catalogs.rates);
    if (isRefund(event)) {
      if (!title.buyers.has(event.player_id)) title.unmatched += 1;
      sum.refunds += 1;
      sum.refunded += cents;
    } else {
      title.buyers.add(event.player_id);
      sum.purchases += 1;
      sum.gross += cents;
    }
  }

  #closeSlot(sold: readonly DatedPurchase[], startMs: number): void {
    for (const sales of itemSales(sold, this.#catalogs)) {
      const order = (flag: (typeof sales.fraud_flags)[number]): string =>
        `${flag.player_id} ${flag.ip_address}`;
      const fraud_flags = sales.fraud_flags.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
      this.#tell("item-sales", { ...sales, fraud_flags });
    }
    for (const [name, own] of Map.groupBy(sold, titleOf)) {
      const title = this.#title(name);
      title.newestSlot = startMs;
      const minuteMs = startOf(startMs, MINUTE_MS);
      title.recent = [...title.recent, ...own].filter(
        (event) => atMs(event) >= minuteMs - MINUTE_MS,
      );
      this.#tellPeriods(name, title.recent, startMs);
    }
  }

  #tellPeriods(title_id: string, recent: readonly DatedPurchase[], startMs: number): void {
    const [tenMs, minuteMs] = [startOf(startMs, TEN_MS), startOf(startMs, MINUTE_MS)];
    const rest = {
      by_spender_tier: null,
      paying_players: null,
      active_players: null,
      conversion: null,
    };
    const minute = recent.filter((event) => atMs(event) >= minuteMs);
    const before = recent.filter((event) => atMs(event) < minuteMs);
    this.#tell("revenue", {
      title_id,
      period: "10s",
      ...takings(
        minute.filter((event) => atMs(event) >= tenMs),
        this.#catalogs,
      ),
      popular_items: null,
      ...rest,
      window_start: tenMs,
      window_end: startMs + SLOT_MS,
    });
    this.#tell("revenue", {
      title_id,
      period: "1m",
      ...takings(minute, this.#catalogs),
      popular_items: popularItems(minute, before, this.#catalogs),
      ...rest,
      window_start: minuteMs,
      window_end: startMs + SLOT_MS,
    });
  }

  #total({ sums, buyers }: Title): Takings {
    const all = [...sums].map(([key, sum]) => ({ key: key.split(" "), sum }));
    const add = (pick: (sum: Sum) => number): number =>
      all.reduce((total, { sum }) => total + pick(sum), 0);
    const share = (field: string, nameOf: (key: readonly string[]) => string) =>
      [...Map.groupBy(all, ({ key }) => nameOf(key))]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, group]) => ({
          [field]: name,
          purchase_count: group.reduce((total, { sum }) => total + sum.purchases, 0),
          revenue: group.reduce((total, { sum }) => total + sum.gross - sum.refunded, 0) / 100,
        })) as never;
    return {
      purchase_count: add((sum) => sum.purchases),
      refund_count: add((sum) => sum.refunds),
      buyers: buyers.size,
      gross_revenue: add((sum) => sum.gross) / 100,
      refunded: add((sum) => sum.refunded) / 100,
      revenue: add((sum) => sum.gross - sum.refunded) / 100,
      by_item_type: share("item_type", ([item = ""]) => this.#catalogs.nameOf(item).item_type),
      by_currency: share("currency", ([, currency = ""]) => currency),
    };
  }
}
