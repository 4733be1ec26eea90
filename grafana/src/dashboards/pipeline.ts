/** Does what is measured get through, and how late? */
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { newDashboard } from "../dashboard.ts";
import { addRows, lines, number } from "../panels.ts";

const SINK = "gaming.pipeline.graphite-sink";

/** Records of the topics, what became of them, and the last step of the way. */
export function pipeline(): Dashboard {
  const dashboard = newDashboard({
    uid: "gaming-pipeline",
    title: "Pipeline",
    description:
      "Records by topic, what became of them, how late they are, and the last step to Graphite.",
  });
  addRows(dashboard, [
    {
      height: 4,
      panels: [
        number({
          title: "Records per second",
          description: "Of all topics.",
          targets: ["alias(sumSeries(perSecond($title.pipeline.*.records)), 'records')"],
          unit: "eps",
        }),
        number({
          title: "Delay before the topic",
          description: "Longest way of an event from the edge to its topic.",
          targets: ["alias(maxSeries($title.pipeline.*.delay_seconds), 'delay')"],
          unit: "s",
          steps: [
            [null, "green"],
            [10, "orange"],
            [30, "red"],
          ],
        }),
        number({
          title: "Age of the newest point",
          description:
            "When graphite-sink wrote it: the whole way, the ten seconds of the window included.",
          targets: [`alias(${SINK}.lag_seconds, 'age')`],
          unit: "s",
          steps: [
            [null, "green"],
            [30, "orange"],
            [60, "red"],
          ],
        }),
        number({
          title: "Without series",
          description: "Servers, levels or items beyond what a dataflow gives series to.",
          targets: ["alias(sumSeries($title.pipeline.*.series_refused), 'refused')"],
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
          title: "Records by topic",
          description: "Per second.",
          targets: ["aliasByNode(perSecond($title.pipeline.*.records), 2)"],
          unit: "eps",
        }),
        lines({
          title: "Delay by topic",
          description: "Longest way of an event from the edge to the topic.",
          targets: ["aliasByNode($title.pipeline.*.delay_seconds, 2)"],
          unit: "s",
        }),
      ],
    },
    {
      height: 8,
      panels: [
        lines({
          title: "Duplicates",
          description: "Came before, and count once. Per second.",
          targets: ["aliasByNode(perSecond($title.pipeline.*.duplicates), 2)"],
          unit: "eps",
        }),
        lines({
          title: "Refused",
          description: "Make no sense; kept on <topic>-rejected with the reason. Per second.",
          targets: ["aliasByNode(perSecond($title.pipeline.*.refused), 2)"],
          unit: "eps",
        }),
        lines({
          title: "Late",
          description: "Came after their window had closed. Per second.",
          targets: ["aliasByNode(perSecond($title.pipeline.*.late), 2)"],
          unit: "eps",
        }),
      ],
    },
    {
      height: 8,
      panels: [
        lines({
          title: "graphite-sink: lines",
          description: "Written per second.",
          targets: [`alias(perSecond(${SINK}.lines), 'lines')`],
          unit: "eps",
        }),
        lines({
          title: "graphite-sink: trouble",
          description:
            "Since its start: lines that Graphite would drop, tries that had to be repeated, records written again.",
          targets: [`aliasByNode(${SINK}.{refused,retries,resent}, 3)`],
          unit: "none",
        }),
        lines({
          title: "Heartbeat",
          description: "1 whenever a record has reached Graphite.",
          targets: ["alias(gaming.connector.heartbeat, 'heartbeat')"],
          unit: "none",
        }),
      ],
    },
  ]);
  return dashboard.build();
}
