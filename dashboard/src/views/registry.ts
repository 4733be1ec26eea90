/** Which views there are. All but the first are loaded when they are asked for. */
import type { Config } from "../config.ts";
import type { ViewId } from "../route.ts";
import { createOverview } from "./overview.ts";
import type { View } from "./view.ts";

export const VIEW_TITLES: Readonly<Record<ViewId, string>> = {
  overview: "Overview",
  engagement: "Engagement",
  economy: "Economy",
  operations: "Operations",
  pipeline: "Pipeline",
};

/** Makes a view, loading its code first where needed. */
export async function openView(id: ViewId, config: Config): Promise<View> {
  switch (id) {
    case "overview":
      return createOverview();
    case "engagement":
      return (await import("./engagement.ts")).createEngagement();
    case "economy":
      return (await import("./economy.ts")).createEconomy();
    case "operations":
      return (await import("./operations.ts")).createOperations();
    case "pipeline":
      return (await import("./pipeline.ts")).createPipeline(config);
  }
}
