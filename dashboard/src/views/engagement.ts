/** Where the players are, by level and by map, and how long they stay. */
import { mapsPanel, placesPanel, playersPanel, sessionsPanel } from "./player-panels.ts";
import { panelView, type View } from "./view.ts";

/** Makes the view. */
export function createEngagement(): View {
  return panelView("engagement", [placesPanel(), playersPanel(), mapsPanel(), sessionsPanel()]);
}
