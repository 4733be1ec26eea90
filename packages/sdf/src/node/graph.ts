/** A dataflow as a picture: topics, services and what flows between them, with live counts. */
import type { OperatorStats, Plan } from "../engine/index.ts";
import type { DataflowStats } from "./running-dataflow.ts";

export interface GraphNode {
  readonly id: string;
  readonly kind: "topic" | "service";
  readonly name: string;
  /** Of a service. */
  readonly window?: string;
  readonly states?: readonly string[];
  readonly rows?: number;
  readonly late?: number;
  readonly open_windows?: number;
  readonly watermark?: number | null;
  readonly operators?: readonly OperatorStats[];
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** Records since the start: read by the service, or written to the topic by all services together. */
  readonly records: number;
}

export interface DataflowGraph {
  readonly name: string;
  readonly version: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

const MS_PER_S = 1000;

export function describeGraph(plan: Plan, stats: DataflowStats): DataflowGraph {
  const topics = [...new Set([...plan.sources, ...plan.sinks].map(({ topic }) => topic))];
  return {
    name: plan.name,
    version: plan.version,
    nodes: [
      ...topics.map((name) => ({ id: topicId(name), kind: "topic" as const, name })),
      ...plan.services.map((_, index) => serviceNode(plan, stats, index)),
    ],
    edges: plan.services.flatMap((_, index) => edgesOf(plan, stats, index)),
  };
}

function serviceNode(plan: Plan, stats: DataflowStats, index: number): GraphNode {
  const { name, window, states } = plan.services[index] as Plan["services"][number];
  const counts = stats.engine.services[index];
  return {
    id: serviceId(name),
    kind: "service",
    name,
    ...(window === null ? {} : { window: windowText(window) }),
    states: states.map((state) => state.name),
    rows: counts?.rows ?? 0,
    late: counts?.late ?? 0,
    open_windows: counts?.open_windows ?? 0,
    watermark: counts?.watermark ?? null,
    operators: operatorsOf(stats, name),
  };
}

function windowText({
  kind,
  duration_ms,
  slide_ms,
}: NonNullable<Plan["services"][number]["window"]>): string {
  const seconds = (ms: number): string => `${ms / MS_PER_S} s`;
  if (kind === "tumbling") return `${kind} ${seconds(duration_ms)}`;
  return `${kind} ${seconds(duration_ms)} every ${seconds(slide_ms)}`;
}

function operatorsOf(stats: DataflowStats, service: string): OperatorStats[] {
  return stats.engine.operators.filter((operator) => operator.service === service);
}

function edgesOf(plan: Plan, stats: DataflowStats, index: number): GraphEdge[] {
  const { name, sources, sinks } = plan.services[index] as Plan["services"][number];
  // A service decodes each of its sources with an operator, in the order of the file.
  const readers = operatorsOf(stats, name).filter(({ kind }) => kind === "source");
  const reads = sources.map((source, at) => {
    const reader = readers[at];
    const records = (reader?.succeeded ?? 0) + (reader?.failed ?? 0);
    return { from: topicId(plan.sources[source]?.topic ?? ""), to: serviceId(name), records };
  });
  const writes = sinks.map((sink) => {
    const topic = plan.sinks[sink]?.topic ?? "";
    return { from: serviceId(name), to: topicId(topic), records: stats.written[topic] ?? 0 };
  });
  return [...reads, ...writes];
}

function topicId(name: string): string {
  return `topic:${name}`;
}

function serviceId(name: string): string {
  return `service:${name}`;
}

/** The same as Mermaid's text. */
export function toMermaid(graph: DataflowGraph): string {
  const ids = new Map(graph.nodes.map(({ id }, index) => [id, `n${index}`]));
  const nodes = graph.nodes.map((node) => {
    const id = ids.get(node.id) ?? "";
    if (node.kind === "topic") return `  ${id}[("${label(node.name)}")]`;
    const lines = [node.name, node.window, `${node.rows ?? 0} rows`, lateText(node.late ?? 0)];
    const text = lines
      .filter((line) => line !== undefined && line !== "")
      .map((line) => label(String(line)));
    return `  ${id}["${text.join("<br/>")}"]`;
  });
  const edges = graph.edges.map(
    ({ from, to, records }) => `  ${ids.get(from) ?? ""} -->|${records}| ${ids.get(to) ?? ""}`,
  );
  return `${["flowchart LR", ...nodes, ...edges].join("\n")}\n`;
}

function lateText(late: number): string {
  return late === 0 ? "" : `${late} late`;
}

/** Text inside of Mermaid's quotes. */
function label(text: string): string {
  return text.replaceAll(/[^\w .:/-]/g, (char) => `#${char.codePointAt(0) ?? 0};`);
}
