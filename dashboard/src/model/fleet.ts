/** All servers together: latency in percentiles, players, lost connections. */
import type { Disconnects, ServerHealth } from "@arenaflow/events";
import { byName } from "./names.ts";
import { lineOver, sumOf, type Course, type Point } from "./windows.ts";

export interface FleetLatency {
  /** Over servers: of their mean latencies the median, of their 95th percentiles the highest, of all the highest. */
  readonly median: readonly Point[];
  readonly p95: readonly Point[];
  readonly highest: readonly Point[];
}

/** The middle of numbers, or null without any. */
export function medianOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return null;
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)] ?? null;
  return ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Latency of the fleet per window. Percentiles of several servers cannot be mixed: the worst one is told. */
export function fleetLatency(courses: readonly Course<ServerHealth>[]): FleetLatency {
  const over = (read: (up: readonly ServerHealth[]) => number | null): Point[] =>
    lineOver(courses, ({ values }) => {
      const up = values.filter((value) => value.state !== "down");
      return up.length === 0 ? null : read(up);
    });
  return {
    median: over((up) => medianOf(up.map((value) => value.latency))),
    p95: over((up) => Math.max(...up.map((value) => value.latency_p95))),
    highest: over((up) => Math.max(...up.map((value) => value.latency_max))),
  };
}

/** Players connected, per window. */
export function connectedPlayers(courses: readonly Course<ServerHealth>[]): Point[] {
  return lineOver(courses, ({ values }) =>
    sumOf(values, (value) => (value.state === "down" ? 0 : value.players)),
  );
}

/** Connections that servers say they have lost, per window. */
export function lostConnections(courses: readonly Course<ServerHealth>[]): Point[] {
  return lineOver(courses, ({ values }) => sumOf(values, (value) => value.disconnections));
}

export interface ServerLosses {
  readonly server: string;
  readonly disconnects: number;
  readonly sessionsEnded: number;
  /** Share of the sessions that ended, 0 to 1. */
  readonly rate: number;
  /** The most frequent reason of the window with the most of them. */
  readonly reason: string;
}

export interface Losses {
  readonly disconnects: number;
  readonly sessionsEnded: number;
  /** Most disconnects first. */
  readonly servers: readonly ServerLosses[];
  readonly course: readonly Point[];
}

/** Sessions that broke off, by server, over all windows. */
export function lossesOf(courses: readonly Course<Disconnects>[]): Losses {
  const byServer = new Map<
    string,
    { disconnects: number; sessionsEnded: number; reason: string; most: number }
  >();
  for (const { values } of courses) {
    for (const value of values) {
      const sum = byServer.get(value.server_id) ?? {
        disconnects: 0,
        sessionsEnded: 0,
        reason: "",
        most: 0,
      };
      sum.disconnects += value.disconnects;
      sum.sessionsEnded += value.sessions_ended;
      if (value.disconnects > sum.most) {
        sum.most = value.disconnects;
        sum.reason = value.main_reason;
      }
      byServer.set(value.server_id, sum);
    }
  }
  const servers = [...byServer]
    .map(([server, { disconnects, sessionsEnded, reason }]) => ({
      server,
      disconnects,
      sessionsEnded,
      rate: sessionsEnded === 0 ? 0 : disconnects / sessionsEnded,
      reason,
    }))
    .toSorted((a, b) => b.disconnects - a.disconnects || byName(a.server, b.server));
  return {
    disconnects: sumOf(servers, (server) => server.disconnects),
    sessionsEnded: sumOf(servers, (server) => server.sessionsEnded),
    servers,
    course: lineOver(courses, ({ values }) => sumOf(values, (value) => value.disconnects)),
  };
}
