/** Are the servers well? */
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { newDashboard } from "../dashboard.ts";
import { addRows, lines, number } from "../panels.ts";
import { listVariable } from "../variables.ts";

const SERVERS = "$title.servers.$server";

/** Regions and servers; latency, load, players and lost connections of each. */
export function serverHealth(): Dashboard {
  const dashboard = newDashboard({
    uid: "gaming-server-health",
    title: "Server health",
    description: "Load, latency, players and lost connections per game server, every ten seconds.",
  });
  dashboard
    .withVariable(listVariable({ name: "region", label: "Region", query: "$title.regions.*" }))
    .withVariable(
      listVariable({ name: "server", label: "Server", query: "$title.regions.$region.*" }),
    );
  addRows(dashboard, [
    {
      height: 4,
      panels: [
        number({
          title: "Servers up",
          description: "Servers that have reported within the last ten seconds.",
          targets: [`alias(sumSeries(${SERVERS}.up), 'up')`],
          unit: "none",
        }),
        number({
          title: "Servers silent",
          description: "Silent for ten seconds or more. Ten minutes later a server is forgotten.",
          targets: [`alias(sumSeries(offset(scale(${SERVERS}.up, -1), 1)), 'silent')`],
          unit: "none",
          steps: [
            [null, "green"],
            [1, "red"],
          ],
        }),
        number({
          title: "Players connected",
          description: "On the chosen servers.",
          targets: [`alias(sumSeries(${SERVERS}.players), 'players')`],
          unit: "none",
        }),
        number({
          title: "Worst latency",
          description: "The highest 95th percentile of any server.",
          targets: [`alias(maxSeries(${SERVERS}.latency_p95), 'p95')`],
          unit: "ms",
          steps: [
            [null, "green"],
            [100, "orange"],
            [150, "red"],
          ],
        }),
        number({
          title: "Highest load",
          description: "The mean load of the busiest server.",
          targets: [`alias(maxSeries(${SERVERS}.cpu), 'load')`],
          unit: "percent",
          steps: [
            [null, "green"],
            [75, "orange"],
            [90, "red"],
          ],
        }),
        number({
          title: "Connections lost",
          description: "Within the shown time.",
          targets: [`alias(sumSeries(${SERVERS}.disconnects), 'lost')`],
          unit: "none",
          reducer: "sum",
        }),
      ],
    },
    {
      height: 8,
      panels: [
        lines({
          title: "Latency",
          description:
            "Mean. One that climbs with the load means a server that is too small; without it, the network.",
          targets: [`aliasByNode(${SERVERS}.latency, 2)`],
          unit: "ms",
        }),
        lines({
          title: "Latency, 95th percentile",
          description: "The worst of each ten seconds: what the unlucky players feel.",
          targets: [`aliasByNode(${SERVERS}.latency_p95, 2)`],
          unit: "ms",
        }),
      ],
    },
    {
      height: 8,
      panels: [
        lines({
          title: "Load",
          description: "Mean load of the processor.",
          targets: [`aliasByNode(${SERVERS}.cpu, 2)`],
          unit: "percent",
        }),
        lines({
          title: "Memory",
          description: "Mean use of memory. A line that only climbs is a leak.",
          targets: [`aliasByNode(${SERVERS}.memory, 2)`],
          unit: "percent",
        }),
      ],
    },
    {
      height: 8,
      panels: [
        lines({
          title: "Players by server",
          description: "Connected at the newest measurement.",
          targets: [`aliasByNode(${SERVERS}.players, 2)`],
          unit: "none",
        }),
        lines({
          title: "Players by region",
          description: "All servers of the chosen regions.",
          targets: ["groupByNode($title.regions.$region.*.players, 2, 'sum')"],
          unit: "none",
        }),
      ],
    },
    {
      height: 8,
      panels: [
        lines({
          title: "Connections lost by server",
          description: "Per ten seconds.",
          targets: [`aliasByNode(${SERVERS}.disconnects, 2)`],
          unit: "none",
        }),
        lines({
          title: "Up",
          description: "1 while a server reports, 0 while it is silent.",
          targets: [`aliasByNode(${SERVERS}.up, 2)`],
          unit: "none",
        }),
      ],
    },
  ]);
  return dashboard.build();
}
