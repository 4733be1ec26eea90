/** Where the players are: the newest window by level and map, and the course over time. */
import type { LevelActivity } from "@arenaflow/events";
import { byName } from "./names.ts";
import { lineOver, sumOf, type Course, type Point } from "./windows.ts";

/** One level on one map, as it was in the newest window that saw players there. */
export interface Place {
  readonly level: string;
  readonly map: string;
  readonly players: number;
  readonly sessionSeconds: number;
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  /** False when the newest window saw nobody here. */
  readonly current: boolean;
}

export interface Players {
  /** Players in the newest window. One who is seen in two places counts in both. */
  readonly now: number;
  /** Mean session length there, weighted by players; undefined without players. */
  readonly sessionSeconds: number | undefined;
  /** End of the newest window; 0 without one. */
  readonly asOfMs: number;
  /** All places seen in the span, by level, then map. */
  readonly places: readonly Place[];
  readonly levels: readonly string[];
  readonly maps: readonly string[];
  /** The most players any place had in any window: keeps a colour scale steady. */
  readonly peak: number;
  readonly course: readonly Point[];
}

/** Reads the state of play from windows in order of time. */
export function playersOf(courses: readonly Course<LevelActivity>[]): Players {
  const newest = courses.at(-1);
  const latest = new Map<string, LevelActivity>();
  let peak = 0;
  for (const course of courses) {
    for (const value of course.values) {
      latest.set(JSON.stringify([value.level_id, value.map_id]), value);
      peak = Math.max(peak, value.active_players);
    }
  }
  const places = [...latest.values()]
    .map((value) => placeOf(value, newest))
    .toSorted((a, b) => byName(a.level, b.level) || byName(a.map, b.map));
  const now = playersIn(newest);
  const seconds = sumOf(
    newest?.values ?? [],
    (value) => value.average_session_duration * value.active_players,
  );
  return {
    now,
    sessionSeconds: now === 0 ? undefined : seconds / now,
    asOfMs: newest?.endMs ?? 0,
    places,
    levels: [...new Set(places.map((place) => place.level))],
    maps: [...new Set(places.map((place) => place.map))].toSorted(byName),
    peak,
    course: lineOver(courses, playersIn),
  };
}

function placeOf(value: LevelActivity, newest: Course<LevelActivity> | undefined): Place {
  return {
    level: value.level_id,
    map: value.map_id,
    players: value.active_players,
    sessionSeconds: value.average_session_duration,
    windowStartMs: value.window_start,
    windowEndMs: value.window_end,
    current: value.window_start === newest?.startMs,
  };
}

function playersIn(course: Course<LevelActivity> | undefined): number {
  return sumOf(course?.values ?? [], (value) => value.active_players);
}

/** Players per level over time, one line for each of `levels` and one for the rest. */
export function playersByLevel(
  courses: readonly Course<LevelActivity>[],
  levels: readonly string[],
): { readonly level: string | undefined; readonly points: Point[] }[] {
  const shown = new Set(levels);
  const lines: { level: string | undefined; points: Point[] }[] = levels.map((level) => ({
    level,
    points: lineOver(courses, ({ values }) =>
      sumOf(values, (value) => (value.level_id === level ? value.active_players : 0)),
    ),
  }));
  const rest = lineOver(courses, ({ values }) =>
    sumOf(values, (value) => (shown.has(value.level_id) ? 0 : value.active_players)),
  );
  if (rest.some(([, value]) => (value ?? 0) > 0)) lines.push({ level: undefined, points: rest });
  return lines;
}

/** Levels by their players over all windows, most first. */
export function rankLevels(courses: readonly Course<LevelActivity>[]): string[] {
  const totals = new Map<string, number>();
  for (const { values } of courses) {
    for (const value of values) {
      totals.set(value.level_id, (totals.get(value.level_id) ?? 0) + value.active_players);
    }
  }
  return [...totals].toSorted((a, b) => b[1] - a[1] || byName(a[0], b[0])).map(([level]) => level);
}
