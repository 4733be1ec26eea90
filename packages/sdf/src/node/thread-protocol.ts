/** What a dataflow's main thread and the threads of its groups tell each other. */
import type { Plan, Query } from "../engine/index.ts";
import type { LogLine } from "./log.ts";
import type { Group } from "./partition-group.ts";
import type { DataflowStats, GroupAnswer, RunDataflowOptions } from "./running-dataflow.ts";

export interface ThreadSettings {
  readonly options: Omit<RunDataflowOptions, "log" | "now">;
  readonly module: WebAssembly.Module;
  readonly plan: Plan;
  readonly group: Group;
}

/** An error's way between threads: its class is lost, what it says is not. */
export interface ThreadError {
  readonly kind: "runner" | "engine" | "other";
  readonly code: string;
  readonly message: string;
}

export type FromThread =
  | { readonly type: "running" }
  | { readonly type: "log"; readonly line: LogLine }
  | { readonly type: "stats"; readonly stats: DataflowStats }
  | { readonly type: "answer"; readonly id: number; readonly answer: readonly GroupAnswer[] }
  | { readonly type: "refused"; readonly id: number; readonly error: ThreadError }
  /** It could not start, or cannot go on. */
  | { readonly type: "failed"; readonly error: ThreadError }
  | { readonly type: "finished" };

export type ToThread =
  | { readonly type: "query"; readonly id: number; readonly query: Query }
  | { readonly type: "close" };

/** How old the counters of another thread may be. */
export const STATS_EVERY_MS = 250;
