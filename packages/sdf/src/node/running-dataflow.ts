/** What running a dataflow takes, and what can be asked of one that runs. */
import type { EngineStats, Plan, Query, QueryAnswer } from "../engine/index.ts";
import type { Offsets } from "./checkpoint.ts";
import type { Log } from "./log.ts";

export interface RunDataflowOptions {
  /** Directory with dataflow.yaml and dataflow.wasm. */
  readonly dir: string;
  /** Fluvio's public endpoint, `host:port`. */
  readonly endpoint: string;
  /** Directory for this dataflow's checkpoints alone; created when missing. */
  readonly checkpointDir: string;
  /**
   * Worker threads, default 1: none but the caller's. Partition `p` of every source goes to group
   * `p % threads`, which has a thread, states, windows and checkpoints of its own, as every
   * partition has in SDF. So let records that belong together share a key, and with it a partition:
   * a window gives a result per group. Another number of threads needs another `checkpointDir`.
   */
  readonly threads?: number;
  /**
   * Which of the `threads` groups this process runs; it stands by for the others, which other
   * processes run with the same `checkpointDir` and `threads`. Default: all, and no other process.
   */
  readonly groups?: readonly number[];
  /** Environment variables for operators; none of this process's own reach them. */
  readonly env?: Readonly<Record<string, string>>;
  readonly checkpointIntervalMs?: number;
  readonly tickMs?: number;
  readonly log: Log;
  /** Processing time, epoch milliseconds. Only without further threads. */
  readonly now?: () => number;
}

export interface DataflowStats {
  readonly name: string;
  /** The next offset to read, by topic and partition. */
  readonly offsets: Offsets;
  /** Outputs since the start, by topic; those that wait for the server included. */
  readonly written: Readonly<Record<string, number>>;
  readonly pendingOutputs: number;
  /** Records and window results dropped since the start. */
  readonly dropped: number;
  /** With several groups their sums; the watermark is the least. */
  readonly engine: EngineStats;
}

/** What one group of partitions answers. */
export interface GroupAnswer extends QueryAnswer {
  readonly group: number;
}

export interface RunningDataflow {
  readonly plan: Plan;
  /** Settles when the dataflow has ended: resolves after `close`, rejects when it cannot go on. */
  readonly finished: Promise<void>;
  /** Counters as of now; of other threads as of a quarter of a second ago. */
  stats(): DataflowStats;
  /**
   * Runs SQL over the states that a service reaches, in every group.
   * @throws EngineError `query_refused`; RunnerError `not_running`
   */
  query(query: Query): Promise<readonly GroupAnswer[]>;
  /** Stops reading, waits for outputs, writes a last checkpoint. */
  close(): Promise<void>;
}
