/** A page that stays open for a day holds no more than one that has been open for an hour. */
import { describe, expect, test } from "vitest";
import { insightsOf, WINDOW_MS } from "../../bench/dashboard/insights.ts";
import { parseMessages } from "../src/data/parse-message.ts";
import { applyMessages, EMPTY_STATE, STORE_LIMITS, type InsightState } from "../src/data/store.ts";
import { T0 } from "./samples.ts";

const HOUR_MS = 3_600_000;
const HOURS = 2;
/** Of a game: enough to see what stays, and told quickly. */
const SHARE = 1 / 25;
const WINDOWS_MAX = STORE_LIMITS.retentionMs / WINDOW_MS;
/** Flags of longer windows, each about other accounts than those before. */
const FLAG_WINDOW_MS = 60_000;

/** What a window's insights are as messages, with accounts and servers that never come again. */
function messagesOf(startMs: number, position: number) {
  const strangers = [0, 1, 2].map((i) => ({
    topic: "fraud-flags",
    value: {
      ...insightsOf(startMs, { flags: 1 }).at(-1)?.value,
      subject: `account:${startMs}-${i}`,
      player_id: `player_${startMs}_${i}`,
      window_start: startMs - FLAG_WINDOW_MS + WINDOW_MS,
      window_end: startMs + WINDOW_MS,
    },
  }));
  const all = [...insightsOf(startMs, { flags: 6, share: SHARE }), ...strangers];
  return parseMessages(all.map((insight, i) => ({ ...insight, position: position + i }))).messages;
}

/** Insights by topic that a state holds. */
function held(state: InsightState): Record<string, number> {
  return Object.fromEntries(
    Object.entries(state).map(([topic, { windows }]) => [
      topic,
      [...windows.values()].reduce((sum, groups) => sum + groups.size, 0),
    ]),
  );
}

describe("hours of windows", () => {
  test("leave no more behind than the first of them", () => {
    let state = EMPTY_STATE;
    const hourly: Record<string, number>[] = [];
    for (let ms = 0; ms < HOURS * HOUR_MS; ms += WINDOW_MS) {
      const messages = messagesOf(T0 + ms, ms);
      state = applyMessages(state, messages, T0 + ms + WINDOW_MS);
      if ((ms + WINDOW_MS) % HOUR_MS === 0) hourly.push(held(state));
    }
    const [full, ...later] = hourly;
    expect(later).toEqual(Array.from({ length: HOURS - 1 }, () => full));
    expect(full?.["level-activity"]).toBe(Math.ceil(25 * SHARE) * WINDOWS_MAX);
    expect(full?.["fraud-flags"]).toBeGreaterThan(3 * WINDOWS_MAX);
    for (const { windows } of Object.values(state)) {
      // Flags of a minute begin before the windows of five seconds that are kept.
      expect(windows.size).toBeLessThanOrEqual(WINDOWS_MAX + FLAG_WINDOW_MS / WINDOW_MS);
    }
  });

  test("of the large pictures of the dataflows only one a minute stays, beside those of the last", () => {
    const MINUTE_MS = STORE_LIMITS.thinnedMs;
    let state = EMPTY_STATE;
    for (let ms = 0; ms < HOUR_MS; ms += WINDOW_MS) {
      const startMs = T0 + ms;
      // Each dataflow tells at its own second.
      const graphs = ["economy", "engagement"].map((dataflow, i) => ({
        topic: "dataflow-graph",
        position: ms + i,
        value: {
          dataflow,
          nodes: [],
          edges: [],
          window_start: startMs + i * 1000,
          window_end: startMs + i * 1000 + WINDOW_MS,
        },
      }));
      state = applyMessages(state, parseMessages(graphs).messages, startMs + 2 * WINDOW_MS);
    }
    const { windows, newestEndMs } = state["dataflow-graph"];
    const all = [...windows.values()].flatMap((groups) => [...groups.values()]);
    const minutes = STORE_LIMITS.retentionMs / MINUTE_MS;
    expect(all.length).toBeLessThanOrEqual(2 * (minutes + (2 * MINUTE_MS) / WINDOW_MS));
    for (const dataflow of ["economy", "engagement"]) {
      const ends = all
        .filter((one) => one.value.dataflow === dataflow)
        .map((one) => one.value.window_end);
      const recent = ends.filter((endMs) => endMs > newestEndMs - MINUTE_MS);
      expect(recent.length).toBeGreaterThanOrEqual(MINUTE_MS / WINDOW_MS - 1);
      const oldMinutes = new Set(ends.map((endMs) => Math.floor(endMs / MINUTE_MS)));
      expect(oldMinutes.size).toBeGreaterThanOrEqual(minutes - 1);
    }
  });

  test("an account that comes late, for a window long gone, is not kept", () => {
    const now = applyMessages(EMPTY_STATE, messagesOf(T0 + HOUR_MS, 0), T0 + HOUR_MS + WINDOW_MS);
    const late = applyMessages(now, messagesOf(T0, 1_000), T0 + HOUR_MS + WINDOW_MS);
    expect(held(late)).toEqual(held(now));
  });
});
