/** What sells, and which accounts buy suspiciously. */
import { flagsPanel } from "./lists.ts";
import { flagCoursePanel, itemsPanel, revenuePanel } from "./sales-panels.ts";
import { panelView, type View } from "./view.ts";

/** Bars of the ranking where there is room. */
const RANKS_MAX = 20;

/** Makes the view. */
export function createEconomy(): View {
  return panelView("economy", [
    revenuePanel(),
    itemsPanel(RANKS_MAX),
    flagsPanel(),
    flagCoursePanel(),
  ]);
}
