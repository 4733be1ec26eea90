/** What `catalog/*.json` says, as records: one for each entry, keyed by its name. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

interface CatalogList {
  /** Without `.json`. */
  readonly file: string;
  readonly list: string;
  readonly topic: string;
  /** The field that names an entry. */
  readonly key: string;
  /** Fields of the file that go with each entry, where it has them. */
  readonly shared?: readonly string[];
  /** A field by whose names values are found: a list of pairs in the topic, whose types have no such. */
  readonly pairs?: { readonly field: string; readonly name: string; readonly value: string };
}

/** Prices are read by the currencies' minor units, so currencies come before items. */
export const CATALOG_LISTS: readonly CatalogList[] = [
  { file: "maps", list: "maps", topic: "catalog-maps", key: "map_id" },
  { file: "maps", list: "levels", topic: "catalog-levels", key: "level_id" },
  { file: "servers", list: "servers", topic: "catalog-servers", key: "server_id" },
  { file: "currencies", list: "currencies", topic: "catalog-currencies", key: "currency" },
  {
    file: "items",
    list: "items",
    topic: "catalog-items",
    key: "item_id",
    pairs: { field: "prices", name: "currency", value: "price" },
  },
  {
    file: "fraud-rules",
    list: "rules",
    topic: "catalog-fraud-rules",
    key: "rule",
    shared: ["allow"],
  },
  { file: "fraud-rules", list: "regions", topic: "catalog-regions", key: "region" },
];

/** The values of a topic's records, as JSON texts by key. */
export type Entries = ReadonlyMap<string, string>;

/**
 * The entries of all topics.
 * @throws {Error} naming the file, where one cannot be read or lacks what it should have
 */
export function readCatalog(dir: string): ReadonlyMap<string, Entries> {
  const files = new Map<string, Record<string, unknown>>();
  return new Map(
    CATALOG_LISTS.map((one) => {
      const content = files.get(one.file) ?? readJson(join(dir, `${one.file}.json`));
      files.set(one.file, content);
      return [one.topic, entriesOf(content, one)];
    }),
  );
}

function readJson(path: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  } catch (cause) {
    throw new Error(`${path} cannot be read as JSON. Mend it; until then its last content holds.`, {
      cause,
    });
  }
}

/** A file's own version goes with each of its entries. */
function entriesOf(content: Record<string, unknown>, one: CatalogList): Map<string, string> {
  const { file, list, key, shared = [] } = one;
  const found = content[list];
  if (!Array.isArray(found)) throw new Error(`catalog/${file}.json has no list "${list}".`);
  const common = Object.fromEntries(
    ["version", ...shared].flatMap((field) =>
      content[field] === undefined ? [] : [[field, content[field]]],
    ),
  );
  return new Map(
    (found as Record<string, unknown>[]).map((entry) => {
      const name = entry[key];
      if (typeof name !== "string" || name === "")
        throw new Error(`catalog/${file}.json: an entry of "${list}" has no ${key}.`);
      return [name, JSON.stringify({ ...entry, ...paired(entry, one), ...common })];
    }),
  );
}

function paired(entry: Record<string, unknown>, { pairs }: CatalogList): Record<string, unknown> {
  const held = pairs === undefined ? undefined : entry[pairs.field];
  if (pairs === undefined || typeof held !== "object" || held === null) return {};
  return {
    [pairs.field]: Object.entries(held).map(([name, value]) => ({
      [pairs.name]: name,
      [pairs.value]: value as unknown,
    })),
  };
}

/** What makes one state of a topic the other; what is gone comes once more, with `"removed":true`. */
export function changesOf(
  { before, after }: { before: Entries; after: Entries },
  key: string,
): { key: string; value: string }[] {
  const changed = [...after]
    .filter(([name, value]) => before.get(name) !== value)
    .map(([name, value]) => ({ key: name, value }));
  const gone = [...before.keys()]
    .filter((name) => !after.has(name))
    .map((name) => ({ key: name, value: JSON.stringify({ [key]: name, removed: true }) }));
  return [...changed, ...gone];
}
