/** How ids are ordered and called. */
import type { Courses } from "./courses.ts";

/** Order of ids for people: "level_2" before "level_10". */
export const byName = new Intl.Collator("en", { numeric: true }).compare;

/** Names by id, as the catalog has them. */
export interface Names {
  readonly levels: ReadonlyMap<string, string>;
  readonly maps: ReadonlyMap<string, string>;
  readonly items: ReadonlyMap<string, string>;
}

const NO_NAMES: Names = { levels: new Map(), maps: new Map(), items: new Map() };

/** Adds the names that the insights on show carry; the same by identity when none is new. */
export function namesOf(
  courses: Pick<Courses, "level-activity" | "item-sales">,
  before: Names = NO_NAMES,
): Names {
  const added = { levels: new Map<string, string>(), maps: new Map(), items: new Map() };
  const put = (kind: keyof Names, id: string, name: string | undefined): void => {
    if (name !== undefined && name !== "" && before[kind].get(id) !== name) {
      added[kind].set(id, name);
    }
  };
  for (const value of courses["level-activity"].at(-1)?.values ?? []) {
    put("levels", value.level_id, value.level_name);
    put("maps", value.map_id, value.map_name);
  }
  for (const { values } of courses["item-sales"]) {
    for (const value of values) put("items", value.item_id, itemName(value));
  }
  if (added.levels.size + added.maps.size + added.items.size === 0) return before;
  return {
    levels: new Map([...before.levels, ...added.levels]),
    maps: new Map([...before.maps, ...added.maps]),
    items: new Map([...before.items, ...added.items]),
  };
}

function itemName(value: object): string | undefined {
  const { item_name: name } = value as { item_name?: unknown };
  return typeof name === "string" ? name : undefined;
}

/** "level_03 · Frozen Pass", or the id alone. */
export function named(names: ReadonlyMap<string, string>, id: string): string {
  const name = names.get(id);
  return name === undefined ? id : `${id} · ${name}`;
}
