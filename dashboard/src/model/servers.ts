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
  for (const { values } of courses) for (const value of values) latest.set(value.server_id, value);
  const servers = [...latest.values()]
    .map((value) => judge(value, asOfMs))
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
      values.length === 0
        ? null
        : values.reduce((sum, value) => sum + value.latency, 0) / values.length,
    ),
  };
}

function judge(value: ServerHealth, asOfMs: number): Server {
  const reasons: string[] = [];
  const silentMs = asOfMs - value.window_end;
  const silent = silentMs >= SILENT_AFTER_MS;
  if (silent) reasons.push(`silent for ${Math.round(silentMs / 1000)} s`);
  if (!silent && value.latency > THRESHOLDS.latencyMsMax) reasons.push("latency");
  if (!silent && value.cpu_load > THRESHOLDS.cpuLoadMax) reasons.push("CPU");
  if (!silent && value.memory_usage > THRESHOLDS.memoryUsageMax) reasons.push("memory");
  return {
    server: value.server_id,
    cpuLoad: value.cpu_load,
    memoryUsage: value.memory_usage,
    latencyMs: value.latency,
    windowStartMs: value.window_start,
    windowEndMs: value.window_end,
    status: silent ? "silent" : reasons.length > 0 ? "hot" : "ok",
    reason: reasons.join(", "),
  };
}

export type ServerMeasure = "latency" | "cpu_load" | "memory_usage";

/** One line per server; a window without a measurement of it is a gap. */
export function serverLines(
  courses: readonly Course<ServerHealth>[],
  measure: ServerMeasure,
): { readonly server: string; readonly points: Point[] }[] {
  const lines = linesBy<ServerHealth, number>(courses, {
    groupOf: (value) => value.server_id,
    add: (_, value) => value[measure],
    read: (value) => value ?? null,
  });
  return [...lines]
    .map(([server, points]) => ({ server, points }))
    .toSorted((a, b) => byName(a.server, b.server));
}
