/** What the supervisor and its children tell each other over their IPC channel. */
import type { GraphitePorts } from "./graphite/files.ts";

export type ChildName = "workers" | "fluvio" | "dataflows" | "connectors" | "graphite";

interface WorkersSettings {
  /** 0 takes any free port. */
  readonly ingestPort: number;
  /** Absent: no simulated game. */
  readonly generatorPort: number | undefined;
  readonly persistDir: string;
  readonly wranglerDir: string;
}

interface FluvioSettings {
  readonly port: number;
  readonly dataDir: string;
  /** How long records of topics are kept that ask for nothing else, in seconds. */
  readonly retentionSeconds: number;
  /** And how many bytes of each partition. */
  readonly partitionBytesMax: number;
}

interface DataflowsSettings {
  readonly endpoint: string;
  readonly checkpointsDir: string;
  readonly catalogDir: string;
}

interface ConnectorsSettings {
  readonly endpoint: string;
  readonly paths: readonly string[];
}

interface GraphiteSettings {
  /** Holds its settings and data. */
  readonly dir: string;
  readonly ports: GraphitePorts;
}

export interface ChildSettings {
  readonly workers: WorkersSettings;
  readonly fluvio: FluvioSettings;
  readonly dataflows: DataflowsSettings;
  readonly connectors: ConnectorsSettings;
  readonly graphite: GraphiteSettings;
}

/** What a child says once it works: ports it has taken, and a few words for people. */
export interface ReadyReport {
  readonly ports?: Readonly<Record<string, number>>;
  readonly detail: string;
}

/** Counters that only grow, by name; the supervisor makes rates of them. */
export type ChildStats = Readonly<Record<string, number>>;

export type ToChild<Name extends ChildName = ChildName> =
  | { readonly type: "start"; readonly settings: ChildSettings[Name] }
  | { readonly type: "stop" };

export type FromChild =
  | { readonly type: "ready"; readonly report: ReadyReport }
  /** Could not start; trying again would not help. */
  | { readonly type: "refused"; readonly message: string }
  /** Sent every second: also the sign of life. */
  | { readonly type: "stats"; readonly stats: ChildStats };

export const STATS_EVERY_MS = 1_000;
