/** Where the players are, how they move, where they get stuck, how long they stay and who comes back. */
import { cohortsPanel, flowPanel, retentionPanel, stuckPanel } from "./level-panels.ts";
import { mapsPanel, placesPanel, playersPanel, sessionsPanel } from "./player-panels.ts";
import { arrivalsPanel, durationsPanel } from "./session-panels.ts";
import { panelView, type View } from "./view.ts";

/** Makes the view. */
export function createEngagement(): View {
  return panelView("engagement", [
    placesPanel(),
    stuckPanel(),
    flowPanel(),
    retentionPanel(),
    playersPanel(),
    mapsPanel(),
    durationsPanel(),
    arrivalsPanel(),
    cohortsPanel(),
    sessionsPanel(),
  ]);
}
