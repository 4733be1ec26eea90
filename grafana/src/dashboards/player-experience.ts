/** Where are the players, and where do they get stuck? */
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { newDashboard } from "../dashboard.ts";
import { addRows, lines, number } from "../panels.ts";
import { listVariable } from "../variables.ts";

const PLAYERS = "$title.players.$level.$map";
const RETENTION = "$title.retention.$level.$map";

/** Players and sessions, and how levels treat them. */
export function playerExperience(): Dashboard {
  const dashboard = newDashboard({
    uid: "gaming-player-experience",
    title: "Player experience",
    description: "Players by level and map, sessions, and the levels where they get stuck.",
  });
  dashboard
    .withVariable(listVariable({ name: "level", label: "Level", query: "$title.players.*" }))
    .withVariable(listVariable({ name: "map", label: "Map", query: "$title.players.$level.*" }));
  addRows(dashboard, [
    {
      height: 4,
      panels: [
        number({
          title: "Players on the chosen levels",
          description: "Seen there in the last minute; one who changed the level counts on both.",
          targets: [`alias(sumSeries(${PLAYERS}.active), 'players')`],
          unit: "none",
        }),
        number({
          title: "Sessions going on",
          description: "Neither ended nor silent for half an hour.",
          targets: ["alias($title.sessions.active, 'sessions')"],
          unit: "none",
        }),
        number({
          title: "Session length",
          description: "Mean of the sessions that ended within ten seconds.",
          targets: ["alias(movingAverage($title.sessions.average_duration, '5min'), 'length')"],
          unit: "s",
        }),
        number({
          title: "Places to get stuck",
          description: "Pairs of level and map where attempts, time or quits stand out.",
          targets: [`alias(sumSeries(${RETENTION}.stuck), 'stuck')`],
          unit: "none",
          steps: [
            [null, "green"],
            [1, "orange"],
          ],
        }),
      ],
    },
    {
      height: 8,
      panels: [
        lines({
          title: "Players by level",
          description: "Distinct players of the last minute.",
          targets: ["groupByNode($title.players.$level.$map.active, 2, 'sum')"],
          unit: "none",
        }),
        lines({
          title: "Players by map",
          description: "Distinct players of the last minute.",
          targets: ["groupByNode($title.players.$level.$map.active, 3, 'sum')"],
          unit: "none",
        }),
      ],
    },
    {
      height: 8,
      panels: [
        lines({
          title: "Sessions",
          description: "Begun, ended and broken off, per ten seconds.",
          targets: ["aliasByNode($title.sessions.{started,ended,disconnected}, 2)"],
          unit: "none",
        }),
        lines({
          title: "Latency that players feel",
          description: "Over all servers: the mean, and the worst 95th percentile.",
          targets: [
            "alias(averageSeries($title.servers.*.latency), 'mean')",
            "alias(maxSeries($title.servers.*.latency_p95), 'worst p95')",
          ],
          unit: "ms",
        }),
      ],
    },
    {
      height: 8,
      panels: [
        lines({
          title: "How attempts end",
          description: "On the chosen levels and maps, over the last minute.",
          targets: [
            `alias(sumSeries(${RETENTION}.started), 'started')`,
            `alias(sumSeries(${RETENTION}.completed), 'completed')`,
            `alias(sumSeries(${RETENTION}.failed), 'failed')`,
            `alias(sumSeries(${RETENTION}.quit), 'quit')`,
          ],
          unit: "none",
        }),
        lines({
          title: "Failed attempts",
          description: "The ten levels and maps with the most.",
          targets: [`aliasByNode(highestAverage(${RETENTION}.failed, 10), 2, 3)`],
          unit: "none",
        }),
        lines({
          title: "Stuck",
          description: "1 where players get stuck.",
          targets: [`aliasByNode(highestAverage(${RETENTION}.stuck, 10), 2, 3)`],
          unit: "none",
        }),
      ],
    },
  ]);
  return dashboard.build();
}
