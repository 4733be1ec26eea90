/** Nothing lost: what the dataflows read is what they counted, left out as double or refused, or found late. */
import type { PipelineStats } from "@arenaflow/events";
import { byName } from "./names.ts";
import type { Course } from "./windows.ts";

export interface TopicAccount {
  readonly topic: string;
  readonly records: number;
  readonly processed: number;
  readonly duplicates: number;
  readonly refused: number;
  readonly late: number;
  /** In windows: processed less late. */
  readonly counted: number;
  /** Records that none of the counters explains; 0 when all is well. */
  readonly missing: number;
  readonly refusedBy: readonly { readonly reason: string; readonly records: number }[];
  readonly delayMsMax: number | undefined;
}

/** The newest account of every topic. */
export function accountsOf(courses: readonly Course<PipelineStats>[]): TopicAccount[] {
  const newest = new Map<string, PipelineStats>();
  for (const { values } of courses) for (const value of values) newest.set(value.topic, value);
  return [...newest.values()]
    .map((value) => ({
      topic: value.topic,
      records: value.records,
      processed: value.processed,
      duplicates: value.duplicates,
      refused: value.refused,
      late: value.late,
      counted: value.processed - value.late,
      missing: value.records - value.processed - value.duplicates - value.refused,
      refusedBy: value.refused_by ?? [],
      delayMsMax: value.delay_ms_max,
    }))
    .toSorted((a, b) => byName(a.topic, b.topic));
}
