/** Are the servers well: each one's newest means, judged by thresholds, and its course. */
import type { ServerHealth } from "@arenaflow/events";
import { byName } from "./names.ts";
import { lineOver, linesBy, type Course, type Point } from "./windows.ts";

/** Above these a server counts as hot. */
export const THRESHOLDS = {
  /** Percent. Beyond it a game server starts to miss ticks. */
  cpuLoadMax: 85,
  /** Percent. */
  memoryUsageMax: 90,
  /** Milliseconds. Beyond it players feel it. */
  latencyMsMax: 150,
} as const;

/** A server without a measurement for this long counts as silent. */
const SILENT_AFTER_MS = 15_000;

export type ServerStatus = "ok" | "hot" | "silent";

export interface Server {
  readonly server: string;
  readonly cpuLoad: number;
  readonly memoryUsage: number;
  readonly latencyMs: number;
  readonly latencyP95Ms: number;
  /** Connected at the newest measurement. */
  readonly players: number;
  readonly region: string;
  readonly serverType: string;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  readonly status: ServerStatus;
  /** What is wrong, in words; empty when it is ok. */
  readonly reason: string;
}

export interface Servers {
  /** By name. */
  readonly servers: readonly Server[];
  readonly ok: number;
  readonly hot: number;
  readonly silent: number;
  readonly asOfMs: number;
  /** Mean latency over all servers per window. */
  readonly latencyCourse: readonly Point[];
}

/** Reads the servers' state from windows in order of time. */
export function serversOf(courses: readonly Course<ServerHealth>[]): Servers {
  const asOfMs = courses.at(-1)?.endMs ?? 0;
  const latest = new Map<string, ServerHealth>();
  // A server that is down reports zeros: what it last measured is worth more.
  const measured = new Map<string, ServerHealth>();
  for (const { values } of courses) {
    for (const value of values) {
      latest.set(value.server_id, value);
      if (value.state !== "down") measured.set(value.server_id, value);
    }
  }
  const servers = [...latest.values()]
    .map((value) => judge(value, measured.get(value.server_id) ?? value, asOfMs))
    .toSorted((a, b) => byName(a.server, b.server));
  const count = (status: ServerStatus): number =>
    servers.filter((server) => server.status === status).length;
  return {
    servers,
    ok: count("ok"),
    hot: count("hot"),
    silent: count("silent"),
    asOfMs,
    latencyCourse: lineOver(courses, ({ values }) =>
      meanOf(values.filter((value) => value.state !== "down").map((value) => value.latency)),
    ),
  };
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function judge(value: ServerHealth, measured: ServerHealth, asOfMs: number): Server {
  const unheardMs = asOfMs - value.window_end;
  const silent = value.state === "down" || unheardMs >= SILENT_AFTER_MS;
  const reason = silent
    ? value.reason || `silent for ${Math.round(unheardMs / 1000)} s`
    : value.reason || ownReason(value);
  return {
    server: value.server_id,
    cpuLoad: measured.cpu_load,
    memoryUsage: measured.memory_usage,
    latencyMs: measured.latency,
    latencyP95Ms: measured.latency_p95,
    players: value.state === "down" ? 0 : value.players,
    region: value.region ?? "",
    serverType: value.server_type ?? "",
    windowStartMs: value.window_start,
    windowEndMs: value.window_end,
    status: silent ? "silent" : reason === "" ? "ok" : "hot",
    reason,
  };
}

/** For servers whose dataflow gives no reason: what stands above the page's own thresholds. */
function ownReason(value: ServerHealth): string {
  const reasons: string[] = [];
  if (value.latency > THRESHOLDS.latencyMsMax) reasons.push("latency");
  if (value.cpu_load > THRESHOLDS.cpuLoadMax) reasons.push("CPU");
  if (value.memory_usage > THRESHOLDS.memoryUsageMax) reasons.push("memory");
  return reasons.join(", ");
}

export type ServerMeasure = "latency" | "latency_p95" | "cpu_load" | "memory_usage" | "players";

/** One line per server; a window without a measurement of it is a gap. */
export function serverLines(
  courses: readonly Course<ServerHealth>[],
  measure: ServerMeasure,
): { readonly server: string; readonly points: Point[] }[] {
  const lines = linesBy<ServerHealth, number>(courses, {
    groupOf: (value) => value.server_id,
    add: (_, value) => (value.state === "down" ? Number.NaN : value[measure]),
    read: (value) => (value === undefined || Number.isNaN(value) ? null : value),
  });
  return [...lines]
    .map(([server, points]) => ({ server, points }))
    .toSorted((a, b) => byName(a.server, b.server));
}
