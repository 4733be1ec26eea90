/** What is on show, as the address says it: `#/engagement?range=15&level=level_03`. */
export const VIEWS = ["overview", "engagement", "economy", "operations", "pipeline"] as const;
export type ViewId = (typeof VIEWS)[number];

/** The things that can be looked at alone. */
export const FILTERS = ["level", "map", "item", "server"] as const;
export type FilterName = (typeof FILTERS)[number];
export type Filter = { readonly [F in FilterName]?: string };

export interface Route {
  readonly view: ViewId;
  readonly rangeMinutes: number;
  /** A past moment to look at, epoch milliseconds. */
  readonly atMs: number | undefined;
  readonly filter: Filter;
}

const RANGE_MINUTES = 5;
const RANGES_MINUTES: readonly number[] = [1, 5, 15];

/** Reads an address; what cannot be read falls back to the default. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const params = new URLSearchParams(query);
  const range = Number(params.get("range"));
  const at = Number(params.get("at"));
  const filter: { [F in FilterName]?: string } = {};
  for (const name of FILTERS) {
    const value = params.get(name);
    if (value !== null && value !== "") filter[name] = value;
  }
  return {
    view: VIEWS.find((view) => view === path) ?? "overview",
    rangeMinutes: RANGES_MINUTES.includes(range) ? range : RANGE_MINUTES,
    atMs: at > 0 ? at : undefined,
    filter,
  };
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
  return `#/${route.view}${query}`;
}

/** The filter without one of its parts. */
export function withoutFilter(filter: Filter, name: FilterName): Filter {
  return Object.fromEntries(Object.entries(filter).filter(([key]) => key !== name));
}
