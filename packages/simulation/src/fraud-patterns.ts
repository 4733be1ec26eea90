/** Ways to cheat, each named after the rule that should catch it. */
import {
  moments,
  type Pattern,
  type PatternTable,
  priceExtremes,
  someAccounts,
} from "./incidents.ts";
import type { FraudPattern } from "./scenario.ts";

const BURST_COUNT = [5, 12] as const;
const BURST_SPAN_MS = [1500, 4000] as const;
const SECOND_MS = 1000;
/** A tampered client pays this share of the catalog's price. */
const TAMPERED_SHARE = [0.01, 0.3] as const;
const RECEIPT_SHARERS = [2, 5] as const;
const REFUNDS = [3, 6] as const;
const CARD_PROBES = [3, 5] as const;
/** Enough for an hour's limit, slow enough for a minute's. */
const SLOW_COUNT = [8, 12] as const;
const SLOW_PAUSE_SECONDS = [70, 110] as const;
/** Each of the sharers stays below what one account may buy in a minute. */
const ADDRESS_SHARERS = 3;
const EACH_SHARER_MAX = 3;
const SMALL_PURCHASES = [6, 8] as const;
/** Ids that only a tampered client knows. */
const UNKNOWN_ITEMS = ["skin_test_gold", "debug_unlock_all", "bundle_beta_everything"] as const;

/** One account buys one item over and over within seconds. */
const velocityAccount: Pattern = (stage, wish) => {
  const { rng, shop } = stage;
  const item = wish.item ?? shop.popularItem(rng);
  const count = wish.count ?? rng.integer(...BURST_COUNT);
  const times = moments(rng, count, rng.between(...BURST_SPAN_MS));
  return someAccounts(stage, 1).flatMap((account) =>
    times.map((afterMs) => ({ afterMs, purchase: { account, item } })),
  );
};

/** Many accounts behind one address buy one item within seconds. */
const velocityAddress: Pattern = (stage, wish) => {
  const { rng, shop, scenario, accounts } = stage;
  const item = wish.item ?? shop.popularItem(rng);
  const count = wish.count ?? rng.integer(...BURST_COUNT);
  const address = accounts.strangeAddress(rng.below(scenario.regions.length), rng);
  const buyers = someAccounts(stage, count);
  const times = moments(rng, buyers.length, rng.between(...BURST_SPAN_MS));
  return buyers.map((account, index) => ({
    afterMs: times[index] ?? 0,
    purchase: { account, item, address },
  }));
};

/** A few accounts behind one address take turns, none of them too often for itself. */
const velocitySharedAddress: Pattern = (stage, wish) => {
  const { rng, shop, scenario, accounts } = stage;
  const address = accounts.strangeAddress(rng.below(scenario.regions.length), rng);
  const buyers = someAccounts(
    stage,
    Math.ceil((wish.count ?? 0) / EACH_SHARER_MAX) || ADDRESS_SHARERS,
  );
  const times = moments(rng, wish.count ?? buyers.length * EACH_SHARER_MAX, 25 * SECOND_MS);
  return times.flatMap((afterMs, index) => {
    const account = buyers[index % buyers.length];
    const item = wish.item ?? shop.popularItem(rng);
    return account === undefined ? [] : [{ afterMs, purchase: { account, item, address } }];
  });
};

/** One account buys one item over and over, patiently enough for rules that look at a minute. */
const velocitySlow: Pattern = (stage, wish) => {
  const { rng, shop } = stage;
  const item = wish.item ?? shop.popularItem(rng);
  const count = wish.count ?? rng.integer(...SLOW_COUNT);
  const pauseMs = rng.between(...SLOW_PAUSE_SECONDS) * SECOND_MS;
  return someAccounts(stage, 1).flatMap((account) =>
    Array.from({ length: count }, (_, index) => ({
      afterMs: (index + 0.2 * rng.next()) * pauseMs,
      purchase: { account, item },
    })),
  );
};

/** A tampered client names its own price. */
const priceTampering: Pattern = (stage, wish) => {
  const { rng, shop } = stage;
  return someAccounts(stage, wish.count ?? 1).map((account) => {
    const item = wish.item ?? priceExtremes(stage, account).dearest;
    const full = shop.price(item, account);
    const price = Math.max(0.01, Math.round(full * rng.between(...TAMPERED_SHARE) * 100) / 100);
    return { afterMs: rng.next() * SECOND_MS, purchase: { account, item, price } };
  });
};

/** A tampered client buys what is not for sale, at the price of the cheapest item. */
const unknownItem: Pattern = (stage, wish) => {
  const { rng, shop } = stage;
  return someAccounts(stage, wish.count ?? 1).map((account) => {
    const item = wish.item ?? priceExtremes(stage, account).cheapest;
    const price = shop.price(item, account);
    const itemId = rng.pick(UNKNOWN_ITEMS);
    return { afterMs: rng.next() * SECOND_MS, purchase: { account, item, itemId, price } };
  });
};

/** A stolen card is tried with the smallest purchases, then used for the largest. */
const cardTesting: Pattern = (stage, wish) => {
  const { rng } = stage;
  const probes = wish.count ?? rng.integer(...CARD_PROBES);
  return someAccounts(stage, 1).flatMap((account) => {
    const { cheapest, dearest } = priceExtremes(stage, account);
    const times = moments(rng, probes, 15 * SECOND_MS);
    return [
      ...times.map((afterMs) => ({ afterMs, purchase: { account, item: cheapest } })),
      { afterMs: 20 * SECOND_MS, purchase: { account, item: wish.item ?? dearest } },
    ];
  });
};

/** One receipt is presented by several accounts. */
const receiptReuse: Pattern = (stage, wish) => {
  const { rng, shop } = stage;
  const item = wish.item ?? shop.popularItem(rng);
  const sharers = someAccounts(stage, wish.count ?? rng.integer(...RECEIPT_SHARERS));
  const transactionId = shop.newTransactionId();
  return sharers.map((account, index) => ({
    afterMs: (index + rng.next()) * 2 * SECOND_MS,
    purchase: { account, item, transactionId },
  }));
};

/** An account buys, uses and takes its money back, again and again. */
const refundAbuse: Pattern = (stage, wish) => {
  const { rng, shop } = stage;
  const rounds = wish.count ?? rng.integer(...REFUNDS);
  return someAccounts(stage, 1).flatMap((account) =>
    Array.from({ length: rounds }, (_, round) => {
      const item = wish.item ?? shop.popularItem(rng);
      const transactionId = shop.newTransactionId();
      const boughtMs = (round * 12 + rng.next()) * SECOND_MS;
      return [
        { afterMs: boughtMs, purchase: { account, item, transactionId } },
        {
          afterMs: boughtMs + 6 * SECOND_MS,
          purchase: { account, item, transactionId, type: "refund" as const },
        },
      ];
    }).flat(),
  );
};

/** An account buys at home and half a minute later on another continent. */
const impossibleTravel: Pattern = (stage, wish) => {
  const { rng, shop, scenario, accounts } = stage;
  return someAccounts(stage, wish.count ?? 1).flatMap((account) => {
    const away =
      (accounts.region(account) + 1 + rng.below(scenario.regions.length - 1)) %
      scenario.regions.length;
    const item = wish.item ?? shop.popularItem(rng);
    const address = accounts.strangeAddress(away, rng);
    return [
      { afterMs: 0, purchase: { account, item } },
      { afterMs: 30 * SECOND_MS, purchase: { account, item, region: away, address } },
    ];
  });
};

/** An account that only ever bought small things suddenly buys the dearest, and again. */
const amountOutlier: Pattern = (stage, wish) => {
  const { rng } = stage;
  const small = rng.integer(...SMALL_PURCHASES);
  return someAccounts(stage, 1).flatMap((account) => {
    const { cheapest, dearest } = priceExtremes(stage, account);
    const before = Array.from({ length: small }, (_, index) => ({
      afterMs: (index + 0.5 * rng.next()) * 20 * SECOND_MS,
      purchase: { account, item: cheapest },
    }));
    const after = Array.from({ length: wish.count ?? 2 }, (_, index) => ({
      afterMs: ((small + 4) * 20 + index * 25) * SECOND_MS,
      purchase: { account, item: wish.item ?? dearest },
    }));
    return [...before, ...after];
  });
};

/** An account pays in a currency that nobody in its region has, as with a card from elsewhere. */
const currencyMismatch: Pattern = (stage, wish) => {
  const { rng, shop, scenario, accounts } = stage;
  return someAccounts(stage, wish.count ?? 1).flatMap((account) => {
    const home = scenario.regions[accounts.region(account)]?.currencies;
    const foreign = accounts.currencies.flatMap((code, index) => (home?.has(code) ? [] : [index]));
    if (foreign.length === 0) return [];
    const item = wish.item ?? shop.popularItem(rng);
    const currency = rng.pick(foreign);
    return [{ afterMs: rng.next() * SECOND_MS, purchase: { account, item, currency } }];
  });
};

/** An account made a moment ago buys the dearest item. */
const newAccountSplurge: Pattern = (stage, wish) => {
  const { rng, accounts } = stage;
  const account = accounts.register();
  if (account === undefined) return [];
  const item = wish.item ?? priceExtremes(stage, account).dearest;
  const times = moments(rng, wish.count ?? 2, 30 * SECOND_MS);
  return times.map((afterMs) => ({ afterMs, purchase: { account, item } }));
};

export const FRAUD_TABLE: PatternTable<FraudPattern> = {
  "velocity-account": { rule: "purchase-velocity-per-account", play: velocityAccount },
  "velocity-address": { rule: "accounts-per-address", play: velocityAddress },
  "velocity-shared-address": {
    rule: "purchase-velocity-per-address",
    play: velocitySharedAddress,
  },
  "velocity-slow": { rule: "purchase-velocity-per-account-hour", play: velocitySlow },
  "price-tampering": { rule: "price-differs-from-catalog", play: priceTampering },
  "unknown-item": { rule: "unknown-item", play: unknownItem },
  "card-testing": { rule: "card-testing", play: cardTesting },
  "receipt-reuse": { rule: "receipt-on-another-account", play: receiptReuse },
  "refund-abuse": { rule: "refund-abuse", play: refundAbuse },
  "impossible-travel": { rule: "impossible-travel", play: impossibleTravel },
  "amount-outlier": { rule: "amount-outlier", play: amountOutlier },
  "currency-mismatch": { rule: "currency-differs-from-region", play: currencyMismatch },
  "new-account-splurge": { rule: "new-account-large-purchase", play: newAccountSplurge },
};
