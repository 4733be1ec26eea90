import type { LevelRetention } from "@arenaflow/events";
import { describe, expect, test } from "vitest";
import { cohortsOf } from "../src/model/cohorts.ts";
import { movementOf } from "../src/model/movement.ts";
import { retentionOf, stuckWords } from "../src/model/retention.ts";
import { sessionsOf } from "../src/model/sessions.ts";
import { courses, windowAt } from "./samples.ts";

describe("retention", () => {
  const outcome = (n: number, fields: Partial<LevelRetention> = {}): LevelRetention => ({
    level_id: "level_02",
    map_id: "map_01",
    started: 10,
    completed: 4,
    failed: 3,
    quit: 1,
    came_back: 1,
    average_attempt_seconds: 30,
    stuck: false,
    stuck_by: "",
    stuck_measure: 0,
    started_total: 10,
    completed_total: 4,
    failed_total: 3,
    quit_total: 1,
    came_back_total: 1,
    ...windowAt(n),
    ...fields,
  });

  test("maps of a level add up, attempts weigh by their number", () => {
    const { levels } = retentionOf(
      courses(
        outcome(1),
        outcome(1, { map_id: "map_02", started: 30, average_attempt_seconds: 70 }),
      ),
    );
    expect(levels).toMatchObject([
      { level: "level_02", started: 40, completed: 8, goingOn: 24, attemptSeconds: 60 },
    ]);
  });

  test("a stuck point says why, and whether it still is one", () => {
    const stuck = { stuck: true, stuck_by: "failures", stuck_measure: 0.8 } as const;
    const { stuck: points } = retentionOf(
      courses(
        outcome(0, { ...stuck, map_id: "map_02" }),
        outcome(1, { ...stuck, stuck_threshold: 0.5 }),
        outcome(1, { map_id: "map_02" }),
      ),
    );
    expect(points.map(({ map, open }) => [map, open])).toEqual([
      ["map_01", true],
      ["map_02", false],
    ]);
    expect(stuckWords(points[0]!)).toBe(
      "80\u00A0% of the attempts fail (3 of 7 decided in a minute); usual is below 50\u00A0%.",
    );
  });
});

test("movement adds maps up to levels and leaves moves within a level apart", () => {
  const move = (from: string, to: string, transitions: number) => ({
    from_level_id: from,
    from_map_id: "m",
    to_level_id: to,
    to_map_id: "n",
    transitions,
    ...windowAt(0),
  });
  const { flows, players, withinLevel, levels } = movementOf(
    courses(move("l2", "l10", 2), move("l10", "l2", 5), move("l2", "l10", 4), move("l2", "l2", 9)),
  );
  expect(flows).toEqual([
    { from: "l2", to: "l10", players: 6 },
    { from: "l10", to: "l2", players: 5 },
  ]);
  expect([players, withinLevel, levels]).toEqual([11, 9, ["l2", "l10"]]);
});

test("cohorts: the newest word about a day wins, days that have not come stay unknown", () => {
  const one = (n: number, day: string, number: number, returned: number) => ({
    cohort_day: day,
    day_number: number,
    cohort_size: 10 + n,
    returned,
    ...windowAt(n),
  });
  const cohorts = cohortsOf(
    courses(one(0, "2026-11-22", 0, 10), one(1, "2026-11-22", 0, 11), one(1, "2026-11-20", 2, 4)),
  );
  expect(cohorts).toEqual([
    { day: "2026-11-20", size: 11, returned: [undefined, undefined, 4] },
    { day: "2026-11-22", size: 11, returned: [11] },
  ]);
});

test("sessions of a platform are those that its share tells", () => {
  const stats = {
    active_sessions: 9,
    active_last_minute: 9,
    started: 5,
    ended: 4,
    disconnected: 1,
    average_duration: 60,
    by_platform: [{ platform: "ios", started: 2, ended: 1, disconnected: 0 }],
    ...windowAt(0),
  };
  expect(sessionsOf(courses(stats))).toMatchObject({ started: 5, ended: 4, meanSeconds: 60 });
  expect(sessionsOf(courses(stats), { platform: "ios" })).toMatchObject({ started: 2, ended: 1 });
  expect(sessionsOf(courses(stats), { platform: "pc" })).toMatchObject({ started: 0, ended: 0 });
});
