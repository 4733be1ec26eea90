/** Where players get stuck: attempts and their outcomes by level, and why a level stands out. */
import type { LevelRetention } from "@arenaflow/events";
import { byName } from "./names.ts";
import { sumOf, type Course } from "./windows.ts";

export interface LevelOutcomes {
  readonly level: string;
  readonly started: number;
  readonly completed: number;
  readonly failed: number;
  readonly quit: number;
  readonly cameBack: number;
  /** Neither completed, failed nor quit: still at it. */
  readonly goingOn: number;
  /** Mean length of an attempt, weighted by starts. */
  readonly attemptSeconds: number;
}

export interface StuckPoint {
  readonly level: string;
  readonly map: string;
  readonly by: "failures" | "quits" | "time";
  /** A share (0 to 1), or seconds when it is about time. */
  readonly measure: number;
  readonly threshold: number | undefined;
  readonly started: number;
  readonly completed: number;
  readonly failed: number;
  readonly quit: number;
  /** Start of the first of the windows in a row that found it stuck. */
  readonly sinceMs: number;
  /** The newest window that found it so ended here. */
  readonly lastMs: number;
  /** Still so in the newest window. */
  readonly open: boolean;
}

export interface Retention {
  /** The newest window's, by level. */
  readonly levels: readonly LevelOutcomes[];
  /** Open ones first, then newest first. */
  readonly stuck: readonly StuckPoint[];
  readonly asOfMs: number;
}

/** Reads the newest state of the levels, and every place that was stuck within the windows. */
export function retentionOf(courses: readonly Course<LevelRetention>[]): Retention {
  const newest = courses.at(-1);
  const asOfMs = newest?.endMs ?? 0;
  return {
    levels: [...Map.groupBy(newest?.values ?? [], (value) => value.level_id)]
      .map(([level, places]) => outcomesOf(level, places))
      .toSorted((a, b) => byName(a.level, b.level)),
    stuck: stuckPoints(courses, asOfMs),
    asOfMs,
  };
}

function outcomesOf(level: string, places: readonly LevelRetention[]): LevelOutcomes {
  const started = sumOf(places, (place) => place.started);
  const completed = sumOf(places, (place) => place.completed);
  const failed = sumOf(places, (place) => place.failed);
  const quit = sumOf(places, (place) => place.quit);
  const weighed = sumOf(places, (place) => place.average_attempt_seconds * place.started);
  return {
    level,
    started,
    completed,
    failed,
    quit,
    cameBack: sumOf(places, (place) => place.came_back),
    goingOn: Math.max(0, started - completed - failed - quit),
    attemptSeconds: started === 0 ? 0 : weighed / started,
  };
}

function stuckPoints(courses: readonly Course<LevelRetention>[], asOfMs: number): StuckPoint[] {
  const points = new Map<string, StuckPoint>();
  for (const { endMs, values } of courses) {
    for (const value of values) {
      if (!value.stuck || value.stuck_by === "") continue;
      const key = `${value.level_id}\n${value.map_id}`;
      const known = points.get(key);
      points.set(key, {
        level: value.level_id,
        map: value.map_id,
        by: value.stuck_by,
        measure: value.stuck_measure,
        threshold: value.stuck_threshold,
        started: value.started,
        completed: value.completed,
        failed: value.failed,
        quit: value.quit,
        sinceMs: known?.sinceMs ?? endMs,
        lastMs: endMs,
        open: endMs === asOfMs,
      });
    }
  }
  return [...points.values()].toSorted(
    (a, b) => Number(b.open) - Number(a.open) || b.lastMs - a.lastMs || byName(a.level, b.level),
  );
}

/** Why a place counts as stuck, in one sentence. */
export function stuckWords(point: StuckPoint): string {
  const { by, measure, threshold, started, completed, failed, quit } = point;
  const usual = (words: string): string =>
    threshold === undefined ? "" : `; usual is below ${words}`;
  // No line may begin with the unit.
  const percent = (share: number): string => `${Math.round(share * 100)}\u00A0%`;
  switch (by) {
    case "failures":
      return `${percent(measure)} of the attempts fail (${failed} of ${completed + failed} decided in a minute)${usual(percent(threshold ?? 0))}.`;
    case "quits":
      return `${percent(measure)} leave the game here (${quit}, with ${started} attempts in a minute)${usual(percent(threshold ?? 0))}.`;
    case "time":
      return `An attempt takes ${Math.round(measure)} s${usual(`${Math.round(threshold ?? 0)} s`)}.`;
  }
}
