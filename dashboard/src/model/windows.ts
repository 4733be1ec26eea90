/** Windows of a topic, picked and put in order; what every model starts from. */
import type { Window } from "@arenaflow/events";
import type { TopicSlice } from "../data/store.ts";

/** A span of event time: windows that end after `fromMs` and not after `toMs`. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** One window with all its insights. */
export interface Course<T> {
  readonly startMs: number;
  readonly endMs: number;
  readonly values: readonly T[];
}

/** Window length of the dataflows; charts take it for their grid until data says otherwise. */
export const WINDOW_MS = 5_000;

/** The windows within a span, oldest first, each with the insights that `keep` lets through. */
export function windowsIn<T extends Window>(
  slice: TopicSlice<T>,
  span: Span,
  keep: (value: T) => boolean = () => true,
): Course<T>[] {
  const courses: Course<T>[] = [];
  for (const [startMs, groups] of slice.windows) {
    let endMs = 0;
    const values: T[] = [];
    for (const { value } of groups.values()) {
      if (value.window_end <= span.fromMs || value.window_end > span.toMs) continue;
      // A window without anything to keep is there all the same: it tells zero from unknown.
      if (endMs === 0) endMs = value.window_end;
      if (!keep(value)) continue;
      if (values.length === 0) endMs = value.window_end;
      values.push(value);
    }
    if (endMs > 0) courses.push({ startMs, endMs, values });
  }
  return courses.toSorted((a, b) => a.startMs - b.startMs);
}

/** A function that gives the same result, by identity, as long as it is asked about the same thing. */
export function remembered<A, R>(make: (from: A) => R): (from: A) => R {
  let last: { readonly from: A; readonly result: R } | undefined;
  return (from) => {
    if (last?.from !== from) last = { from, result: make(from) };
    return last.result;
  };
}

/** A point of a line: a time and a value, or no value where no window was seen. */
export type Point = readonly [timeMs: number, value: number | null];

/** Two missing windows in a row are a gap that a line must not cross. */
const GAP_WINDOWS = 2.5;

/** A line over windows that breaks where windows are missing. */
export function lineOver<T>(
  courses: readonly Course<T>[],
  valueOf: (course: Course<T>) => number | null,
): Point[] {
  const points: Point[] = [];
  let previousMs: number | undefined;
  for (const course of courses) {
    const length = course.endMs - course.startMs;
    if (previousMs !== undefined && course.endMs - previousMs > length * GAP_WINDOWS) {
      points.push([previousMs + length, null]);
    }
    points.push([course.endMs, valueOf(course)]);
    previousMs = course.endMs;
  }
  return points;
}

/**
 * One line per group, in one pass over the windows.
 * @param options.add puts a value into its group's sum, `undefined` before the first one
 * @param options.read a sum as a number of the line, `undefined` where a window lacks the group
 */
export function linesBy<T, N>(
  courses: readonly Course<T>[],
  options: {
    groupOf: (value: T) => string;
    add: (sum: N | undefined, value: T) => N;
    read: (sum: N | undefined) => number | null;
  },
): ReadonlyMap<string, Point[]> {
  const perWindow = new Map<Course<T>, Map<string, N>>();
  const groups = new Set<string>();
  for (const course of courses) {
    const sums = new Map<string, N>();
    for (const value of course.values) {
      const group = options.groupOf(value);
      sums.set(group, options.add(sums.get(group), value));
      groups.add(group);
    }
    perWindow.set(course, sums);
  }
  const lines = new Map<string, Point[]>();
  for (const group of groups) {
    lines.set(
      group,
      lineOver(courses, (course) => options.read(perWindow.get(course)?.get(group))),
    );
  }
  return lines;
}

/** Adds up numbers picked from values. */
export function sumOf<T>(values: Iterable<T>, pick: (value: T) => number): number {
  let sum = 0;
  for (const value of values) sum += pick(value);
  return sum;
}
