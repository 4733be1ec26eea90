/** Where the players are: the newest window by level and map, and the course over time. */
import type { LevelActivity } from "@arenaflow/events";
import { byName } from "./names.ts";
import { lineOver, linesBy, sumOf, type Course, type Point } from "./windows.ts";

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
      latest.set(`${value.level_id}\n${value.map_id}`, value);
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

export type PlaceField = "level_id" | "map_id";

export interface NamedLine {
  /** Undefined for the line that sums up what is not named. */
  readonly name: string | undefined;
  readonly points: Point[];
}

/** Players per level or map over time, one line for each of `names` and one for the rest. */
export function playersBy(
  courses: readonly Course<LevelActivity>[],
  field: PlaceField,
  names: readonly string[],
): NamedLine[] {
  const named = new Set(names);
  const lines = linesBy<LevelActivity, number>(courses, {
    groupOf: (value) => (named.has(value[field]) ? value[field] : REST),
    add: (sum = 0, value) => sum + value.active_players,
    read: (sum = 0) => sum,
  });
  const rest = lines.get(REST);
  return [
    ...names.map((name) => ({ name, points: lines.get(name) ?? [] })),
    ...(rest === undefined ? [] : [{ name: undefined, points: rest }]),
  ];
}

/** The group of what is not named; no id is empty. */
const REST = "";

/** Mean session length per level over time in seconds, weighted by players. */
export function sessionsByLevel(
  courses: readonly Course<LevelActivity>[],
  levels: readonly string[],
): NamedLine[] {
  const lines = linesBy<LevelActivity, readonly [players: number, seconds: number]>(courses, {
    groupOf: (value) => value.level_id,
    add: ([players, seconds] = [0, 0], value) => [
      players + value.active_players,
      seconds + value.average_session_duration * value.active_players,
    ],
    read: ([players, seconds] = [0, 0]) => (players === 0 ? null : seconds / players),
  });
  return levels.map((name) => ({ name, points: lines.get(name) ?? [] }));
}

/** Levels or maps by their players over all windows, most first. */
export function rankPlaces(courses: readonly Course<LevelActivity>[], field: PlaceField): string[] {
  const totals = new Map<string, number>();
  for (const { values } of courses) {
    for (const value of values) {
      totals.set(value[field], (totals.get(value[field]) ?? 0) + value.active_players);
    }
  }
  return [...totals].toSorted((a, b) => b[1] - a[1] || byName(a[0], b[0])).map(([name]) => name);
}
