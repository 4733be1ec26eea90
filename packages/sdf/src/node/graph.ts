/**
 * A dataflow as a picture: topics, services and what flows between them, with live counts and rates.
 * The shape is that of the insight `dataflow-graph`.
 */
import type { OperatorStats, Plan } from "../engine/index.ts";
import type { DataflowStats, RunningDataflow } from "./running-dataflow.ts";

export interface GraphOperator {
  readonly id: number;
  readonly service: string;
  readonly kind: string;
  readonly name: string;
  readonly in: number;
  readonly out: number;
  readonly failed: number;
  readonly filtered: number;
  /** Records given to it per second. */
  readonly rate: number;
}

export interface GraphNode {
  readonly id: string;
  readonly kind: "topic" | "service";
  readonly name: string;
  readonly rate: number;
  /** The rest of a service only. */
  readonly windowing?: string;
  readonly in?: number;
  /** Written to its topics, by other services too where they share one. */
  readonly out?: number;
  readonly failed?: number;
  readonly late?: number;
  readonly open_windows?: number;
  readonly watermark?: number | null;
  readonly states?: readonly string[];
  readonly rows?: number;
  readonly operators?: readonly GraphOperator[];
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** Records since the start: read by the service, or written to the topic by all services together. */
  readonly records: number;
  readonly rate: number;
}

export interface DataflowGraph {
  readonly dataflow: string;
  readonly version: string;
  readonly started_at: number;
  readonly memory_bytes: number;
  readonly dropped: number;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** Counters, and when they were read. */
interface Sample {
  readonly stats: DataflowStats;
  readonly atMs: number;
}

const MS_PER_S = 1000;
/** Rates are taken over at least so long, once there is so much to look back on. */
const RATE_OVER_MS = 5_000;

/** Takes pictures of a running dataflow. */
export class GraphMeter {
  readonly #dataflow: RunningDataflow;
  readonly #startedMs: number;
  #base: Sample;
  #newest: Sample;

  constructor(dataflow: RunningDataflow, nowMs: number) {
    this.#dataflow = dataflow;
    this.#startedMs = nowMs;
    this.#newest = { stats: dataflow.stats(), atMs: nowMs };
    this.#base = this.#newest;
  }

  /** The picture now; its rates are those since a picture about five seconds ago. */
  read(nowMs: number): DataflowGraph {
    const sample = { stats: this.#dataflow.stats(), atMs: nowMs };
    if (nowMs - this.#newest.atMs >= RATE_OVER_MS) {
      this.#base = this.#newest;
      this.#newest = sample;
    }
    return new Picture(this.#dataflow.plan, sample, this.#base).describe(this.#startedMs);
  }
}

class Picture {
  readonly #plan: Plan;
  readonly #now: DataflowStats;
  readonly #before: DataflowStats;
  readonly #seconds: number;

  constructor(plan: Plan, now: Sample, before: Sample) {
    this.#plan = plan;
    this.#now = now.stats;
    this.#before = before.stats;
    this.#seconds = (now.atMs - before.atMs) / MS_PER_S;
  }

  describe(startedMs: number): DataflowGraph {
    const { name, services, sinks, sources, version } = this.#plan;
    const topics = [...new Set([...sources, ...sinks].map(({ topic }) => topic))];
    return {
      dataflow: name,
      version,
      started_at: startedMs,
      memory_bytes: this.#now.engine.memory_bytes,
      dropped: this.#now.dropped,
      nodes: [
        ...topics.map((topic) => this.#topic(topic)),
        ...services.map((service, index) => this.#service(service, index)),
      ],
      edges: services.flatMap((service) => this.#edges(service)),
    };
  }

  #topic(name: string): GraphNode {
    const isWritten = this.#plan.sinks.some(({ topic }) => topic === name);
    const rate = this.#rate((stats) => (isWritten ? stats.written[name] : readOf(stats, name)));
    return { id: topicId(name), kind: "topic", name, rate };
  }

  #service({ name, sinks, states, window }: Plan["services"][number], index: number): GraphNode {
    const counts = this.#now.engine.services[index];
    const operators = this.#operators(name);
    const readers = operators.filter(({ kind }) => kind === "source");
    const topics = new Set(sinks.map((sink) => this.#plan.sinks[sink]?.topic ?? ""));
    return {
      id: serviceId(name),
      kind: "service",
      name,
      rate: round(sum(readers.map((reader) => reader.rate))),
      windowing: window === null ? "" : windowText(window),
      in: sum(readers.map((reader) => reader.in)),
      out: sum([...topics].map((topic) => this.#now.written[topic] ?? 0)),
      failed: sum(operators.map(({ failed }) => failed)),
      late: counts?.late ?? 0,
      open_windows: counts?.open_windows ?? 0,
      watermark: counts?.watermark ?? null,
      states: states.map((state) => state.name),
      rows: counts?.rows ?? 0,
      operators,
    };
  }

  #operators(service: string): GraphOperator[] {
    return this.#now.engine.operators.flatMap((operator, index) => {
      if (operator.service !== service) return [];
      const { failed, filtered, id, kind, name, succeeded } = operator;
      const rate = this.#rate(({ engine }) => givenTo(engine.operators[index]));
      const [given, out] = [givenTo(operator), succeeded - filtered];
      return [{ id, service, kind, name, in: given, out, failed, filtered, rate }];
    });
  }

  #edges({ name, sinks, sources }: Plan["services"][number]): GraphEdge[] {
    // A service decodes each of its sources with an operator, in the order of the file.
    const readers = this.#operators(name).filter(({ kind }) => kind === "source");
    const reads = sources.map((source, at) => ({
      from: topicId(this.#plan.sources[source]?.topic ?? ""),
      to: serviceId(name),
      records: readers[at]?.in ?? 0,
      rate: readers[at]?.rate ?? 0,
    }));
    const writes = sinks.map((sink) => {
      const topic = this.#plan.sinks[sink]?.topic ?? "";
      const rate = this.#rate(({ written }) => written[topic]);
      const records = this.#now.written[topic] ?? 0;
      return { from: serviceId(name), to: topicId(topic), records, rate };
    });
    return [...reads, ...writes];
  }

  /** Per second. A group of another process that came or went moves counters by a leap; none goes below 0. */
  #rate(count: (stats: DataflowStats) => number | undefined): number {
    if (this.#seconds <= 0) return 0;
    const grown = (count(this.#now) ?? 0) - (count(this.#before) ?? 0);
    return round(Math.max(grown, 0) / this.#seconds);
  }
}

function readOf({ offsets }: DataflowStats, topic: string): number {
  return sum(Object.values(offsets[topic] ?? {}));
}

function givenTo(operator: OperatorStats | undefined): number {
  return (operator?.succeeded ?? 0) + (operator?.failed ?? 0);
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

function topicId(name: string): string {
  return `topic:${name}`;
}

function serviceId(name: string): string {
  return `service:${name}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Two decimals are more than a rate can mean. */
function round(rate: number): number {
  return Math.round(rate * 100) / 100;
}

/** The same as Mermaid's text. */
export function toMermaid(graph: DataflowGraph): string {
  const ids = new Map(graph.nodes.map(({ id }, index) => [id, `n${index}`]));
  const nodes = graph.nodes.map((node) => {
    const id = ids.get(node.id) ?? "";
    if (node.kind === "topic") return `  ${id}[("${label(node.name)}")]`;
    const lines = [node.name, node.windowing, `${node.rows ?? 0} rows`, lateText(node.late ?? 0)];
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
