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
  "price-tampering": { rule: "price-differs-from-catalog", play: priceTampering },
  "card-testing": { rule: "card-testing", play: cardTesting },
  "receipt-reuse": { rule: "receipt-on-another-account", play: receiptReuse },
  "refund-abuse": { rule: "refund-abuse", play: refundAbuse },
  "impossible-travel": { rule: "impossible-travel", play: impossibleTravel },
  "new-account-splurge": { rule: "new-account-large-purchase", play: newAccountSplurge },
};
