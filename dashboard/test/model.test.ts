import { describe, expect, test } from "vitest";
import type { EdgeStatus } from "../src/data/pipeline.ts";
import { acceptedRate, addSample, missingEvents } from "../src/model/rates.ts";
import type { Filter } from "../src/route.ts";
import { assignColours, COLOUR_SLOTS, COLOUR_STEPS, spreadColours } from "../src/model/colours.ts";
import { coursesOf } from "../src/model/courses.ts";
import { flagsOf } from "../src/model/flags.ts";
import { frameOf, NO_COLOURS, spanOf } from "../src/model/frame.ts";
import { playersBy, playersOf } from "../src/model/players.ts";
import { revenueBins, salesOf } from "../src/model/sales.ts";
import { serversOf } from "../src/model/servers.ts";
import { lineOver } from "../src/model/windows.ts";
import { DARK } from "../src/charts/theme.ts";
import { applyMessages, EMPTY_STATE } from "../src/data/store.ts";
import { activity, courses, health, levelMessage, sale, T0, WINDOW_MS } from "./samples.ts";

describe("players", () => {
  const players = playersOf(
    courses(
      activity(0, { map_id: "map_09", active_players: 9 }),
      activity(1, { active_players: 30, average_session_duration: 10 }),
      activity(1, { level_id: "level_10", active_players: 10, average_session_duration: 50 }),
      activity(1, { level_id: "level_02", active_players: 2, average_session_duration: 20 }),
    ),
  );

  test("now is the newest window", () => {
    expect(players.now).toBe(42);
    expect(players.course).toEqual([
      [T0 + WINDOW_MS, 9],
      [T0 + 2 * WINDOW_MS, 42],
    ]);
  });

  test("a session's length is weighted by players", () => {
    expect(players.sessionSeconds).toBeCloseTo((30 * 10 + 10 * 50 + 2 * 20) / 42);
  });

  test("a place that is empty now keeps what it last had and is marked", () => {
    const place = players.places.find(({ map }) => map === "map_09");
    expect(place).toMatchObject({ players: 9, current: false, windowStartMs: T0 });
  });

  test("levels are in the order people count", () => {
    expect(players.levels).toEqual(["level_01", "level_02", "level_10"]);
  });

  test("levels that are not named are summed into one line", () => {
    const lines = playersBy(
      courses(activity(0), activity(0, { level_id: "x", active_players: 4 })),
      "level_id",
      ["level_01"],
    );
    expect(lines.map(({ name, points }) => [name, points[0]?.[1]])).toEqual([
      ["level_01", 1],
      [undefined, 4],
    ]);
  });
});

describe("sales", () => {
  test("money is added in cents", () => {
    const many = Array.from({ length: 100 }, (_, n) => sale(n, { total_revenue: 0.1 }));
    expect(salesOf(courses(...many)).cents).toBe(1_000);
  });

  test("refunds lower revenue; the ranking is by revenue", () => {
    const { items, cents } = salesOf(
      courses(
        sale(0, { item_id: "a", total_revenue: 5 }),
        sale(0, { item_id: "b", total_revenue: 7 }),
        sale(1, { item_id: "b", total_revenue: -3, purchase_count: 0 }),
      ),
    );
    expect(items.map(({ item }) => item)).toEqual(["a", "b"]);
    expect(cents).toBe(900);
  });

  test("bins are as many at every moment, the last holds the newest window", () => {
    for (let n = 0; n < 12; n += 1) {
      const toMs = T0 + n * WINDOW_MS;
      const bins = revenueBins(courses(sale(n - 1)), {
        span: { fromMs: toMs - 300_000, toMs },
        newestEndMs: toMs,
        binMs: 10_000,
        items: ["skin_dragon"],
      });
      expect(bins).toHaveLength(29);
      expect(bins.at(-1)?.cents.get("skin_dragon")).toBe(499);
    }
  });
});

describe("flags", () => {
  const flag = { player_id: "p", ip_address: "203.0.113.9", suspicious_purchase_count: 5 };

  test("one account on two items of one window counts once", () => {
    const { accounts, course } = flagsOf(
      courses(
        sale(0, { fraud_flags: [flag] }),
        sale(0, { item_id: "crate", fraud_flags: [flag] }),
        sale(1, { fraud_flags: [{ ...flag, suspicious_purchase_count: 4 }] }),
        sale(2),
      ),
    );
    expect(accounts).toEqual([
      {
        player: "p",
        address: "203.0.113.9",
        purchases: 9,
        items: ["crate", "skin_dragon"],
        windows: 2,
        firstSeenMs: T0 + WINDOW_MS,
        lastSeenMs: T0 + 2 * WINDOW_MS,
      },
    ]);
    expect(course.map(([, count]) => count)).toEqual([1, 1, 0]);
  });

  test("one player from two addresses is two entries", () => {
    const two = [flag, { ...flag, ip_address: "198.51.100.1" }];
    expect(flagsOf(courses(sale(0, { fraud_flags: two }))).accounts).toHaveLength(2);
  });
});

describe("servers", () => {
  test("a server over a threshold is hot and says why", () => {
    const { servers } = serversOf(courses(health(0, { latency: 200, cpu_load: 95 })));
    expect(servers[0]).toMatchObject({ status: "hot", reason: "latency, CPU" });
  });

  test("a server that stopped reporting is silent, whatever it said last", () => {
    const { servers, ok, silent } = serversOf(
      courses(
        health(0, { server_id: "gone", latency: 500 }),
        ...[0, 1, 2, 3].map((n) => health(n)),
      ),
    );
    expect(servers.find(({ server }) => server === "gone")).toMatchObject({
      status: "silent",
      reason: "silent for 15 s",
    });
    expect([ok, silent]).toEqual([1, 1]);
  });
});

describe("colours", () => {
  test("numbered things take their number's slot; others never share one", () => {
    const book = assignColours(new Map(), ["level_02", "level_01", "skin_dragon"]);
    expect([book.get("level_01"), book.get("level_02")]).toEqual([0, 1]);
    expect(new Set(book.values()).size).toBe(3);
  });

  test("levels are spread over the steps in their order", () => {
    const book = spreadColours(new Map(), ["level_10", "level_1", "level_2"]);
    expect([...book]).toEqual([
      ["level_1", 0],
      ["level_2", 12],
      ["level_10", COLOUR_STEPS - 1],
    ]);
    expect(spreadColours(book, ["level_2"])).toBe(book);
  });

  test("what has a colour keeps it while others come", () => {
    const before = assignColours(new Map(), ["a", "b", "c"]);
    const after = assignColours(before, ["x", "y", "c", "b", "a"]);
    for (const id of ["a", "b", "c"]) expect(after.get(id)).toBe(before.get(id));
    expect(new Set(after.values()).size).toBe(5);
  });

  test("when all are taken, one that no longer leads gives its own away", () => {
    const ids = Array.from({ length: COLOUR_SLOTS }, (_, i) => `item_${i}`);
    const full = assignColours(new Map(), ids);
    const after = assignColours(full, ["new", ...ids]);
    expect(after.size).toBe(COLOUR_SLOTS);
    expect(after.get("new")).toBe(full.get(`item_${COLOUR_SLOTS - 1}`));
    expect(after.has(`item_${COLOUR_SLOTS - 1}`)).toBe(false);
  });
});

describe("time", () => {
  test("a line breaks where windows are missing", () => {
    const line = lineOver(courses(activity(0), activity(1), activity(9)), () => 1);
    expect(line.map(([, value]) => value)).toEqual([1, 1, null, 1]);
  });

  test("the span glides with the clock and is never behind the data", () => {
    const state = applyMessages(EMPTY_STATE, [levelMessage(1, activity(0))], T0 + 6_000);
    const choice = { rangeMs: 60_000, filter: {}, atMs: undefined };
    expect(spanOf(state, choice, T0 + 6_500).toMs).toBe(T0 + WINDOW_MS);
    expect(spanOf(state, choice, T0 + 30_500).toMs).toBe(T0 + 28_000);
    expect(spanOf(state, { ...choice, atMs: T0 }, T0 + 30_500)).toEqual({
      fromMs: T0 - 60_000,
      toMs: T0,
    });
  });

  test("with little data a shorter span is shown, in steps", () => {
    const state = applyMessages(EMPTY_STATE, [levelMessage(1, activity(0))], T0 + 6_000);
    const lengthAt = (nowMs: number): number => {
      const span = spanOf(state, { rangeMs: 900_000, filter: {}, atMs: undefined }, nowMs);
      return span.toMs - span.fromMs;
    };
    expect([10_000, 70_000, 200_000, 400_000].map((ms) => lengthAt(T0 + ms))).toEqual([
      60_000, 120_000, 300_000, 900_000,
    ]);
  });

  test("a window that is not whole yet is in no course", () => {
    const state = applyMessages(
      EMPTY_STATE,
      [levelMessage(1, activity(0)), levelMessage(2, activity(1))],
      T0 + 11_000,
    );
    const span = { fromMs: T0, toMs: T0 + 60_000 };
    expect(
      coursesOf(state, span, { nowMs: T0 + 11_100, filter: {} })["level-activity"],
    ).toHaveLength(1);
    expect(
      coursesOf(state, span, { nowMs: T0 + 12_500, filter: {} })["level-activity"],
    ).toHaveLength(2);
  });

  test("looking at a past moment shows only what had happened by then", () => {
    const state = applyMessages(
      EMPTY_STATE,
      [levelMessage(1, activity(0)), levelMessage(2, activity(5, { active_players: 7 }))],
      T0 + 40_000,
    );
    const input = {
      state,
      nowMs: T0 + 50_000,
      colours: NO_COLOURS,
      theme: DARK,
      animate: true,
      hrefOf: () => "",
      pageOf: () => "",
    };
    const past = frameOf({ ...input, choice: { rangeMs: 60_000, filter: {}, atMs: T0 + 10_000 } });
    expect(past.players.now).toBe(1);
    expect(past.live).toBe(false);
    expect(
      frameOf({ ...input, choice: { rangeMs: 60_000, filter: {}, atMs: undefined } }).players.now,
    ).toBe(7);
  });
});

describe("filters", () => {
  test("narrow each topic by its own fields", () => {
    const values = [activity(0), activity(0, { level_id: "x" }), activity(0, { map_id: "y" })];
    const messages = values.map((value, i) => levelMessage(i, value));
    const state = applyMessages(EMPTY_STATE, messages, T0 + 6_000);
    const span = { fromMs: T0, toMs: T0 + 60_000 };
    const seen = (filter: Filter): number =>
      coursesOf(state, span, { nowMs: T0 + 20_000, filter })["level-activity"][0]?.values.length ??
      0;
    expect([seen({}), seen({ level: "level_01" }), seen({ level: "level_01", map: "y" })]).toEqual([
      3, 2, 1,
    ]);
    expect(seen({ item: "nothing", server: "nothing" })).toBe(3);
  });
});

test("what has not changed since the last frame is the same by identity", () => {
  const state = applyMessages(EMPTY_STATE, [levelMessage(1, activity(0))], T0 + 6_000);
  const choice = { rangeMs: 60_000, atMs: undefined, filter: {} };
  const input = {
    state,
    choice,
    colours: NO_COLOURS,
    theme: DARK,
    animate: true,
    hrefOf: () => "",
    pageOf: () => "",
  };
  const before = frameOf({ ...input, nowMs: T0 + 20_000 });
  const glided = frameOf({ ...input, nowMs: T0 + 21_000, before });
  expect(glided.span).not.toEqual(before.span);
  expect(glided.players).toBe(before.players);
  const more = applyMessages(
    state,
    [levelMessage(2, activity(0, { active_players: 9 }))],
    T0 + 21_000,
  );
  const grown = frameOf({ ...input, state: more, nowMs: T0 + 30_000, before: glided });
  expect(grown.players.now).toBe(9);
  expect(grown.sales).toBe(before.sales);
  const filter = { level: "other" };
  expect(
    frameOf({ ...input, choice: { ...choice, filter }, nowMs: T0 + 30_000, before }).players.now,
  ).toBe(0);
});

describe("rates", () => {
  const sample = (timeMs: number, accepted: number): EdgeStatus => {
    const counters = { received: accepted, accepted, duplicates: 0, rejected: 0, backlog: 0 };
    return { ...counters, timeMs, topics: [{ topic: "purchases", ...counters }] };
  };

  test("are what the counter grew by, and unknown where it began anew", () => {
    const samples = [sample(0, 10), sample(2_000, 30), sample(4_000, 5), sample(6_000, 5)];
    expect(acceptedRate(samples, "purchases")).toEqual([
      [2_000, 10],
      [4_000, null],
      [6_000, 0],
    ]);
  });

  test("an answer that came twice is one sample", () => {
    expect(addSample([sample(5, 1)], sample(5, 1))).toHaveLength(1);
  });

  test("what is received is accepted, duplicate or rejected", () => {
    expect(missingEvents({ ...sample(0, 10), received: 13, duplicates: 1, rejected: 2 })).toBe(0);
    expect(missingEvents({ ...sample(0, 10), received: 13, duplicates: 1, rejected: 1 })).toBe(1);
  });
});
