/** Which server was not well, from when to when, and why. */
import type { ServerHealth } from "@arenaflow/events";
import type { Course } from "./windows.ts";

export interface Outage {
  readonly server: string;
  readonly state: "degraded" | "down";
  /** The worst reason in its own words: the last one that was given. */
  readonly reason: string;
  readonly fromMs: number;
  /** End of its last window. */
  readonly toMs: number;
  /** Still so in the newest window. */
  readonly open: boolean;
}

/** Runs of windows in which a server was degraded or down, newest first. */
export function outagesOf(courses: readonly Course<ServerHealth>[]): Outage[] {
  const asOfMs = courses.at(-1)?.endMs ?? 0;
  const running = new Map<string, Outage>();
  const ended: Outage[] = [];
  for (const { endMs, startMs, values } of courses) {
    for (const { server_id: server, state, reason } of values) {
      const before = running.get(server);
      if (before !== undefined && before.state !== state) {
        ended.push(before);
        running.delete(server);
      }
      if (state === "ok") continue;
      const fromMs = running.get(server)?.fromMs ?? startMs;
      running.set(server, { server, state, reason, fromMs, toMs: endMs, open: true });
    }
  }
  const all = [
    ...[...running.values()].map((outage) => ({ ...outage, open: outage.toMs >= asOfMs })),
    ...ended.map((outage) => ({ ...outage, open: false })),
  ];
  return all.toSorted((a, b) => Number(b.open) - Number(a.open) || b.toMs - a.toMs);
}
