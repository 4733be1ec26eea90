/** What the catalog's topics change while game-economy runs, and what holds before they have said anything. */
import { expect, test } from "vitest";
import { CATALOG_LISTS, readCatalog } from "../../../local/fluvio-bridge/src/catalog/entries.ts";
import { EngineRun } from "./run-engine.ts";

const START_MS = Date.parse("2026-11-22T18:00:00.000Z");
const CATALOG = readCatalog(new URL("../../../catalog", import.meta.url).pathname);

type Entry = Record<string, unknown>;

/** An entry as the loader writes it, with some of it changed. */
function changed(topic: string, key: string, fields: Entry): string {
  const text = CATALOG.get(topic)?.get(key);
  if (text === undefined) throw new Error(`${topic} has no ${key}`);
  return JSON.stringify({ ...(JSON.parse(text) as Entry), ...fields });
}

function purchase(n: number, fields: object = {}): string {
  return JSON.stringify({
    event_id: `e${n}`,
    player_id: `p${n}`,
    item_id: "pet_fox",
    price: 2.99,
    currency: "USD",
    purchase_timestamp: new Date(START_MS + n * 10_000).toISOString(),
    ip_address: `192.0.2.${n}`,
    ...fields,
  });
}

function buy(run: EngineRun, ...purchases: string[]): void {
  run.feed("purchases", purchases, START_MS);
}

function rules(run: EngineRun): string[] {
  return run
    .values<{ rule: string; subject: string }>("fraud-flags")
    .map(({ rule, subject }) => `${rule} ${subject}`);
}

const revenue = (run: EngineRun): unknown =>
  run
    .values<{ revenue: number; period: string }>("revenue")
    .findLast(({ period }) => period === "total")?.revenue;

test("a price counts from the moment that its topic tells of another, until that is taken back", async () => {
  const run = await EngineRun.of("game-economy");
  buy(run, purchase(1), purchase(2, { price: 3.49 }));
  const prices = [{ currency: "USD", price: 3.49 }];
  run.feed("catalog-items", [changed("catalog-items", "pet_fox", { prices })], START_MS);
  buy(run, purchase(3), purchase(4, { price: 3.49 }), purchase(5, { price: 9, currency: "EUR" }));
  run.feed("catalog-items", [changed("catalog-items", "pet_fox", {})], START_MS);
  buy(run, purchase(6), purchase(7, { price: 3.49 }));
  expect(rules(run)).toEqual([
    "price-differs-from-catalog purchase:e2",
    "price-differs-from-catalog purchase:e3",
    "price-differs-from-catalog purchase:e7",
  ]);
});

test("an item that is new is known, and one that is gone is unknown but keeps its name", async () => {
  const run = await EngineRun.of("game-economy");
  const hat = { item_id: "hat_top", name: "Top Hat", category: "hat" };
  const prices = [{ currency: "USD", price: 1.5 }];
  run.feed(
    "catalog-items",
    [JSON.stringify({ ...hat, prices }), JSON.stringify({ item_id: "pet_fox", removed: true })],
    START_MS,
  );
  buy(run, purchase(1, { item_id: "hat_top", price: 1.5 }), purchase(2));
  run.finish();
  expect(rules(run)).toEqual(["unknown-item purchase:e2"]);
  expect(run.values("item-sales")).toMatchObject([
    { item_id: "hat_top", item_name: "Top Hat", item_type: "hat" },
    { item_id: "pet_fox", item_name: "Lantern Fox", item_type: "pet" },
  ]);
  const minute = run
    .values<{ period: string; by_item_type: object[] }>("revenue")
    .findLast(({ period }) => period === "1m");
  expect(minute?.by_item_type).toMatchObject([{ item_type: "hat" }, { item_type: "pet" }]);
});

test("a rate counts for what comes after it, in every sum alike", async () => {
  const run = await EngineRun.of("game-economy");
  const euros = (n: number): string => purchase(n, { currency: "EUR", price: 2.99 });
  buy(run, euros(1));
  const rate = changed("catalog-currencies", "EUR", { rate_to_base: "2" });
  run.feed("catalog-currencies", [rate], START_MS);
  buy(run, euros(2), euros(2));
  run.finish();
  // 2.99 × 1.08 and 2.99 × 2; what came twice is taken back at the rate at which it was counted.
  expect(revenue(run)).toBe(3.23 + 5.98);
  expect(run.values("item-sales")).toMatchObject([
    { total_revenue: 3.23 },
    { total_revenue: 5.98 },
  ]);
});

test("a currency can come and go, and a rate that makes no sense changes nothing", async () => {
  const run = await EngineRun.of("game-economy");
  const gold = (n: number): string => purchase(n, { currency: "XAU", price: 0.5 });
  buy(run, gold(1));
  run.feed(
    "catalog-currencies",
    ['{"currency":"XAU","rate_to_base":"4","minor_digits":3}'],
    START_MS,
  );
  buy(run, gold(2));
  run.feed("catalog-currencies", ['{"currency":"XAU","rate_to_base":"-1"}'], START_MS);
  buy(run, gold(3));
  run.feed("catalog-currencies", ['{"currency":"XAU","removed":true}'], START_MS);
  buy(run, gold(4));
  run.finish();
  expect(revenue(run)).toBe(4);
  expect(run.values("pipeline-stats").at(-1)).toMatchObject({
    records: 4,
    processed: 2,
    refused_by: [{ reason: "currency", records: 2 }],
  });
  const refused = run.rejections.map(({ reason }) => reason).join("\n");
  expect(refused).toMatch(/rate_to_base is not/);
});

test("thresholds, modes and the allow-list of rules can change", async () => {
  const run = await EngineRun.of("game-economy");
  let second = 0;
  const twice = (player_id: string): void => {
    for (const at of [0, 1]) {
      second += at === 0 ? 60 : 1;
      const purchase_timestamp = new Date(START_MS + second * 1000).toISOString();
      buy(run, purchase(100 + second, { player_id, ip_address: player_id, purchase_timestamp }));
    }
  };
  const tell = (key: string, fields: Entry): void =>
    run.feed("catalog-fraud-rules", [changed("catalog-fraud-rules", key, fields)], START_MS);
  const velocity = "purchase-velocity-per-account";
  twice("a");
  tell(velocity, { count_min: 2, version: 3 });
  twice("b");
  tell(velocity, { count_min: 2, allow: { players: ["c"], addresses: ["d"] } });
  twice("c");
  twice("d");
  tell(velocity, { count_min: 2, mode: "off" });
  twice("e");
  tell(velocity, {});
  twice("f");
  expect(run.values("fraud-flags")).toMatchObject([
    { rule: velocity, subject: "account:b", rule_version: 3, threshold: 2, mode: "flag" },
  ]);
});

test("the catalog as the loader writes it changes nothing: it is what is built in", async () => {
  const plain = await EngineRun.of("game-economy");
  const told = await EngineRun.of("game-economy");
  for (const { topic } of CATALOG_LISTS)
    if (told.reads(topic)) told.feed(topic, [...(CATALOG.get(topic)?.values() ?? [])], START_MS);
  const lines = Array.from({ length: 40 }, (_, n) =>
    purchase(n, { currency: n % 2 === 0 ? "EUR" : "JPY", price: n }),
  );
  for (const run of [plain, told]) {
    buy(run, ...lines);
    run.finish();
  }
  expect(told.rejections).toEqual([]);
  expect(told.outputs).toEqual(plain.outputs);
});

test("where a region lies and what is paid there can change, and a region can go", async () => {
  const run = await EngineRun.of("game-economy");
  const region = (name: string, fields: Entry): void =>
    run.feed("catalog-regions", [changed("catalog-regions", name, fields)], START_MS);
  let n = 0;
  /** An account buys in Europe, and a minute later in the east of the United States; with dollars. */
  const travel = (): void => {
    const player_id = `t${(n += 2)}`;
    const at = (minute: number): string =>
      new Date(START_MS + (n * 10 + minute) * 60_000).toISOString();
    buy(
      run,
      purchase(n, { player_id, region: "eu-west", purchase_timestamp: at(0) }),
      purchase(n + 1, { player_id, region: "us-east", purchase_timestamp: at(1) }),
    );
  };
  travel();
  region("eu-west", { currencies: ["EUR", "USD"] });
  travel();
  // Beside each other.
  region("eu-west", { latitude: 38.9, longitude: -77 });
  travel();
  region("eu-west", { latitude: 91 });
  travel();
  region("eu-west", {});
  travel();
  run.feed("catalog-regions", ['{"region":"eu-west","removed":true}'], START_MS);
  travel();
  const elsewhere = "currency-differs-from-region purchase:";
  const far = "impossible-travel account:";
  expect(rules(run)).toEqual([
    `${elsewhere}e2`,
    `${far}t2`,
    `${far}t4`,
    `${elsewhere}e6`,
    `${elsewhere}e8`,
    `${elsewhere}e10`,
    `${far}t10`,
  ]);
  expect(run.rejections.map(({ reason }) => reason).join("\n")).toMatch(/latitude is not/);
});

test("tiers of spenders are told as they are now, and move when more is spent or refunded", async () => {
  const run = await EngineRun.of("game-economy");
  const hoard = (n: number, player_id: string, fields: object = {}): string =>
    purchase(n, { item_id: "gems_hoard", price: 99.99, player_id, ...fields });
  const refund = { transaction_type: "refund" };
  buy(run, purchase(1), hoard(2, "large"), purchase(3, { player_id: "large" }));
  buy(run, purchase(4, { player_id: "back" }), purchase(5, { player_id: "back", ...refund }));
  buy(run, hoard(6, "moba", { title_id: "moba" }), purchase(7, { player_id: "only", ...refund }));
  // Who has bought nothing is in no tier; what came twice changes none.
  buy(run, purchase(1));
  run.finish();
  const tiers = (title: string): unknown =>
    run
      .values<{ title_id: string; period: string; by_spender_tier: object[] }>("revenue")
      .findLast(({ title_id, period }) => title_id === title && period === "total")
      ?.by_spender_tier;
  const none = { buyers: 0, purchase_count: 0, revenue: 0 };
  expect(tiers("local")).toEqual([
    { tier: "none", buyers: 1, purchase_count: 1, revenue: 0 },
    { tier: "minnow", buyers: 1, purchase_count: 1, revenue: 2.99 },
    { tier: "dolphin", ...none },
    { tier: "whale", buyers: 1, purchase_count: 2, revenue: 102.98 },
  ]);
  expect(tiers("moba")).toEqual([
    { tier: "none", ...none },
    { tier: "minnow", ...none },
    { tier: "dolphin", buyers: 1, purchase_count: 1, revenue: 99.99 },
    { tier: "whale", ...none },
  ]);
});
