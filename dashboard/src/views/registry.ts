/** Which views there are. All but the first are loaded when they are asked for. */
import type { ViewId } from "../route.ts";
import { createOverview } from "./overview.ts";
import type { View } from "./view.ts";

export const VIEW_TITLES: Readonly<Record<ViewId, string>> = {
  overview: "Overview",
};

/** Makes a view, loading its code first where needed. */
export async function openView(id: ViewId): Promise<View> {
  switch (id) {
    case "overview":
      return createOverview();
  }
}
