/** Day cohorts: of those first seen on a day, how many came back n days later. */
import type { DayCohort } from "@arenaflow/events";
import type { Course } from "./windows.ts";

export interface Cohort {
  /** `2026-11-22` */
  readonly day: string;
  readonly size: number;
  /** By day number, 0 first; `undefined` where that day has not come or is not known. */
  readonly returned: readonly (number | undefined)[];
}

/** The newest cohorts, oldest day first. Every insight is the state since the beginning: the newest wins. */
export function cohortsOf(courses: readonly Course<DayCohort>[]): Cohort[] {
  const days = new Map<string, { size: number; returned: (number | undefined)[] }>();
  for (const { values } of courses) {
    for (const { cohort_day: day, day_number: number, cohort_size: size, returned } of values) {
      const cohort = days.get(day) ?? { size, returned: [] };
      cohort.size = size;
      cohort.returned[number] = returned;
      days.set(day, cohort);
    }
  }
  return [...days]
    .map(([day, { size, returned }]) => ({ day, size, returned: Array.from(returned) }))
    .toSorted((a, b) => (a.day < b.day ? -1 : 1));
}
