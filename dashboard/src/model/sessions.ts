/** Sessions: how many go on, begin, end and break off, and how long they were. */
import type { SessionStats } from "@arenaflow/events";
import type { Filter } from "../route.ts";
import { lineOver, sumOf, type Course, type Point } from "./windows.ts";

export interface Sessions {
  /** Going on at the end of the newest window. */
  readonly active: number;
  /** Of these, seen in the last minute. */
  readonly seen: number;
  readonly started: number;
  readonly ended: number;
  readonly disconnected: number;
  readonly newPlayers: number;
  readonly returningPlayers: number;
  /** Mean length in seconds of the sessions that ended; undefined without any. */
  readonly meanSeconds: number | undefined;
  readonly asOfMs: number;
  readonly activeCourse: readonly Point[];
  readonly durationCourse: readonly Point[];
  readonly startedCourse: readonly Point[];
  readonly endedCourse: readonly Point[];
  readonly newCourse: readonly Point[];
  readonly returningCourse: readonly Point[];
}

/** Adds up the windows; a window holds one insight per title. */
export function sessionsOf(
  courses: readonly Course<SessionStats>[],
  filter: Filter = {},
): Sessions {
  const all = courses.flatMap(({ values }) => values);
  const counts = (value: SessionStats): Counts => shareOf(value, filter);
  const newest = courses.at(-1)?.values ?? [];
  const line = (pick: (value: SessionStats) => number): Point[] =>
    lineOver(courses, ({ values }) => sumOf(values, pick));
  return {
    active: sumOf(newest, (value) => value.active_sessions),
    seen: sumOf(newest, (value) => value.active_last_minute),
    started: sumOf(all, (value) => counts(value).started),
    ended: sumOf(all, (value) => counts(value).ended),
    disconnected: sumOf(all, (value) => counts(value).disconnected),
    newPlayers: sumOf(all, (value) => value.new_players ?? 0),
    returningPlayers: sumOf(all, (value) => value.returning_players ?? 0),
    meanSeconds: meanDuration(all) ?? undefined,
    asOfMs: courses.at(-1)?.endMs ?? 0,
    activeCourse: line((value) => value.active_sessions),
    durationCourse: lineOver(courses, ({ values }) => meanDuration(values)),
    startedCourse: line((value) => counts(value).started),
    endedCourse: line((value) => counts(value).ended),
    newCourse: line((value) => value.new_players ?? 0),
    returningCourse: line((value) => value.returning_players ?? 0),
  };
}

type Counts = Pick<SessionStats, "started" | "ended" | "disconnected">;

const NONE: Counts = { started: 0, ended: 0, disconnected: 0 };

/** The sessions of a region or platform, where the reader asks for one. */
function shareOf(value: SessionStats, { region, platform }: Filter): Counts {
  if (region !== undefined) {
    return value.by_region?.find((share) => share.region === region) ?? NONE;
  }
  if (platform === undefined) return value;
  return value.by_platform?.find((share) => share.platform === platform) ?? NONE;
}

/** The mean length, weighted by sessions that ended. */
function meanDuration(values: readonly SessionStats[]): number | null {
  const ended = sumOf(values, (value) => value.ended);
  if (ended === 0) return null;
  return sumOf(values, (value) => value.average_duration * value.ended) / ended;
}
