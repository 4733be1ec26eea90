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
  courses: Pick<Courses, "level-activity" | "level-retention" | "item-sales">,
  before: Names = NO_NAMES,
): Names {
  const added = { levels: new Map<string, string>(), maps: new Map(), items: new Map() };
  const put = (kind: keyof Names, id: string, name: string | undefined): void => {
    if (name !== undefined && name !== "" && before[kind].get(id) !== name) {
      added[kind].set(id, name);
    }
  };
  for (const { values } of [...courses["level-activity"], ...courses["level-retention"]]) {
    for (const value of values) {
      put("levels", value.level_id, value.level_name);
      put("maps", value.map_id, value.map_name);
    }
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

/** "level_03 · Frozen Pass", or the id alone: where there is room, and one chooses by id. */
export function named(names: ReadonlyMap<string, string>, id: string): string {
  const name = names.get(id);
  return name === undefined ? id : `${id} · ${name}`;
}

/** What an id is called. No two ids are called the same, so a chart may tell things apart by it. */
export type Caller = (id: string) => string;

/** What charts and tables call things: by their name alone. */
export interface Called {
  readonly level: Caller;
  readonly map: Caller;
  readonly item: Caller;
}

/** Gathers what everything is called. */
export function calledBy({ levels, maps, items }: Names): Called {
  return { level: callerOf(levels), map: callerOf(maps), item: callerOf(items) };
}

/** Calls by the name alone, and by id and name where several share one. */
export function callerOf(names: ReadonlyMap<string, string>): Caller {
  const bearers = new Map<string, number>();
  for (const name of names.values()) bearers.set(name, (bearers.get(name) ?? 0) + 1);
  return (id) => {
    const name = names.get(id);
    return name === undefined || (bearers.get(name) ?? 0) > 1 ? named(names, id) : name;
  };
}
