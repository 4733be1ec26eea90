/**
 * Everything the page knows: the insights of the last minutes, by topic, window and group.
 * Reducers are pure and copy only what they touch, so a state can be kept (to pause) and compared
 * by identity (to redraw only what changed). A replayed insight overwrites its twin.
 */
import { insightKey, type InsightByTopic } from "@arenaflow/events";
import type { ShownMessage, ShownTopic } from "./shown-topics.ts";

export const STORE_LIMITS = {
  /** How far back windows are kept, from the newest one of their topic. */
  retentionMs: 15 * 60 * 1000,
  /** How far ahead of this page's clock a window may end; one beyond it would push out all others. */
  futureMsMax: 5 * 60 * 1000,
  /** Groups of one window; a runaway of ids must not take the browser's memory. */
  groupsMax: 2_000,
} as const;

export interface Stored<T> {
  readonly position: number;
  readonly value: T;
}

/** Insights of one window, by key. */
export type WindowGroups<T> = ReadonlyMap<string, Stored<T>>;

export interface TopicSlice<T> {
  /** By window start. */
  readonly windows: ReadonlyMap<number, WindowGroups<T>>;
  /** Start and end of the newest window; 0 while there is none. */
  readonly newestStartMs: number;
  readonly newestEndMs: number;
  /** When the newest window's first and latest insight came, on this page's clock. */
  readonly firstArrivalMs: number;
  readonly lastArrivalMs: number;
}

export type InsightState = { readonly [T in ShownTopic]: TopicSlice<InsightByTopic[T]> };

const EMPTY_SLICE = {
  windows: new Map<number, never>(),
  newestStartMs: 0,
  newestEndMs: 0,
  firstArrivalMs: 0,
  lastArrivalMs: 0,
} as const;

export const EMPTY_STATE: InsightState = {
  "level-activity": EMPTY_SLICE,
  "item-sales": EMPTY_SLICE,
  "server-health": EMPTY_SLICE,
};

/** Takes in messages, from history or live, in any order. */
export function applyMessages(
  state: InsightState,
  messages: readonly ShownMessage[],
  nowMs: number,
): InsightState {
  if (messages.length === 0) return state;
  const byTopic = Map.groupBy(messages, (message) => message.topic);
  const next: { -readonly [T in ShownTopic]: InsightState[T] } = { ...state };
  reduceTopic(next, "level-activity", byTopic, nowMs);
  reduceTopic(next, "item-sales", byTopic, nowMs);
  reduceTopic(next, "server-health", byTopic, nowMs);
  return next;
}

function reduceTopic<T extends ShownTopic>(
  state: { [K in T]: TopicSlice<InsightByTopic[K]> },
  topic: T,
  byTopic: ReadonlyMap<ShownTopic, readonly ShownMessage[]>,
  nowMs: number,
): void {
  const messages = byTopic.get(topic);
  if (messages === undefined) return;
  // Grouped by topic, so these hold that topic's shape; the type of the groups cannot say it.
  const stored = messages as unknown as readonly Stored<InsightByTopic[T]>[];
  state[topic] = reduceSlice(state[topic], topic, stored, nowMs);
}

function reduceSlice<T extends ShownTopic>(
  slice: TopicSlice<InsightByTopic[T]>,
  topic: T,
  messages: readonly Stored<InsightByTopic[T]>[],
  nowMs: number,
): TopicSlice<InsightByTopic[T]> {
  type Groups = Map<string, Stored<InsightByTopic[T]>>;
  const windows = new Map<number, WindowGroups<InsightByTopic[T]>>(slice.windows);
  const copied = new Map<number, Groups>();
  let { newestStartMs, newestEndMs, firstArrivalMs, lastArrivalMs } = slice;

  for (const { position, value } of messages) {
    const key = insightKey(topic, { ...value });
    if (key === undefined || value.window_end > nowMs + STORE_LIMITS.futureMsMax) continue;
    if (value.window_end <= newestEndMs - STORE_LIMITS.retentionMs) continue;
    const start = value.window_start;
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
    if (start > newestStartMs) {
      newestStartMs = start;
      newestEndMs = value.window_end;
      firstArrivalMs = nowMs;
    }
    if (start === newestStartMs) lastArrivalMs = nowMs;
  }

  for (const start of windows.keys()) {
    if (start < newestStartMs - STORE_LIMITS.retentionMs) windows.delete(start);
  }
  return { windows, newestStartMs, newestEndMs, firstArrivalMs, lastArrivalMs };
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
  return whole ? slice.newestEndMs : slice.newestStartMs;
}
