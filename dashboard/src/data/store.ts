/**
 * Everything the page knows: the insights of the last minutes, by topic, window and group.
 * Reducers are pure and copy only what they touch, so a state can be kept (to pause) and compared
 * by identity (to redraw only what changed). A replayed insight overwrites its twin.
 */
import { insightKey, type InsightByTopic } from "@arenaflow/events";
import { perTopic, type ShownMessage, type ShownTopic } from "./shown-topics.ts";

export const STORE_LIMITS = {
  /** How far back windows are kept, from the newest one of their topic, unless more is asked for. */
  retentionMs: 15 * 60 * 1000,
  /** How far ahead of this page's clock a window may end; one beyond it would push out all others. */
  futureMsMax: 5 * 60 * 1000,
  /** Groups of one window; a runaway of ids must not take the browser's memory. */
  groupsMax: 2_000,
  /** What is large and tells a state is kept in full this long, and before that once in as long. */
  thinnedMs: 60_000,
} as const;

/** A picture of all operators every few seconds: a quarter of an hour of them is half the page's memory. */
const THINNED_TOPICS: ReadonlySet<ShownTopic> = new Set(["dataflow-graph"]);

export interface Stored<T> {
  readonly position: number;
  readonly value: T;
}

/** Insights of one window, by key. */
export type WindowGroups<T> = ReadonlyMap<string, Stored<T>>;

export interface TopicSlice<T> {
  /** By window start. */
  readonly windows: ReadonlyMap<number, WindowGroups<T>>;
  /** End of the newest window; 0 while there is none. */
  readonly newestEndMs: number;
  /** End of the newest window before it; its start while there is no other. */
  readonly priorEndMs: number;
  /** When the newest window's first and latest insight came, on this page's clock. */
  readonly firstArrivalMs: number;
  readonly lastArrivalMs: number;
}

export type InsightState = { readonly [T in ShownTopic]: TopicSlice<InsightByTopic[T]> };

const EMPTY_SLICE = {
  windows: new Map<number, never>(),
  newestEndMs: 0,
  priorEndMs: 0,
  firstArrivalMs: 0,
  lastArrivalMs: 0,
} as const;

export const EMPTY_STATE: InsightState = perTopic(() => EMPTY_SLICE);

export interface Arriving {
  readonly nowMs: number;
  readonly retentionMs?: number;
}

/** Takes in messages, from history or live, in any order. */
export function applyMessages(
  state: InsightState,
  messages: readonly ShownMessage[],
  arriving: number | Arriving,
): InsightState {
  if (messages.length === 0) return state;
  const options = typeof arriving === "number" ? { nowMs: arriving } : arriving;
  const next: Record<string, TopicSlice<never>> = { ...state } as never;
  for (const [topic, group] of Map.groupBy(messages, (message) => message.topic)) {
    // Grouped by topic, so these hold that topic's shape; the type of the groups cannot say it.
    next[topic] = reduceSlice(state[topic], topic, group, options);
  }
  return next as never;
}

type Windowed = InsightByTopic[ShownTopic];

function reduceSlice(
  slice: TopicSlice<Windowed>,
  topic: ShownTopic,
  messages: readonly Stored<Windowed>[],
  { nowMs, retentionMs = STORE_LIMITS.retentionMs }: Arriving,
): TopicSlice<never> {
  const windows = new Map<number, WindowGroups<Windowed>>(slice.windows);
  const copied = new Map<number, Map<string, Stored<Windowed>>>();
  let { newestEndMs, priorEndMs, firstArrivalMs, lastArrivalMs } = slice;

  for (const { position, value } of messages) {
    const key = insightKey(topic, { ...value });
    const { window_start: start, window_end: end } = value;
    if (key === undefined || end > nowMs + STORE_LIMITS.futureMsMax) continue;
    if (end <= newestEndMs - retentionMs) continue;
    let groups = copied.get(start);
    if (groups === undefined) {
      groups = new Map(windows.get(start));
      copied.set(start, groups);
      windows.set(start, groups);
    }
    const known = groups.get(key);
    if (known === undefined && groups.size >= STORE_LIMITS.groupsMax) continue;
    if (known !== undefined && known.position > position) continue;
    groups.set(key, { position, value });
    if (end > newestEndMs) {
      priorEndMs = newestEndMs === 0 ? start : newestEndMs;
      newestEndMs = end;
      firstArrivalMs = nowMs;
    } else if (end < newestEndMs) {
      priorEndMs = Math.max(priorEndMs, end);
    }
    if (end === newestEndMs) lastArrivalMs = nowMs;
  }

  const horizonMs = newestEndMs - retentionMs;
  for (const [start, groups] of windows) {
    // What begins within the retention ends within it: only the few before are looked through.
    if (start < horizonMs && endOf(groups) <= horizonMs) windows.delete(start);
  }
  if (THINNED_TOPICS.has(topic)) thin(windows, newestEndMs - STORE_LIMITS.thinnedMs);
  return {
    windows,
    newestEndMs,
    priorEndMs,
    firstArrivalMs,
    lastArrivalMs,
  } as unknown as TopicSlice<never>;
}

/** Leaves of every group only the newest insight of each minute that ended before a time. */
function thin(windows: Map<number, WindowGroups<Windowed>>, beforeMs: number): void {
  const seen = new Set<string>();
  for (const [start, groups] of [...windows].toSorted(([a], [b]) => b - a)) {
    const minute = Math.floor(start / STORE_LIMITS.thinnedMs);
    if ((minute + 1) * STORE_LIMITS.thinnedMs > beforeMs) continue;
    const kept = [...groups].filter(([key]) => {
      // A key begins with its window, which is what these differ in.
      const group = `${minute}${key.slice(key.indexOf("/"))}`;
      return seen.size < seen.add(group).size;
    });
    if (kept.length === 0) windows.delete(start);
    else if (kept.length < groups.size) windows.set(start, new Map(kept));
  }
}

/** When the latest of these ends: windows of several lengths may start together. */
function endOf(groups: WindowGroups<Windowed>): number {
  let end = 0;
  for (const { value } of groups.values()) end = Math.max(end, value.window_end);
  return end;
}

/** A window counts as whole when no insight of it has come for this long … */
const QUIET_MS = 400;
/** … or when its first one came this long ago. */
const WAIT_MS_MAX = 1_200;

/**
 * The end of the newest window that is whole. The insights of a window arrive one after another;
 * to show it before the last one has come would make every total dip.
 */
export function wholeUntil(slice: TopicSlice<unknown>, nowMs: number): number {
  const whole =
    nowMs - slice.lastArrivalMs >= QUIET_MS || nowMs - slice.firstArrivalMs >= WAIT_MS_MAX;
  return whole ? slice.newestEndMs : slice.priorEndMs;
}
