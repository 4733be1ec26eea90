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
}

export const CATALOG_LISTS: readonly CatalogList[] = [
  { file: "maps", list: "maps", topic: "catalog-maps", key: "map_id" },
  { file: "maps", list: "levels", topic: "catalog-levels", key: "level_id" },
  { file: "servers", list: "servers", topic: "catalog-servers", key: "server_id" },
  { file: "items", list: "items", topic: "catalog-items", key: "item_id" },
  { file: "currencies", list: "currencies", topic: "catalog-currencies", key: "currency" },
  { file: "fraud-rules", list: "rules", topic: "catalog-fraud-rules", key: "rule" },
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
function entriesOf(
  content: Record<string, unknown>,
  { file, list, key }: CatalogList,
): Map<string, string> {
  const found = content[list];
  if (!Array.isArray(found)) throw new Error(`catalog/${file}.json has no list "${list}".`);
  const version = content["version"] === undefined ? {} : { version: content["version"] };
  return new Map(
    (found as Record<string, unknown>[]).map((entry) => {
      const name = entry[key];
      if (typeof name !== "string" || name === "")
        throw new Error(`catalog/${file}.json: an entry of "${list}" has no ${key}.`);
      return [name, JSON.stringify({ ...entry, ...version })];
    }),
  );
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
