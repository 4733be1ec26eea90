/** What the reader can narrow the page down to: what is in the data that the page holds. */
import { titleOf } from "@arenaflow/events";
import type { InsightState, TopicSlice } from "../data/store.ts";
import type { FilterName } from "../route.ts";
import { byName, named, type Names } from "./names.ts";

export interface FilterChoice {
  readonly name: FilterName;
  readonly label: string;
  /** What there is to choose from, with names for people. */
  readonly options: readonly { readonly value: string; readonly text: string }[];
}

/** Choices beyond this cannot be looked through; the address takes any. */
const OPTIONS_MAX = 200;

const PLATFORMS = ["pc", "mac", "linux", "ios", "android", "web", "playstation", "xbox", "switch"];

/** The choices of every filter. Reads only the newest windows of each topic: what is not there now is rarely wanted. */
export function choicesOf(state: InsightState, names: Names | undefined): FilterChoice[] {
  const places = newestValues(state["level-activity"]);
  const servers = newestValues(state["server-health"]);
  const sales = newestValues(state["item-sales"]);
  const platforms = newestValues(state["session-stats"]).flatMap((value) =>
    (value.by_platform ?? []).map((share) => share.platform),
  );
  const titles = new Set(
    [...places, ...servers, ...sales].map((value) => titleOf({ ...value }) ?? ""),
  );
  const choice = (
    name: FilterName,
    label: string,
    ids: Iterable<string>,
    text: (id: string) => string = (id) => id,
  ): FilterChoice => ({
    name,
    label,
    options: [...new Set(ids)]
      .filter((id) => id !== "")
      .toSorted(byName)
      .slice(0, OPTIONS_MAX)
      .map((value) => ({ value, text: text(value) })),
  });
  return [
    choice("title", "All titles", titles.size > 1 ? titles : []),
    choice(
      "level",
      "All levels",
      places.map((value) => value.level_id),
      (id) => (names === undefined ? id : named(names.levels, id)),
    ),
    choice(
      "map",
      "All maps",
      places.map((value) => value.map_id),
      (id) => (names === undefined ? id : named(names.maps, id)),
    ),
    choice(
      "item",
      "All items",
      sales.map((value) => value.item_id),
      (id) => (names === undefined ? id : named(names.items, id)),
    ),
    choice(
      "server",
      "All servers",
      servers.map((value) => value.server_id),
    ),
    choice(
      "region",
      "All regions",
      servers.map((value) => value.region ?? ""),
    ),
    choice("platform", "All platforms", platforms.length > 0 ? platforms : PLATFORMS),
  ];
}

/** Windows looked into. */
const WINDOWS_MAX = 24;

function newestValues<T>(slice: TopicSlice<T>): T[] {
  return [...slice.windows.entries()]
    .toSorted(([a], [b]) => b - a)
    .slice(0, WINDOWS_MAX)
    .flatMap(([, groups]) => [...groups.values()].map(({ value }) => value));
}
