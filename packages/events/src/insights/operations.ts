/** Whether the servers are well. */
import type { Window } from "./window.ts";

/**
 * One server within the window: loads in percent, latency in milliseconds; `cpu_load`,
 * `memory_usage` and `latency` are means, `_last` is the newest measurement's.
 */
export interface ServerHealth extends Window {
  readonly server_id: string;
  /** From the catalog of servers, else as the server says itself; empty when neither knows. */
  readonly region: string;
  readonly server_type: string;
  /** Measurements within the window. */
  readonly samples: number;
  readonly cpu_load: number;
  readonly cpu_last: number;
  readonly cpu_p95: number;
  readonly cpu_max: number;
  readonly memory_usage: number;
  readonly memory_last: number;
  readonly memory_p95: number;
  readonly memory_max: number;
  readonly latency: number;
  readonly latency_last: number;
  readonly latency_p95: number;
  readonly latency_max: number;
  /** Connected at the newest measurement. */
  readonly players: number;
  /** Connections lost within the window, and as a share of the players then there. */
  readonly disconnections: number;
  readonly disconnection_rate: number;
  /** `down`: silent for ten seconds or more; its numbers are 0. */
  readonly state: "ok" | "degraded" | "down";
  /** Why it is not ok; empty when it is. */
  readonly reason: string;
  /** Time of the newest measurement, ISO 8601. */
  readonly timestamp: string;
}
