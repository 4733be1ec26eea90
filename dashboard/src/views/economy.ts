/** What sells, to how many, what is given back, and in which currencies. */
import { itemsPanel, revenuePanel } from "./sales-panels.ts";
import {
  buyersPanel,
  partsPanel,
  popularPanel,
  refundsPanel,
  takingsReader,
} from "./takings-panels.ts";
import { panelView, type View } from "./view.ts";

/** Bars of the ranking where there is room. */
const RANKS_MAX = 20;

/** Makes the view. */
export function createEconomy(): View {
  const read = takingsReader();
  return panelView("economy", [
    revenuePanel({ legend: true }),
    itemsPanel(RANKS_MAX),
    buyersPanel(read),
    refundsPanel(read),
    popularPanel(read),
    partsPanel("currencies", read),
    partsPanel("types", read),
  ]);
}
