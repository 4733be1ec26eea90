/** The windows on show of every topic, narrowed down to what the reader has chosen. */
import { titleOf, type InsightByTopic } from "@arenaflow/events";
import { perTopic, type ShownTopic } from "../data/shown-topics.ts";
import { wholeUntil, type InsightState } from "../data/store.ts";
import type { Filter } from "../route.ts";
import { windowsIn, type Course, type Span } from "./windows.ts";

export type Courses = { readonly [T in ShownTopic]: readonly Course<InsightByTopic[T]>[] };

const wanted = (chosen: string | undefined, ...ids: readonly string[]): boolean =>
  chosen === undefined || ids.includes(chosen);

/** What each topic can be narrowed down by, beside the title. */
const KEEP: { readonly [T in ShownTopic]?: (value: InsightByTopic[T], filter: Filter) => boolean } =
  {
    "level-activity": (value, { level, map }) =>
      wanted(level, value.level_id) && wanted(map, value.map_id),
    "level-retention": (value, { level, map }) =>
      wanted(level, value.level_id) && wanted(map, value.map_id),
    "player-movement": (value, { level, map }) =>
      wanted(level, value.from_level_id, value.to_level_id) &&
      wanted(map, value.from_map_id, value.to_map_id),
    "item-sales": (value, { item }) => wanted(item, value.item_id),
    "fraud-flags": (value, { item }) => wanted(item, value.item_id),
    "server-health": (value, { server, region }) =>
      wanted(server, value.server_id) && wanted(region, value.region ?? ""),
    disconnects: (value, { server, region }) =>
      wanted(server, value.server_id) && wanted(region, value.region ?? ""),
  };

/** What tells a state, not what happened: the newest is wanted, however short the span is. */
const STATE_TOPICS: ReadonlySet<ShownTopic> = new Set([
  "day-cohorts",
  "dataflow-graph",
  "pipeline-stats",
]);
const STATE_MS = 5 * 60_000;

/** The windows of one topic within a span, only those that have come in whole, filtered. */
function courseOf<T extends ShownTopic>(
  topic: T,
  state: InsightState,
  span: Span,
  { nowMs, filter }: { nowMs: number; filter: Filter },
): readonly Course<InsightByTopic[T]>[] {
  const keep = KEEP[topic];
  const fromMs = STATE_TOPICS.has(topic)
    ? Math.min(span.fromMs, span.toMs - STATE_MS)
    : span.fromMs;
  const until = { fromMs, toMs: Math.min(span.toMs, wholeUntil(state[topic], nowMs)) };
  return windowsIn<InsightByTopic[T]>(
    state[topic],
    until,
    (value) => wanted(filter.title, titleOf({ ...value }) ?? "") && (keep?.(value, filter) ?? true),
  );
}

/** The windows of every topic within a span. */
export function coursesOf(
  state: InsightState,
  span: Span,
  options: { nowMs: number; filter: Filter },
): Courses {
  return perTopic((topic) => courseOf(topic, state, span, options)) as unknown as Courses;
}

/** The same courses by identity where state and windows are the same: an axis glides far more often than data comes. */
export function keepSame(
  fresh: Courses,
  now: InsightState,
  before: { readonly courses: Courses; readonly state: InsightState },
): Courses {
  const same = (topic: ShownTopic): boolean => {
    const old = before.courses[topic];
    return (
      before.state[topic] === now[topic] &&
      old.length === fresh[topic].length &&
      old[0]?.startMs === fresh[topic][0]?.startMs
    );
  };
  return perTopic((topic) =>
    same(topic) ? before.courses[topic] : fresh[topic],
  ) as unknown as Courses;
}
