/** All running dataflows as one graph: topics and services in layers, from what enters to what comes out. */
import type { DataflowGraph, GraphNode, GraphOperator } from "@arenaflow/events";
import { byName } from "./names.ts";
import type { Course } from "./windows.ts";

export interface FlowNode {
  /** Services of different dataflows may share a name. */
  readonly id: string;
  readonly kind: GraphNode["kind"];
  readonly name: string;
  /** The dataflow of a service; empty for a topic. */
  readonly dataflow: string;
  /** Column from the left. */
  readonly layer: number;
  readonly rate: number;
  readonly failed: number;
  readonly late: number;
  readonly windowing: string;
  readonly states: readonly string[];
  readonly rows: number;
  /** Now less the watermark; undefined without windows. */
  readonly lagMs: number | undefined;
  readonly operators: readonly GraphOperator[];
}

export interface FlowEdge {
  readonly from: string;
  readonly to: string;
  readonly records: number;
  readonly rate: number;
}

export interface Dataflows {
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
  readonly layers: number;
  readonly flows: readonly {
    readonly dataflow: string;
    readonly version: string;
    readonly startedMs: number;
    readonly memoryBytes: number;
    readonly dropped: number;
  }[];
  readonly asOfMs: number;
}

/** Joins the newest picture of every dataflow at the topics they share. */
export function dataflowsOf(courses: readonly Course<DataflowGraph>[]): Dataflows {
  const newest = new Map<string, DataflowGraph>();
  for (const { values } of courses) for (const value of values) newest.set(value.dataflow, value);
  const graphs = [...newest.values()].toSorted((a, b) => byName(a.dataflow, b.dataflow));
  const nodes = new Map<string, Omit<FlowNode, "layer">>();
  const edges: FlowEdge[] = [];
  for (const graph of graphs) {
    const own = (id: string): string => (id.startsWith("topic:") ? id : `${graph.dataflow}/${id}`);
    for (const node of graph.nodes) {
      const id = own(node.id);
      const known = nodes.get(id);
      // Several dataflows read one topic at the same rate, or write to it side by side.
      const rate = Math.max(known?.rate ?? 0, node.rate);
      nodes.set(id, { ...nodeOf(id, node, graph), rate });
    }
    for (const { from, to, records, rate } of graph.edges) {
      edges.push({ from: own(from), to: own(to), records, rate });
    }
  }
  const layers = layersOf([...nodes.keys()], edges);
  return {
    nodes: [...nodes.values()].map((node) => ({ ...node, layer: layers.get(node.id) ?? 0 })),
    edges,
    layers: Math.max(0, ...layers.values()) + 1,
    flows: graphs.map((graph) => ({
      dataflow: graph.dataflow,
      version: graph.version,
      startedMs: graph.started_at,
      memoryBytes: graph.memory_bytes,
      dropped: graph.dropped,
    })),
    asOfMs: courses.at(-1)?.endMs ?? 0,
  };
}

function nodeOf(id: string, node: GraphNode, graph: DataflowGraph): Omit<FlowNode, "layer"> {
  const watermark = node.watermark ?? undefined;
  return {
    id,
    kind: node.kind,
    name: node.name,
    dataflow: node.kind === "topic" ? "" : graph.dataflow,
    rate: node.rate,
    failed: node.failed ?? 0,
    late: node.late ?? 0,
    windowing: node.windowing ?? "",
    states: node.states ?? [],
    rows: node.rows ?? 0,
    lagMs: watermark === undefined ? undefined : Math.max(0, graph.window_end - watermark),
    operators: node.operators ?? [],
  };
}

/** Longest way from a source, in steps, along the edges that lead on. */
function layersOf(ids: readonly string[], edges: readonly FlowEdge[]): Map<string, number> {
  const layers = new Map(ids.map((id) => [id, 0]));
  const onward = withoutReturns(ids, edges);
  // Every round settles at least the next layer; without circles there are no more layers than nodes.
  for (let round = 0; round < ids.length; round += 1) {
    let moved = false;
    for (const { from, to } of onward) {
      const wanted = (layers.get(from) ?? 0) + 1;
      if ((layers.get(to) ?? 0) >= wanted) continue;
      layers.set(to, wanted);
      moved = true;
    }
    if (!moved) break;
  }
  return layers;
}

/** The edges without those that close a circle: a dataflow may read again what another one wrote. */
function withoutReturns(ids: readonly string[], edges: readonly FlowEdge[]): FlowEdge[] {
  const leaving = Map.groupBy(edges, (edge) => edge.from);
  const entered = new Set(edges.map((edge) => edge.to));
  const done = new Set<string>();
  const underWay = new Set<string>();
  const kept: FlowEdge[] = [];
  const visit = (id: string): void => {
    underWay.add(id);
    for (const edge of leaving.get(id) ?? []) {
      if (underWay.has(edge.to)) continue;
      kept.push(edge);
      if (!done.has(edge.to)) visit(edge.to);
    }
    underWay.delete(id);
    done.add(id);
  };
  // Sources first: what is entered by nothing cannot be on a circle.
  const inOrder = ids.toSorted((a, b) => Number(entered.has(a)) - Number(entered.has(b)));
  for (const id of inOrder) if (!done.has(id)) visit(id);
  return kept;
}
