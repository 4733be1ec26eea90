/** How the servers are: who is hot, and since when. */
import { serversPanel } from "./lists.ts";
import { measurePanel } from "./server-panels.ts";
import { panelView, type View } from "./view.ts";

/** Makes the view. */
export function createOperations(): View {
  return panelView("operations", [
    serversPanel(),
    measurePanel("latency", { legend: true }),
    measurePanel("cpu_load"),
    measurePanel("memory_usage"),
  ]);
}
