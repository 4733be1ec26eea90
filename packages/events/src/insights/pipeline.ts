/** What becomes of the records, and what the running dataflows look like. */
import type { Window } from "./window.ts";

/**
 * What has become of the records of a topic since the start, every ten seconds:
 * records = processed + duplicates + refused, and processed = those in windows + late.
 */
export interface PipelineStats extends Window {
  readonly topic: string;
  readonly records: number;
  readonly processed: number;
  /** Came before, and counts once. */
  readonly duplicates: number;
  /** Makes no sense: no time, no amount, no known currency. */
  readonly refused: number;
  /** The refused ones by what is wrong with them. */
  readonly refused_by?: readonly { readonly reason: string; readonly records: number }[];
  /** Refunds of accounts that had bought nothing; they count, and are flagged on trial. */
  readonly unmatched_refunds?: number;
  /** Came after its window had closed; in the totals, in no window. */
  readonly late: number;
  /** Longest way from the edge to the topic within the window, in milliseconds. */
  readonly delay_ms_max?: number;
}

/** Records through one operator of a dataflow. */
export interface GraphOperator {
  /** Its number within the dataflow. */
  readonly id: number;
  readonly service: string;
  /** `source` (reads and decodes a topic), `map`, `filter`, `update-state`, `flush`, … */
  readonly kind: string;
  readonly name: string;
  /** Records since the start: that it was given, passed on, refused or failed on, and left out. */
  readonly in: number;
  readonly out: number;
  readonly failed: number;
  readonly filtered: number;
  /** Records given to it per second, over the window. */
  readonly rate: number;
}

/** A topic or a service of a dataflow. */
export interface GraphNode {
  /** `topic:<name>` or `service:<name>`; edges name it. */
  readonly id: string;
  readonly kind: "topic" | "service";
  readonly name: string;
  /** Records per second over the window: written to the topic or read from it, read by the service. */
  readonly rate: number;
  /** The rest of a service only. `windowing` is words such as "tumbling 5 s", empty without windows. */
  readonly windowing?: string;
  readonly in?: number;
  readonly out?: number;
  readonly failed?: number;
  /** Records that came after their window had closed. */
  readonly late?: number;
  readonly open_windows?: number;
  /** Event time up to which its windows are complete, epoch milliseconds. */
  readonly watermark?: number | null;
  /** Names of its states, and the rows in all of them. */
  readonly states?: readonly string[];
  readonly rows?: number;
  readonly operators?: readonly GraphOperator[];
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** Since the start. */
  readonly records: number;
  /** Per second, over the window. */
  readonly rate: number;
}

/** A running dataflow as a picture with live counts, every five seconds of the clock on the wall. */
export interface DataflowGraph extends Window {
  readonly title_id?: string;
  readonly dataflow: string;
  readonly version: string;
  /** When its counters began, epoch milliseconds. */
  readonly started_at: number;
  readonly memory_bytes: number;
  /** Records and window results dropped since the start. */
  readonly dropped: number;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}
