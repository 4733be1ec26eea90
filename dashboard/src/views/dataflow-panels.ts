/** Panels about the dataflows: the graph, what each read and counted, and every operator. */
import { dataflowShapes } from "../charts/dataflow.ts";
import { formatAge, formatCount, formatTenth, plural } from "../format.ts";
import { accountsOf, type TopicAccount } from "../model/conservation.ts";
import { dataflowsOf, type Dataflows } from "../model/dataflows.ts";
import { remembered, sumOf } from "../model/windows.ts";
import { diagramPanel } from "./diagram-panel.ts";
import type { FramePanel } from "./frame-panel.ts";
import { accountLine } from "./account-line.ts";
import { frameList } from "./lists.ts";

const PHONE_PX = 900;
const MIB = 1024 * 1024;

/** Topics and services with what flows between them. */
export function dataflowPanel(): FramePanel {
  const dataflows = remembered(dataflowsOf);
  const options = {
    id: "dataflows",
    title: "Dataflows",
    empty: "No dataflow has described itself yet.",
    tableBelowPx: PHONE_PX,
    table: {
      testId: "dataflow-graph",
      caption: "Topics and services of the dataflows",
      columns: ["Name", "Kind", "~Dataflow", ">A second", "~>Late", ">Failed", "~>Behind"],
    },
  };
  return diagramPanel(
    options,
    (frame) => dataflows(frame.courses["dataflow-graph"]),
    (graph) => ({
      isEmpty: graph.nodes.length === 0,
      summary: graphWords(graph),
      legend: graph.flows.map(({ dataflow }, slot) => ({ name: dataflow, slot })),
      shapes: (room) => dataflowShapes(graph, room),
      rows: () =>
        graph.nodes.map((node) => ({
          key: node.id,
          cells: [
            node.name,
            node.kind,
            node.dataflow || "–",
            formatTenth(node.rate),
            formatCount(node.late),
            formatCount(node.failed),
            node.lagMs === undefined ? "–" : formatAge(node.lagMs),
          ],
          data: {
            "data-node": node.id,
            "data-rate": node.rate,
            "data-failed": node.failed,
            "data-late": node.late,
          },
        })),
    }),
  );
}

function graphWords({ flows, nodes }: Dataflows): string {
  const failed = sumOf(nodes, (node) => node.failed);
  const dropped = sumOf(flows, (flow) => flow.dropped);
  const memory = sumOf(flows, (flow) => flow.memoryBytes) / MIB;
  return `${plural(flows.length, "dataflow")} in ${formatCount(memory)} MiB; ${plural(failed, "record")} failed, ${formatCount(dropped)} dropped.`;
}

/** Every operator's rate and errors. */
export function operatorsPanel(): FramePanel {
  const dataflows = remembered(dataflowsOf);
  const options = {
    id: "operators",
    title: "Operators",
    table: {
      testId: "dataflow-operators",
      caption: "Operators of the dataflows",
      columns: [
        "Operator",
        "~Kind",
        "~Service",
        "~Dataflow",
        ">A second",
        ">In",
        "~>Out",
        "~>Filtered",
        ">Failed",
      ],
    },
    empty: "No dataflow has described itself yet.",
  };
  return frameList(
    options,
    (frame) => dataflows(frame.courses["dataflow-graph"]),
    ({ nodes }) => {
      const rows = nodes.flatMap((node) =>
        node.operators.map((operator) => ({
          key: `${node.id}/${operator.id}`,
          cells: [
            operator.name,
            operator.kind,
            operator.service,
            node.dataflow,
            formatTenth(operator.rate),
            formatCount(operator.in),
            formatCount(operator.out),
            formatCount(operator.filtered),
            formatCount(operator.failed),
          ],
          data: {
            "data-operator": operator.name,
            "data-failed": operator.failed,
            "data-rate": operator.rate,
          },
        })),
      );
      return { summary: `${plural(rows.length, "operator")}.`, rows };
    },
  );
}

/** "read = in windows + late + duplicates + refused", over all topics. */
export function readAccount(): FramePanel {
  const accounts = remembered(accountsOf);
  const line = accountLine({
    label: "Account of the dataflows",
    parts: ["read", "in windows", "late", "duplicates", "refused"],
    testId: "dataflows",
  });
  return {
    element: line.element,
    draw(frame) {
      const topics = accounts(frame.courses["pipeline-stats"]);
      const sum = (pick: (topic: TopicAccount) => number): number => sumOf(topics, pick);
      const missing = sumOf(topics, (topic) => Math.abs(topic.missing));
      line.show([
        sum((topic) => topic.records),
        sum((topic) => topic.counted),
        sum((topic) => topic.late),
        sum((topic) => topic.duplicates),
        sum((topic) => topic.refused),
      ]);
      line.judge(
        topics.length === 0
          ? "The dataflows have not accounted for anything yet."
          : missing === 0
            ? "Every record that the dataflows read is accounted for."
            : `${plural(missing, "record")} not accounted for.`,
        missing === 0,
      );
    },
    dispose: () => undefined,
  };
}

/** What the dataflows read of each topic, and what became of it. */
export function readingPanel(): FramePanel {
  const accounts = remembered(accountsOf);
  const options = {
    id: "reading",
    title: "Read by the dataflows",
    table: {
      testId: "pipeline-account",
      caption: "What became of the records of each topic since the start",
      columns: [
        "Topic",
        ">Read",
        ">In windows",
        ">Late",
        "~>Duplicates",
        "~>Refused",
        ">Missing",
        "~>On the way",
      ],
    },
    empty: "Dataflows account for what they read every ten seconds.",
  };
  return frameList(
    options,
    (frame) => accounts(frame.courses["pipeline-stats"]),
    (topics) => ({
      summary: readingWords(topics),
      rows: topics.map((account) => ({
        key: account.topic,
        cells: [
          account.topic,
          formatCount(account.records),
          formatCount(account.counted),
          formatCount(account.late),
          formatCount(account.duplicates),
          formatCount(account.refused),
          formatCount(account.missing),
          account.delayMsMax === undefined ? "–" : `${formatCount(account.delayMsMax)} ms`,
        ],
        titles: [
          undefined,
          undefined,
          undefined,
          undefined,
          undefined,
          account.refusedBy.map(({ reason, records }) => `${reason}: ${records}`).join("\n") ||
            undefined,
        ],
        data: {
          "data-topic": account.topic,
          "data-records": account.records,
          "data-counted": account.counted,
          "data-late": account.late,
          "data-duplicates": account.duplicates,
          "data-refused": account.refused,
          "data-missing": account.missing,
        },
      })),
    }),
  );
}

function readingWords(topics: readonly TopicAccount[]): string {
  const missing = sumOf(topics, (topic) => Math.abs(topic.missing));
  return missing === 0
    ? "Read = in windows + late + duplicates + refused, for every topic."
    : `${plural(missing, "record")} not accounted for.`;
}
