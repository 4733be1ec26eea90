import { describe, expect, test } from "vitest";
import { applyMessages, EMPTY_STATE, STORE_LIMITS, wholeUntil } from "../src/data/store.ts";
import { activity, levelMessage, T0, WINDOW_MS, windowAt } from "./samples.ts";

const NOW = T0 + 60_000;

function playersIn(state: typeof EMPTY_STATE, n: number): number[] {
  const groups = state["level-activity"].windows.get(windowAt(n).window_start);
  return [...(groups?.values() ?? [])].map(({ value }) => value.active_players);
}

describe("applyMessages", () => {
  test("a replayed insight overwrites its twin instead of adding to it", () => {
    const first = applyMessages(
      EMPTY_STATE,
      [levelMessage(1, activity(0, { active_players: 3 }))],
      NOW,
    );
    const second = applyMessages(first, [levelMessage(2, activity(0, { active_players: 5 }))], NOW);
    expect(playersIn(second, 0)).toEqual([5]);
  });

  test("an older version from history does not overwrite a newer one that came live", () => {
    const live = applyMessages(
      EMPTY_STATE,
      [levelMessage(9, activity(0, { active_players: 5 }))],
      NOW,
    );
    const state = applyMessages(live, [levelMessage(4, activity(0, { active_players: 3 }))], NOW);
    expect(playersIn(state, 0)).toEqual([5]);
  });

  test("groups of one window stand beside each other", () => {
    const messages = [
      activity(0),
      activity(0, { map_id: "map_06" }),
      activity(0, { level_id: "level_02" }),
    ];
    const state = applyMessages(
      EMPTY_STATE,
      messages.map((value, i) => levelMessage(i, value)),
      NOW,
    );
    expect(playersIn(state, 0)).toHaveLength(3);
  });

  test("a state that was kept does not change", () => {
    const kept = applyMessages(EMPTY_STATE, [levelMessage(1, activity(0))], NOW);
    applyMessages(kept, [levelMessage(2, activity(0, { active_players: 99 }))], NOW);
    applyMessages(kept, [levelMessage(3, activity(1))], NOW);
    expect(playersIn(kept, 0)).toEqual([1]);
    expect(kept["level-activity"].windows.size).toBe(1);
  });

  test("windows leave when they are older than the retention", () => {
    const old = applyMessages(EMPTY_STATE, [levelMessage(1, activity(0))], NOW);
    const n = STORE_LIMITS.retentionMs / WINDOW_MS + 1;
    const later = T0 + n * WINDOW_MS + 10_000;
    const state = applyMessages(old, [levelMessage(2, activity(n))], later);
    expect(playersIn(state, 0)).toEqual([]);
    expect(playersIn(state, n)).toEqual([1]);
  });

  test("a window far in the future is not taken: it would push out all others", () => {
    const state = applyMessages(EMPTY_STATE, [levelMessage(1, activity(0))], NOW);
    const n = (STORE_LIMITS.futureMsMax + 120_000) / WINDOW_MS;
    expect(playersIn(applyMessages(state, [levelMessage(2, activity(n))], NOW), 0)).toEqual([1]);
  });

  test("a window holds at most its limit of groups", () => {
    const messages = Array.from({ length: STORE_LIMITS.groupsMax + 5 }, (_, i) =>
      levelMessage(i, activity(0, { level_id: `level_${i}` })),
    );
    expect(playersIn(applyMessages(EMPTY_STATE, messages, NOW), 0)).toHaveLength(
      STORE_LIMITS.groupsMax,
    );
  });

  test("no message changes nothing, by identity", () => {
    expect(applyMessages(EMPTY_STATE, [], NOW)).toBe(EMPTY_STATE);
  });
});

describe("wholeUntil", () => {
  const one = applyMessages(EMPTY_STATE, [levelMessage(1, activity(0))], NOW)["level-activity"];

  test("a window whose insights are still coming is not shown yet", () => {
    expect(wholeUntil(one, NOW + 100)).toBe(windowAt(0).window_start);
  });

  test("a window is whole once it has been quiet for a moment", () => {
    expect(wholeUntil(one, NOW + 500)).toBe(windowAt(0).window_end);
  });

  test("a window that never gets quiet is shown after a while all the same", () => {
    let state = applyMessages(EMPTY_STATE, [levelMessage(1, activity(0))], NOW);
    for (let ms = 0; ms <= 1_300; ms += 100) {
      state = applyMessages(state, [levelMessage(2 + ms, activity(0))], NOW + ms);
    }
    expect(wholeUntil(state["level-activity"], NOW + 1_300)).toBe(windowAt(0).window_end);
  });

  test("without windows there is nothing to show", () => {
    expect(wholeUntil(EMPTY_STATE["item-sales"], NOW)).toBe(0);
  });
});
