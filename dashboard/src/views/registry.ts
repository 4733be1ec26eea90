/** Which views there are. All but the first are loaded when they are asked for. */
import type { Config } from "../config.ts";
import { FILTERS, type FilterName, type NavView, type Route, type ViewId } from "../route.ts";
import { createOverview } from "./overview.ts";
import type { View } from "./view.ts";

export const VIEW_TITLES: Readonly<Record<NavView, string>> = {
  overview: "Overview",
  engagement: "Engagement",
  economy: "Economy",
  fraud: "Fraud",
  operations: "Operations",
  pipeline: "Pipeline",
  events: "Events",
};

/** What each view can be narrowed down by; another filter stays in the address and is shown as idle. */
export const VIEW_FILTERS: Readonly<Record<ViewId, readonly FilterName[]>> = {
  overview: ["title", "level", "map", "item", "server", "region"],
  engagement: ["title", "level", "map", "region", "platform"],
  economy: ["title", "item"],
  fraud: ["title", "item"],
  operations: ["title", "server", "region"],
  pipeline: ["title"],
  events: FILTERS,
  level: ["title", "map"],
  item: ["title"],
  player: ["title"],
  server: ["title"],
};

/** The heading of what is on show. */
export function titleOfRoute({ view, id }: { readonly view: ViewId; readonly id: string }): string {
  return view in VIEW_TITLES ? VIEW_TITLES[view as NavView] : `${view} ${id}`;
}

/** Makes a view, loading its code first where needed. */
export async function openView({ view, id }: Route, config: Config): Promise<View> {
  switch (view) {
    case "overview":
      return createOverview();
    case "engagement":
      return (await import("./engagement.ts")).createEngagement();
    case "economy":
      return (await import("./economy.ts")).createEconomy();
    case "fraud":
      return (await import("./fraud.ts")).createFraud(config);
    case "operations":
      return (await import("./operations.ts")).createOperations();
    case "pipeline":
      return (await import("./pipeline.ts")).createPipeline(config);
    case "events":
      return (await import("./events.ts")).createEvents(config);
    case "level":
    case "item":
    case "player":
    case "server":
      return (await import("./details.ts")).createDetail(view, id, config);
  }
}
