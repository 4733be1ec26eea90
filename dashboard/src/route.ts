/** What is on show, as the address says it: `#/engagement?range=15&level=level_03`, `#/server/server_8`. */
export const NAV_VIEWS = [
  "overview",
  "engagement",
  "economy",
  "fraud",
  "operations",
  "pipeline",
  "events",
] as const;
export type NavView = (typeof NAV_VIEWS)[number];

/** The pages about one thing; the address names it. */
export const DETAILS = ["level", "item", "player", "server"] as const;
export type DetailKind = (typeof DETAILS)[number];
export type ViewId = NavView | DetailKind;

/** What every view can be narrowed down by. */
export const FILTERS = ["title", "level", "map", "item", "server", "region", "platform"] as const;
export type FilterName = (typeof FILTERS)[number];
export type Filter = { readonly [F in FilterName]?: string };

export interface Route {
  readonly view: ViewId;
  /** Of the thing that a page is about; empty on a view. */
  readonly id: string;
  readonly rangeMinutes: number;
  /** A past moment to look at, epoch milliseconds. */
  readonly atMs: number | undefined;
  readonly filter: Filter;
}

const RANGE_MINUTES = 5;
const RANGES_MINUTES: readonly number[] = [1, 5, 15, 60];

/** Reads an address; what cannot be read falls back to the default. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [first = "", ...rest] = path.split("/");
  const params = new URLSearchParams(query);
  const range = Number(params.get("range"));
  const at = Number(params.get("at"));
  const filter: { [F in FilterName]?: string } = {};
  for (const name of FILTERS) {
    const value = params.get(name);
    if (value !== null && value !== "") filter[name] = value;
  }
  const id = decoded(rest.join("/"));
  const detail = id === "" ? undefined : DETAILS.find((kind) => kind === first);
  return {
    view: detail ?? NAV_VIEWS.find((view) => view === first) ?? "overview",
    id: detail === undefined ? "" : id,
    rangeMinutes: RANGES_MINUTES.includes(range) ? range : RANGE_MINUTES,
    atMs: at > 0 ? at : undefined,
    filter,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Writes an address; defaults are left out. */
export function formatRoute(route: Route): string {
  const params = new URLSearchParams();
  if (route.rangeMinutes !== RANGE_MINUTES) params.set("range", String(route.rangeMinutes));
  if (route.atMs !== undefined) params.set("at", String(route.atMs));
  for (const name of FILTERS) {
    const value = route.filter[name];
    if (value !== undefined) params.set(name, value);
  }
  const query = params.size === 0 ? "" : `?${params.toString()}`;
  const id = route.id === "" ? "" : `/${encodeURIComponent(route.id)}`;
  return `#/${route.view}${id}${query}`;
}

/** The filter without one of its parts. */
export function withoutFilter(filter: Filter, name: FilterName): Filter {
  return Object.fromEntries(Object.entries(filter).filter(([key]) => key !== name));
}

/** What the data is narrowed down to: a page about a thing shows nothing else. */
export function effectiveFilter({ view, id, filter }: Route): Filter {
  return view === "level" || view === "item" || view === "server"
    ? { ...filter, [view]: id }
    : filter;
}
