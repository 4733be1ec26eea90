/** What is on show, as the address says it: `#/overview?range=5&at=1732264800000`. */
export const VIEWS = ["overview"] as const;
export type ViewId = (typeof VIEWS)[number];

export interface Route {
  readonly view: ViewId;
  readonly rangeMinutes: number;
  /** A past moment to look at, epoch milliseconds. */
  readonly atMs: number | undefined;
}

const RANGE_MINUTES = 5;
const RANGES_MINUTES: readonly number[] = [1, 5, 15];

/** Reads an address; what cannot be read falls back to the default. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const params = new URLSearchParams(query);
  const range = Number(params.get("range"));
  const at = Number(params.get("at"));
  return {
    view: VIEWS.find((view) => view === path) ?? "overview",
    rangeMinutes: RANGES_MINUTES.includes(range) ? range : RANGE_MINUTES,
    atMs: at > 0 ? at : undefined,
  };
}

/** Writes an address; defaults are left out. */
export function formatRoute(route: Route): string {
  const params = new URLSearchParams();
  if (route.rangeMinutes !== RANGE_MINUTES) params.set("range", String(route.rangeMinutes));
  if (route.atMs !== undefined) params.set("at", String(route.atMs));
  const query = params.size === 0 ? "" : `?${params.toString()}`;
  return `#/${route.view}${query}`;
}
