import type { LevelRetention, RaisedFlag, Revenue } from "@arenaflow/events";
import { describe, expect, test } from "vitest";
import { accuracyOf, type Deed } from "../src/model/accuracy.ts";
import { cohortsOf } from "../src/model/cohorts.ts";
import { accountsOf } from "../src/model/conservation.ts";
import { dataflowsOf } from "../src/model/dataflows.ts";
import { fieldsOf, matches, prettyEvent } from "../src/model/event-filter.ts";
import { fleetLatency, lossesOf, medianOf } from "../src/model/fleet.ts";
import { movementOf } from "../src/model/movement.ts";
import { outagesOf } from "../src/model/outages.ts";
import { flagCourse, raisedFlagsOf, ringsOf } from "../src/model/raised-flags.ts";
import { retentionOf, stuckWords } from "../src/model/retention.ts";
import { sessionsOf } from "../src/model/sessions.ts";
import { takingsOf } from "../src/model/takings.ts";
import { remembered } from "../src/model/windows.ts";
import { courses, health, T0, WINDOW_MS, windowAt } from "./samples.ts";

export function flag(fields: Partial<RaisedFlag> = {}): RaisedFlag {
  return {
    rule: "card-testing",
    rule_version: 1,
    mode: "flag",
    severity: "high",
    score: 0.8,
    subject: "account:p1",
    player_id: "p1",
    ip_address: "10.0.0.1",
    item_id: "skin_dragon",
    count: 4,
    threshold: 3,
    evidence_event_ids: ["e1", "e2"],
    ...windowAt(0),
    ...fields,
  };
}

function deed(fields: Partial<Deed> = {}): Deed {
  return {
    position: 1,
    label: "fraud",
    pattern: "card-testing",
    rule: "card-testing",
    complete: true,
    startedMs: T0,
    endedMs: T0 + 1_000,
    eventIds: ["e1"],
    players: ["p1"],
    addresses: ["10.0.0.1"],
    ...fields,
  };
}

describe("outages", () => {
  const down = { state: "down", reason: "silent for 12 s" } as const;

  test("windows in a row are one outage, with its last reason, closed when the server is well", () => {
    const [outage, ...others] = outagesOf(
      courses(
        health(0),
        health(1, { ...down, reason: "silent for 10 s" }),
        health(2, down),
        health(3),
      ),
    );
    expect(others).toEqual([]);
    expect(outage).toEqual({
      server: "server_1",
      state: "down",
      reason: "silent for 12 s",
      fromMs: T0 + WINDOW_MS,
      toMs: T0 + 3 * WINDOW_MS,
      open: false,
    });
  });

  test("one that goes on in the newest window is open, and comes first", () => {
    const outages = outagesOf(
      courses(
        health(0, { state: "degraded", reason: "latency 300 ms" }),
        health(1),
        health(1, { server_id: "server_2", ...down }),
      ),
    );
    expect(outages.map(({ server, open }) => [server, open])).toEqual([
      ["server_2", true],
      ["server_1", false],
    ]);
  });
});

describe("the fleet", () => {
  test("a server that is down takes no part in latency", () => {
    const { median, p95, highest } = fleetLatency(
      courses(
        health(0, { latency: 10, latency_p95: 20, latency_max: 30 }),
        health(0, { server_id: "b", latency: 20, latency_p95: 90, latency_max: 95 }),
        health(0, { server_id: "c", latency: 0, latency_p95: 0, latency_max: 0, state: "down" }),
      ),
    );
    expect([median[0]?.[1], p95[0]?.[1], highest[0]?.[1]]).toEqual([15, 90, 95]);
  });

  test("the middle of nothing is unknown", () => {
    expect(medianOf([])).toBeNull();
    expect(medianOf([3, 1, 2])).toBe(2);
  });

  test("disconnections by server, with the reason of the worst window", () => {
    const one = (n: number, disconnects: number, reason: string) => ({
      server_id: "server_1",
      disconnects,
      sessions_ended: 10,
      disconnect_rate: disconnects / 10,
      main_reason: reason,
      ...windowAt(n),
    });
    const losses = lossesOf(courses(one(0, 1, "timeout"), one(1, 5, "server_crash")));
    expect(losses.servers).toEqual([
      { server: "server_1", disconnects: 6, sessionsEnded: 20, rate: 0.3, reason: "server_crash" },
    ]);
  });
});

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
      "80 % of the attempts fail (3 of 7 decided in a minute); usual is below 50 %.",
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

describe("takings", () => {
  const taking = (n: number, fields: Partial<Revenue> = {}): Revenue => ({
    period: "10s",
    purchase_count: 2,
    refund_count: 1,
    buyers: 2,
    gross_revenue: 10.1,
    refunded: 0.2,
    revenue: 9.9,
    by_item_type: [{ item_type: "skin", purchase_count: 2, revenue: 9.9 }],
    by_currency: [{ currency: "EUR", purchase_count: 2, revenue: 9.9 }],
    ...windowAt(n),
    ...fields,
  });

  test("only periods of ten seconds are added up; a minute under the same start is not counted twice", () => {
    const minute = taking(0, { period: "1m", window_end: T0 + 60_000 });
    const takings = takingsOf(courses(taking(0), minute, taking(2)));
    expect([takings.grossCents, takings.refundedCents, takings.refunds]).toEqual([2020, 40, 2]);
    expect(takings.byCurrency).toEqual([{ name: "EUR", cents: 1980, purchases: 4 }]);
  });

  test("conversion is known once players are", () => {
    const total = taking(1, { period: "total", paying_players: 5, active_players: 50 });
    expect(takingsOf(courses(total)).total).toMatchObject({ buyers: 5, conversion: 0.1 });
    expect(takingsOf(courses(taking(1, { period: "total" }))).total?.conversion).toBeUndefined();
  });
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

describe("flags", () => {
  test("rules on trial are counted apart", () => {
    const { acting, rules, accounts } = raisedFlagsOf(
      courses(flag(), flag({ rule: "slow", mode: "shadow", player_id: "p2" })),
    );
    expect([acting, accounts]).toEqual([1, 1]);
    expect(rules.map(({ rule, mode }) => [rule, mode])).toEqual([
      ["card-testing", "flag"],
      ["slow", "shadow"],
    ]);
  });

  test("their course has a point for every step, also without flags", () => {
    const points = flagCourse([flag()], { fromMs: T0, toMs: T0 + 20_000 }, 10_000);
    expect(points.map(([, value]) => value)).toEqual([0, 1, 0]);
  });

  test("accounts that share an address, directly or through another account, are one ring", () => {
    const rings = ringsOf([
      flag(),
      flag({ player_id: "p2" }),
      flag({ player_id: "p2", ip_address: "10.0.0.2" }),
      flag({ player_id: "p3", ip_address: "10.0.0.2" }),
      flag({ player_id: "alone", ip_address: "10.9.9.9" }),
    ]);
    expect(rings.map(({ accounts, addresses }) => [accounts, addresses])).toEqual([
      [
        ["p1", "p2", "p3"],
        ["10.0.0.1", "10.0.0.2"],
      ],
      [["alone"], ["10.9.9.9"]],
    ]);
  });

  test("who else was behind the address is known from the simulated game", () => {
    const [ring] = ringsOf([flag()], [deed({ players: ["p1", "p7"] })]);
    expect(ring?.accounts).toEqual(["p1", "p7"]);
  });
});

describe("precision and recall", () => {
  const span = { fromMs: T0 - 60_000, toMs: T0 + 60_000 };

  test("a flag without a fraud's event is wrong, a fraud without its rule's flag is missed", () => {
    const accuracy = accuracyOf(
      [flag(), flag({ player_id: "p2", evidence_event_ids: ["e9"] })],
      [deed(), deed({ position: 2, rule: "refund-abuse", eventIds: ["e3"] })],
      span,
    );
    expect([accuracy.precision, accuracy.recall]).toEqual([0.5, 0.5]);
  });

  test("rules on trial and frauds that have hardly ended do not count", () => {
    const fresh = deed({ endedMs: span.toMs - 1_000 });
    const accuracy = accuracyOf([flag({ mode: "shadow" })], [fresh], span);
    expect([accuracy.precision, accuracy.recall]).toEqual([undefined, undefined]);
  });

  test("honest look-alikes that were flagged are told", () => {
    const honest = deed({ label: "honest", rule: "" });
    expect(accuracyOf([flag()], [honest], span)).toMatchObject({ honest: 1, honestFlagged: 1 });
  });
});

test("an account that does not come out names what is missing", () => {
  const stats = (records: number) => ({
    topic: "purchases",
    records,
    processed: 7,
    duplicates: 2,
    refused: 1,
    late: 3,
    ...windowAt(0),
  });
  expect(accountsOf(courses(stats(10)))).toMatchObject([{ counted: 4, missing: 0 }]);
  expect(accountsOf(courses(stats(11)))).toMatchObject([{ missing: 1 }]);
});

test("dataflows are joined at their topics, in layers from what enters to what comes out", () => {
  const graph = (dataflow: string) => ({
    dataflow,
    version: "1",
    started_at: T0,
    memory_bytes: 1024,
    dropped: 0,
    nodes: [
      { id: "topic:purchases", kind: "topic", name: "purchases", rate: 5 },
      { id: "service:count", kind: "service", name: "count", rate: 5, watermark: T0, failed: 2 },
      { id: `topic:${dataflow}-out`, kind: "topic", name: `${dataflow}-out`, rate: 1 },
    ] as const,
    edges: [
      { from: "topic:purchases", to: "service:count", records: 9, rate: 5 },
      { from: "service:count", to: `topic:${dataflow}-out`, records: 3, rate: 1 },
    ],
    ...windowAt(0),
  });
  const { nodes, layers, flows } = dataflowsOf(courses(graph("a"), graph("b")));
  expect(nodes.map(({ id, layer }) => [id, layer])).toEqual([
    ["topic:purchases", 0],
    ["a/service:count", 1],
    ["topic:a-out", 2],
    ["b/service:count", 1],
    ["topic:b-out", 2],
  ]);
  expect([layers, flows.length, nodes[1]?.lagMs]).toEqual([3, 2, WINDOW_MS]);
});

test("a dataflow that reads what it wrote still has as few layers as steps", () => {
  const node = (id: string) => ({ id, kind: "service" as const, name: id, rate: 1 });
  const edge = (from: string, to: string) => ({ from, to, records: 1, rate: 1 });
  const { layers } = dataflowsOf(
    courses({
      dataflow: "a",
      version: "1",
      started_at: T0,
      memory_bytes: 0,
      dropped: 0,
      nodes: ["topic:in", "service:s", "topic:mid", "service:t"].map(node),
      edges: [
        edge("topic:in", "service:s"),
        edge("service:s", "topic:mid"),
        edge("topic:mid", "service:t"),
        edge("service:t", "topic:mid"),
        edge("service:t", "topic:in"),
      ],
      ...windowAt(0),
    }),
  );
  expect(layers).toBe(4);
});

describe("the debugger's filter", () => {
  const event = {
    topic: "purchases",
    text: '{"player_id":"Ann"}',
    fields: { player_id: "Ann", region: "eu" },
  };

  test.each([
    [{ filter: {}, topic: "", text: "" }, true],
    [{ filter: {}, topic: "player-events", text: "" }, false],
    [{ filter: { region: "eu" }, topic: "", text: "ann" }, true],
    [{ filter: { region: "us" }, topic: "", text: "" }, false],
    [{ filter: {}, topic: "", text: "ann bob" }, false],
  ])("%j: %s", (wanted, expected) => expect(matches(event, wanted)).toBe(expected));

  test("an event that is no JSON is shown as it came", () => {
    expect([fieldsOf("{"), prettyEvent("{")]).toEqual([{}, "{"]);
    expect(prettyEvent('{"a":1}')).toBe('{\n  "a": 1\n}');
  });
});

test("what was made from the same thing is the same", () => {
  let made = 0;
  const read = remembered((list: readonly number[]) => [list.length, (made += 1)]);
  const list = [1, 2];
  expect(read(list)).toBe(read(list));
  expect(read([...list])).toEqual([2, 2]);
});
