/** What insights look up in `catalog/`: what currencies are worth, what items are called, where servers stand. */
import { readFileSync } from "node:fs";
import type { Catalogs } from "./sales.ts";
import type { KnownServer } from "./servers.ts";

const MICRO_DIGITS = 6;

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../catalog/${name}.json`, import.meta.url), "utf8"));

const { currencies } = read("currencies") as {
  currencies: readonly { currency: string; rate_to_base: string }[];
};
const { items } = read("items") as {
  items: readonly { item_id: string; name: string; category: string }[];
};
const NAMES = new Map(
  items.map(({ item_id, name, category }) => [item_id, { item_name: name, item_type: category }]),
);

function micros(decimal: string): bigint {
  const [whole = "0", fraction = ""] = decimal.split(".");
  return BigInt(whole + fraction.padEnd(MICRO_DIGITS, "0").slice(0, MICRO_DIGITS));
}

export const CATALOGS: Catalogs = {
  rates: Object.fromEntries(
    currencies.map(({ currency, rate_to_base }) => [currency, micros(rate_to_base)]),
  ),
  nameOf: (itemId) => NAMES.get(itemId) ?? { item_name: "", item_type: "unknown" },
};

/** Servers, where they stand and what they are for. */
export function catalogServers(): readonly KnownServer[] {
  return (read("servers") as { servers: readonly KnownServer[] }).servers;
}
