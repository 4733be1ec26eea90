/** What all dashboards have in common. */
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { titleVariable } from "./variables.ts";

const TAG = "arenaflow";

/** An empty dashboard with the title variable and links to the others. */
export function newDashboard(options: {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
}): DashboardBuilder {
  const others = new DashboardLinkBuilder("Arenaflow")
    .type(DashboardLinkType.Dashboards)
    .tags([TAG])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true);
  return new DashboardBuilder(options.title)
    .uid(options.uid)
    .description(options.description)
    .tags([TAG])
    .readonly()
    .timezone("browser")
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: "now-30m", to: "now" })
    .refresh("10s")
    .link(others)
    .withVariable(titleVariable());
}
