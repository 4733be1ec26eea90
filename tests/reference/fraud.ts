/** Which accounts and addresses the counting rules flag, whatever order the purchases came in. */
import type { Purchase } from "./insights.ts";

type Dated = Purchase & { readonly event_id: string };

const timeOf = (purchase: Dated): number => Date.parse(purchase.purchase_timestamp);

/** `rule subject` of every flag, each once. */
export function countedFlags(purchases: readonly Dated[]): Set<string> {
  const flags = new Set<string>();
  const bought = purchases.filter(({ transaction_type }) => transaction_type !== "refund");
  const refunds = purchases.filter(({ transaction_type }) => transaction_type === "refund");
  for (const last of bought) {
    const sameAccount = within(bought, last, 10_000).filter(
      ({ player_id }) => player_id === last.player_id,
    );
    const sameItem = sameAccount.filter(({ item_id }) => item_id === last.item_id);
    if (sameAccount.length >= 6 || sameItem.length >= 4)
      flags.add(`purchase-velocity-per-account account:${last.player_id}`);

    const near = within(bought, last, 30_000).filter(
      ({ ip_address }) => ip_address === last.ip_address,
    );
    if (near.length >= 8 && accounts(near) > 1)
      flags.add(`purchase-velocity-per-address address:${last.ip_address}`);

    const wanted = within(bought, last, 10_000).filter(
      ({ ip_address, item_id }) => ip_address === last.ip_address && item_id === last.item_id,
    );
    if (accounts(wanted) >= 4) flags.add(`accounts-per-address address:${last.ip_address}`);
  }
  for (const last of refunds) {
    const own = within(refunds, last, 180_000).filter(
      ({ player_id }) => player_id === last.player_id,
    );
    if (own.length >= 3) flags.add(`refund-abuse account:${last.player_id}`);
  }
  return flags;
}

/** Purchases in the window that ends with one of them. */
function within(purchases: readonly Dated[], last: Dated, windowMs: number): Dated[] {
  const endMs = timeOf(last);
  return purchases.filter((purchase) => {
    const atMs = timeOf(purchase);
    return atMs <= endMs && atMs > endMs - windowMs;
  });
}

function accounts(purchases: readonly Dated[]): number {
  return new Set(purchases.map(({ player_id }) => player_id)).size;
}
