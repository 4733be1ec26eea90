/**
 * Purchases: who buys what, when, at which price. Honest players pay the catalog's price in their
 * own currency from their own address and wait between purchases. What is planned ahead (fraud,
 * look-alikes, refunds) is written through the same path, so nothing in the events tells it apart.
 */
import type { Accounts } from "./accounts.ts";
import type { Catalog } from "./catalog.ts";
import { InvalidInput } from "./json-reader.ts";
import type { Output } from "./output.ts";
import { Rng, WeightedChoice, zipfWeights } from "./random.ts";
import type { Scenario } from "./scenario.ts";
import type { Sessions } from "./sessions.ts";
import type { Stamp } from "./text.ts";
import { TIMER, type Timers } from "./timers.ts";
import type { Truth, TruthHandle } from "./truth.ts";

export interface Purchase {
  readonly account: number;
  readonly item: number;
  /** Instead of the item's own id: something that the catalog does not have. */
  readonly itemId?: string;
  /** Absent: the account's own. */
  readonly address?: string;
  /** Index into the accounts' currencies; absent: the account's own. */
  readonly currency?: number;
  /** Index of the region it is bought in; absent: the account's own. */
  readonly region?: number;
  /** In major units; absent: what the catalog says. */
  readonly price?: number;
  readonly type?: "purchase" | "refund";
  /** Absent: a new one. */
  readonly transactionId?: string;
}

interface Planned {
  readonly purchase: Purchase;
  readonly truth: TruthHandle | undefined;
}

/** Players looked at before a purchase is given up: most of them buy rarely. */
const BUYER_DRAWS_MAX = 64;
/** Planned purchases at one time; more are refused so that injections cannot pile up. */
export const PLANNED_MAX = 20_000;

export class Shop {
  readonly #catalog: Catalog;
  readonly #scenario: Scenario;
  readonly #accounts: Accounts;
  readonly #sessions: Sessions;
  readonly #timers: Timers;
  readonly #stamp: Stamp;
  readonly #output: Output;
  readonly #truth: Truth;
  readonly #rng: Rng;
  readonly #idPrefix: string;
  readonly #popular: WeightedChoice;
  /** Price as JSON text by item and then currency. */
  readonly #prices: readonly (readonly string[])[];
  readonly #planned: (Planned | undefined)[] = [];
  readonly #free: number[] = [];
  #transactions = 0;

  constructor(options: {
    catalog: Catalog;
    scenario: Scenario;
    seed: number;
    idPrefix: string;
    accounts: Accounts;
    sessions: Sessions;
    timers: Timers;
    stamp: Stamp;
    output: Output;
    truth: Truth;
  }) {
    this.#catalog = options.catalog;
    this.#scenario = options.scenario;
    this.#accounts = options.accounts;
    this.#sessions = options.sessions;
    this.#timers = options.timers;
    this.#stamp = options.stamp;
    this.#output = options.output;
    this.#truth = options.truth;
    this.#idPrefix = options.idPrefix;
    this.#rng = new Rng(options.seed, "shop");
    const exponent = options.scenario.purchases.popularityExponent;
    this.#popular = new WeightedChoice(zipfWeights(this.#catalog.items.length, exponent));
    this.#prices = this.#catalog.items.map((item) =>
      this.#accounts.currencies.map((code) => priceText(item, code)),
    );
  }

  get items(): number {
    return this.#catalog.items.length;
  }

  itemIndex(itemId: string): number {
    return this.#catalog.items.findIndex((item) => item.itemId === itemId);
  }

  /** An item by popularity. */
  popularItem(rng: Rng): number {
    return this.#popular.pick(rng);
  }

  /** The catalog's price for an account, in major units of its currency. */
  price(item: number, account: number): number {
    return Number(this.#prices[item]?.[this.#accounts.currency(account)] ?? 0);
  }

  newTransactionId(): string {
    this.#transactions += 1;
    return `t${this.#idPrefix}${this.#transactions.toString(36)}`;
  }

  get plannedRoom(): number {
    return PLANNED_MAX - (this.#planned.length - this.#free.length);
  }

  /** Writes a purchase later. */
  plan(atMs: number, purchase: Purchase, truth?: TruthHandle): void {
    if (this.plannedRoom === 0) throw new RangeError(`plan: ${PLANNED_MAX} purchases are planned`);
    const index = this.#free.pop() ?? this.#planned.length;
    this.#planned[index] = { purchase, truth };
    this.#timers.add(Math.ceil(atMs), TIMER.plannedPurchase, index);
  }

  /** The timer of a planned purchase is due. */
  writePlanned(index: number, nowMs: number): void {
    this.#timers.drop();
    const planned = this.#planned[index];
    this.#planned[index] = undefined;
    this.#free.push(index);
    if (planned !== undefined) this.#write(planned.purchase, nowMs, planned.truth);
  }

  forgetPlanned(): void {
    this.#planned.length = 0;
    this.#free.length = 0;
  }

  /** Some player online buys something, unless none of those looked at is in the mood. */
  sellOne(nowMs: number): void {
    const account = this.#buyer(nowMs);
    if (account === undefined) return;
    const rng = this.#rng;
    const habits = this.#scenario.purchases;
    const item = this.#popular.pick(rng);
    const transactionId = this.newTransactionId();
    this.#accounts.buysAgainMs[account] = nowMs + habits.cooldownSeconds * 1000;
    this.#write({ account, item, transactionId }, nowMs, undefined);
    if (rng.chance(habits.refundShare) && this.plannedRoom > 0) {
      const [from, to] = habits.refundAfterSeconds;
      const refund: Purchase = { account, item, transactionId, type: "refund" };
      this.plan(nowMs + rng.between(from, to) * 1000, refund);
    }
  }

  #buyer(nowMs: number): number | undefined {
    for (let draws = 0; draws < BUYER_DRAWS_MAX; draws += 1) {
      const account = this.#sessions.someAccount(this.#rng);
      if (account === undefined) return undefined;
      if ((this.#accounts.buysAgainMs[account] ?? 0) > nowMs) continue;
      const weight = this.#scenario.spenders[this.#accounts.tier(account)]?.weight ?? 0;
      if (this.#rng.chance(weight)) return account;
    }
    return undefined;
  }

  #write(purchase: Purchase, nowMs: number, truth: TruthHandle | undefined): void {
    const { account, item } = purchase;
    const accounts = this.#accounts;
    const look = accounts.looks[accounts.look(account)];
    const region = this.#scenario.regions[purchase.region ?? look?.region ?? 0]?.region ?? "";
    const currency = purchase.currency ?? accounts.currency(account);
    const price = purchase.price ?? this.#prices[item]?.[currency] ?? "0";
    const itemId = purchase.itemId ?? this.#catalog.items[item]?.itemId ?? "";
    const address = purchase.address ?? accounts.address(account);
    const playerId = accounts.playerId(account);
    this.#output.purchase(
      `{"player_id":"${playerId}","item_id":${JSON.stringify(itemId)},"price":${price}` +
        `,"currency":"${accounts.currencies[currency] ?? ""}"` +
        `,"purchase_timestamp":"${this.#stamp.next(nowMs)}","ip_address":"${address}"` +
        `,"platform":${JSON.stringify(look?.platform)},"region":${JSON.stringify(region)}` +
        `,"build":${JSON.stringify(look?.build)}` +
        `,"transaction_id":"${purchase.transactionId ?? this.newTransactionId()}"` +
        `,"transaction_type":"${purchase.type ?? "purchase"}"}`,
    );
    if (truth === undefined) return;
    const eventId = this.#stamp.lastId;
    this.#truth.addEvent(truth, { eventId, playerId, address, itemId, timeMs: nowMs });
  }
}

function priceText(item: Catalog["items"][number], currency: string): string {
  const price = item.prices.get(currency);
  if (price !== undefined) return String(price);
  throw new InvalidInput({
    code: "missing_field",
    field: `items.json.items.${item.itemId}.prices.${currency}`,
    expected: "a price: the scenario has players who pay in this currency",
    value: price,
  });
}
