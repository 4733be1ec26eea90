import type { RaisedFlag } from "@arenaflow/events";
import { describe, expect, test } from "vitest";
import { accuracyOf, type Deed } from "../src/model/accuracy.ts";
import { flagCourse, raisedFlagsOf, ringsOf } from "../src/model/raised-flags.ts";
import { courses, T0, windowAt } from "./samples.ts";

function flag(fields: Partial<RaisedFlag> = {}): RaisedFlag {
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
