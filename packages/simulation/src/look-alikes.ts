/** Honest behaviour that a careless rule takes for fraud; the rule named is the one it tempts. */
import {
  moments,
  type Pattern,
  type PatternTable,
  priceExtremes,
  someAccounts,
} from "./incidents.ts";
import type { LookAlike } from "./scenario.ts";

const SECOND_MS = 1000;
const SALE_BUYERS = [20, 40] as const;
const CAFE_GUESTS = [4, 6] as const;
const SPREE_COUNT = [6, 9] as const;

/** An offer is announced: many different players buy one item, each once, at its price. */
const sale: Pattern = (stage, wish) => {
  const { rng, shop } = stage;
  const item = wish.item ?? shop.popularItem(rng);
  const buyers = someAccounts(stage, wish.count ?? rng.integer(...SALE_BUYERS));
  const times = moments(rng, buyers.length, 12 * SECOND_MS);
  return buyers.map((account, index) => ({
    afterMs: times[index] ?? 0,
    purchase: { account, item },
  }));
};

/** Friends in an internet café: one address, different players, different items, no hurry. */
const sharedAddress: Pattern = (stage, wish) => {
  const { rng, shop, accounts } = stage;
  const guests = someAccounts(stage, wish.count ?? rng.integer(...CAFE_GUESTS));
  const [host] = guests;
  if (host === undefined) return [];
  const address = accounts.strangeAddress(accounts.region(host), rng);
  const times = moments(rng, guests.length, 60 * SECOND_MS);
  return guests.map((account, index) => ({
    afterMs: times[index] ?? 0,
    purchase: { account, item: wish.item ?? shop.popularItem(rng), address },
  }));
};

/** A rich player goes through the shop: many items, each once, with time to look at them. */
const whaleSpree: Pattern = (stage, wish) => {
  const { rng, shop } = stage;
  const first = wish.item ?? rng.below(shop.items);
  const count = Math.min(shop.items, wish.count ?? rng.integer(...SPREE_COUNT));
  return someAccounts(stage, 1).flatMap((account) =>
    Array.from({ length: count }, (_, index) => ({
      afterMs: (index + 0.5 * rng.next()) * 5 * SECOND_MS,
      purchase: { account, item: (first + index) % shop.items },
    })),
  );
};

/** A purchase is restored on the same account after a crash: the same receipt, not a second one. */
const receiptRestore: Pattern = (stage, wish) => {
  const { rng, shop } = stage;
  const item = wish.item ?? shop.popularItem(rng);
  const transactionId = shop.newTransactionId();
  const times = moments(rng, wish.count ?? 2, 20 * SECOND_MS);
  return someAccounts(stage, 1).flatMap((account) =>
    times.map((afterMs) => ({ afterMs, purchase: { account, item, transactionId } })),
  );
};

/** A player regrets a purchase and gives it back, once. */
const regret: Pattern = (stage, wish) => {
  const { rng, shop } = stage;
  return someAccounts(stage, wish.count ?? 1).flatMap((account) => {
    const item = wish.item ?? shop.popularItem(rng);
    const transactionId = shop.newTransactionId();
    const boughtMs = rng.next() * 5 * SECOND_MS;
    const regretMs = boughtMs + rng.between(20, 60) * SECOND_MS;
    return [
      { afterMs: boughtMs, purchase: { account, item, transactionId } },
      { afterMs: regretMs, purchase: { account, item, transactionId, type: "refund" as const } },
    ];
  });
};

/** Someone new likes the game at once and buys something small. */
const newFan: Pattern = (stage, wish) => {
  const { rng, accounts } = stage;
  const account = accounts.register();
  if (account === undefined) return [];
  const item = wish.item ?? priceExtremes(stage, account).cheapest;
  return [{ afterMs: rng.between(5, 60) * SECOND_MS, purchase: { account, item } }];
};

export const LOOK_ALIKE_TABLE: PatternTable<LookAlike> = {
  sale: { rule: "purchase-velocity-per-account", play: sale },
  "shared-address": { rule: "accounts-per-address", play: sharedAddress },
  "whale-spree": { rule: "purchase-velocity-per-account", play: whaleSpree },
  "receipt-restore": { rule: "receipt-on-another-account", play: receiptRestore },
  regret: { rule: "refund-abuse", play: regret },
  "new-fan": { rule: "new-account-large-purchase", play: newFan },
};
