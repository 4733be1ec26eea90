/**
 * Every fraud rule a second time: simply, from the purchases as they arrive, with the thresholds of
 * `catalog/fraud-rules.json`. What a rule looks at is what had arrived when a purchase did.
 */
import { readFileSync } from "node:fs";
import { centsOf, type MicroDollars, type Purchase } from "./sales.ts";

interface RuleData {
  readonly rule: string;
  readonly mode: string;
  readonly window_seconds: number;
  readonly count_min: number;
  readonly count_any_min: number;
  readonly per_account_min: number;
  readonly gap_seconds: number;
  readonly share_min: number;
  readonly small_usd: string;
  readonly large_usd: string;
  readonly speed_kmh: number;
  readonly distance_km: number;
}

interface FraudCatalog {
  readonly rules: readonly RuleData[];
  readonly regions: readonly {
    readonly region: string;
    readonly latitude: number;
    readonly longitude: number;
    readonly currencies: readonly string[];
  }[];
}

interface Item {
  readonly item_id: string;
  readonly prices: Readonly<Record<string, number>>;
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../catalog/${name}.json`, import.meta.url), "utf8"));
const fraud = read("fraud-rules") as FraudCatalog;
const { items } = read("items") as { items: readonly Item[] };
/** What an account or address remembers: so many purchases, of so long. */
const RECENT_MAX = 32;
const ACCOUNT_SPAN_MS = 3_600_000;
const ADDRESS_SPAN_MS = 120_000;
const EARTH_RADIUS_KM = 6371;

export type DatedPurchase = Purchase & { readonly event_id: string };

interface Seen {
  readonly event: DatedPurchase;
  readonly atMs: number;
  readonly cents: number;
  readonly refund: boolean;
}

function rule(name: string): RuleData {
  const found = fraud.rules.find((candidate) => candidate.rule === name);
  if (found === undefined) throw new Error(`catalog/fraud-rules.json has no rule ${name}`);
  return found;
}

const windowMs = ({ window_seconds }: RuleData): number => window_seconds * 1000;
const usd = (amount: string): number => Math.round(Number(amount) * 100);
const accounts = (some: readonly Seen[]): string[] => some.map(({ event }) => event.player_id);
const distinct = (names: readonly string[]): number => new Set(names).size;
const sameItem = (some: readonly Seen[], now: Seen): Seen[] =>
  some.filter(({ event }) => event.item_id === now.event.item_id);

/** `title rule subject` of every flag, each once. Purchases in the order of their arrival, each once. */
export function raisedFlags(purchases: readonly DatedPurchase[], rates: MicroDollars): Set<string> {
  const model = new FraudModel(rates);
  const flags = purchases.flatMap((event) =>
    model.add(event).map(({ title_id, rule: name, subject }) => `${title_id} ${name} ${subject}`),
  );
  return new Set(flags);
}

interface FoundFlag {
  readonly title_id: string;
  readonly rule: string;
  readonly subject: string;
}

/** Takes purchases one by one, each once, in the order of their arrival. */
export class FraudModel {
  readonly #rates: MicroDollars;
  readonly #ofAccount = new Map<string, Seen[]>();
  readonly #ofAddress = new Map<string, Seen[]>();
  readonly #bought = new Map<string, number>();
  readonly #receipts = new Map<string, string>();

  constructor(rates: MicroDollars) {
    this.#rates = rates;
  }

  /** What a purchase shows, again when it shows more of the same. */
  add(event: DatedPurchase): FoundFlag[] {
    const now: Seen = {
      event,
      atMs: Date.parse(event.purchase_timestamp),
      cents: centsOf(event, this.#rates),
      refund: event.transaction_type === "refund",
    };
    const title_id = event.title_id ?? "local";
    const flags = [...this.#ofItsAccount(title_id, now), ...this.#ofOthers(title_id, now)];
    return flags.map(([name, subject]) => ({ title_id, rule: name, subject }));
  }

  #ofItsAccount(title: string, now: Seen): [string, string][] {
    const { player_id, event_id } = now.event;
    const account = `${title} ${player_id}`;
    const before = this.#bought.get(account) ?? 0;
    this.#bought.set(account, before + (now.refund ? 0 : 1));
    const past = remember(this.#ofAccount, account, now, ACCOUNT_SPAN_MS);
    if (!past.includes(now)) return [];
    const mine = now.refund ? refundRules(past, now, before) : accountRules(past, now, before + 1);
    return [
      ...mine.account.map((name): [string, string] => [name, `account:${player_id}`]),
      ...mine.purchase.map((name): [string, string] => [name, `purchase:${event_id}`]),
    ];
  }

  #ofOthers(title: string, now: Seen): [string, string][] {
    const { player_id, ip_address, transaction_id = "" } = now.event;
    if (now.refund) return [];
    const flags: [string, string][] = [];
    if (transaction_id !== "") {
      const first = this.#receipts.get(`${title} ${transaction_id}`) ?? player_id;
      this.#receipts.set(`${title} ${transaction_id}`, first);
      const subject = `receipt:${transaction_id}/account:${player_id}`;
      if (first !== player_id) flags.push(["receipt-on-another-account", subject]);
    }
    const near = remember(this.#ofAddress, `${title} ${ip_address}`, now, ADDRESS_SPAN_MS);
    if (near.includes(now))
      for (const name of addressRules(near, now)) flags.push([name, `address:${ip_address}`]);
    return flags;
  }
}

/** Adds to what is remembered, in the order of time; the oldest are forgotten. */
function remember(all: Map<string, Seen[]>, key: string, now: Seen, spanMs: number): Seen[] {
  const known = [...(all.get(key) ?? []), now].toSorted((a, b) => a.atMs - b.atMs);
  const newestMs = known.at(-1)?.atMs ?? 0;
  const kept = known.filter(({ atMs }) => atMs > newestMs - spanMs).slice(-RECENT_MAX);
  all.set(key, kept);
  return kept;
}

/** Every window that holds a moment and ends with one of the purchases. */
function windowsAround(some: readonly Seen[], now: Seen, lengthMs: number): Seen[][] {
  return some
    .filter(({ atMs }) => atMs >= now.atMs && atMs < now.atMs + lengthMs)
    .map((last) => some.filter(({ atMs }) => atMs <= last.atMs && atMs > last.atMs - lengthMs));
}

/** The first of the fullest ones. */
function busiest(some: readonly Seen[], now: Seen, lengthMs: number): Seen[] {
  return windowsAround(some, now, lengthMs).reduce(
    (best, window) => (window.length > best.length ? window : best),
    [],
  );
}

interface Names {
  readonly account: string[];
  readonly purchase: string[];
}

function refundRules(past: readonly Seen[], now: Seen, boughtBefore: number): Names {
  const refunds = past.filter(({ refund }) => refund);
  const abuse = rule("refund-abuse");
  return {
    account: busiest(refunds, now, windowMs(abuse)).length >= abuse.count_min ? [abuse.rule] : [],
    purchase: boughtBefore === 0 ? ["refund-without-purchase"] : [],
  };
}

function accountRules(past: readonly Seen[], now: Seen, boughtEver: number): Names {
  const bought = past.filter(({ refund }) => !refund);
  const earlier = bought.slice(0, bought.indexOf(now));
  const tested = isCardTested(earlier, now);
  const account = [
    isRush(bought, now) ? "purchase-velocity-per-account" : "",
    isPatient(bought, now) ? "purchase-velocity-per-account-hour" : "",
    tested ? "card-testing" : "",
    hasTravelled(bought, now) ? "impossible-travel" : "",
    isNewAndLarge(bought, now, boughtEver) ? "new-account-large-purchase" : "",
  ];
  const purchase = [
    ...pricing(now.event),
    !tested && isOutlier(earlier, now) ? "amount-outlier" : "",
    paysElsewhere(now, earlier.at(-1)) ? "currency-differs-from-region" : "",
  ];
  const named = (names: readonly string[]): string[] => names.filter((name) => name !== "");
  return { account: named(account), purchase: named(purchase) };
}

function pricing({ item_id, price, currency }: Purchase): string[] {
  const item = items.find((candidate) => candidate.item_id === item_id);
  if (item === undefined) return ["unknown-item"];
  const wanted = item.prices[currency];
  return wanted === undefined || wanted === price ? [] : ["price-differs-from-catalog"];
}

function isRush(bought: readonly Seen[], now: Seen): boolean {
  const data = rule("purchase-velocity-per-account");
  return (
    busiest(bought, now, windowMs(data)).length >= data.count_any_min ||
    busiest(sameItem(bought, now), now, windowMs(data)).length >= data.count_min
  );
}

function isPatient(bought: readonly Seen[], now: Seen): boolean {
  const data = rule("purchase-velocity-per-account-hour");
  const patient: Seen[] = [];
  for (const one of sameItem(bought, now)) {
    const last = patient.at(-1);
    if (last === undefined || one.atMs - last.atMs >= data.gap_seconds * 1000) patient.push(one);
  }
  const found = busiest(patient, now, windowMs(data));
  const [first, last] = [found[0], found.at(-1)];
  if (found.length < data.count_min || first === undefined || last === undefined) return false;
  const others = bought.filter(
    ({ event, atMs }) =>
      event.item_id !== now.event.item_id && atMs >= first.atMs && atMs <= last.atMs,
  );
  return found.length >= data.share_min * (found.length + others.length);
}

function isCardTested(earlier: readonly Seen[], now: Seen): boolean {
  const data = rule("card-testing");
  const probes = earlier.filter(
    ({ cents, atMs }) => cents <= usd(data.small_usd) && atMs > now.atMs - windowMs(data),
  );
  return now.cents >= usd(data.large_usd) && probes.length >= data.count_min;
}

function isOutlier(earlier: readonly Seen[], now: Seen): boolean {
  const data = rule("amount-outlier");
  const inside = earlier.filter(
    ({ cents, atMs }) => atMs > now.atMs - windowMs(data) && cents < usd(data.large_usd),
  );
  const small = inside.filter(({ cents }) => cents <= usd(data.small_usd));
  const most = Math.max(0, ...small.map((one) => sameItem(small, one).length));
  return (
    now.cents >= usd(data.large_usd) &&
    most >= data.count_min &&
    most >= data.share_min * inside.length
  );
}

function hasTravelled(bought: readonly Seen[], now: Seen): boolean {
  const data = rule("impossible-travel");
  const here = bought.indexOf(now);
  return [bought[here - 1], bought[here + 1]].some((other) => {
    if (other === undefined) return false;
    const apartMs = Math.abs(other.atMs - now.atMs);
    const km = kilometres(other.event.region, now.event.region);
    const hours = Math.max(1, apartMs) / 3_600_000;
    return apartMs < windowMs(data) && km > data.distance_km && km / hours > data.speed_kmh;
  });
}

function kilometres(from: string | undefined, to: string | undefined): number {
  const a = fraud.regions.find(({ region }) => region === from);
  const b = fraud.regions.find(({ region }) => region === to);
  if (a === undefined || b === undefined) return 0;
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const part = (angle: number): number => Math.sin(angle / 2) ** 2;
  const across =
    Math.cos(radians(a.latitude)) *
    Math.cos(radians(b.latitude)) *
    part(radians(b.longitude - a.longitude));
  const half = part(radians(b.latitude - a.latitude)) + across;
  return Math.round(EARTH_RADIUS_KM * 2 * Math.asin(Math.sqrt(half)));
}

function isForeign(region: string | undefined, currency: string): boolean {
  const found = fraud.regions.find((candidate) => candidate.region === region);
  return found !== undefined && !found.currencies.includes(currency);
}

function paysElsewhere(now: Seen, before: Seen | undefined): boolean {
  const { region, currency } = now.event;
  const home = before?.event.region ?? "";
  return isForeign(region, currency) && (home === "" || isForeign(home, currency));
}

function isNewAndLarge(bought: readonly Seen[], now: Seen, boughtEver: number): boolean {
  const data = rule("new-account-large-purchase");
  if (bought.length !== boughtEver) return false;
  if (bought.some(({ cents }) => cents < usd(data.large_usd))) return false;
  const receipts = new Set<string>();
  const once = bought.filter(({ event: { transaction_id = "" } }) => {
    if (transaction_id === "") return true;
    const isNew = !receipts.has(transaction_id);
    receipts.add(transaction_id);
    return isNew;
  });
  const rushed = once.some((one, index) => {
    const last = once[index - 1];
    return last !== undefined && one.atMs - last.atMs < data.gap_seconds * 1000;
  });
  const inOneWindow = busiest(once, now, windowMs(data)).length === once.length;
  return once.length >= data.count_min && !rushed && inOneWindow;
}

function addressRules(near: readonly Seen[], now: Seen): string[] {
  const many = rule("accounts-per-address");
  const turns = rule("purchase-velocity-per-address");
  const most = Math.max(
    0,
    ...windowsAround(sameItem(near, now), now, windowMs(many)).map((w) => distinct(accounts(w))),
  );
  const burst = accounts(busiest(near, now, windowMs(turns)));
  const largest = Math.max(...burst.map((one) => burst.filter((other) => other === one).length));
  const takeTurns =
    burst.length >= turns.count_min &&
    burst.length >= distinct(burst) * turns.per_account_min &&
    largest * 2 <= burst.length;
  return [...(most >= many.count_min ? [many.rule] : []), ...(takeTurns ? [turns.rule] : [])];
}
