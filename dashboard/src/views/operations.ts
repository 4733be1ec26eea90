/** How the servers are: who is down or hot and why, latency and load over time, who loses connections. */
import {
  connectionsPanel,
  disconnectsPanel,
  lossesPanel,
  outagesPanel,
  percentilesPanel,
} from "./fleet-panels.ts";
import { serversPanel } from "./lists.ts";
import { measurePanel } from "./server-panels.ts";
import { panelView, type View } from "./view.ts";

/** Makes the view. */
export function createOperations(): View {
  return panelView("operations", [
    serversPanel({ full: true }),
    outagesPanel(),
    measurePanel("latency", { legend: true }),
    percentilesPanel(),
    measurePanel("cpu_load"),
    measurePanel("memory_usage"),
    connectionsPanel(),
    disconnectsPanel(),
    lossesPanel(),
  ]);
}
