import { checkEvent, EVENT_TOPICS } from "@arenaflow/events";
import { describe, expect, it } from "vitest";
import { FRAUD_PATTERNS, LOOK_ALIKES, SCENARIO_NAMES, scenarioNamed } from "../src/index.ts";
import { MINUTE_MS, newWorld, run, START_MS } from "./support.ts";

function worldOf(name: string) {
  return newWorld({ scenario: scenarioNamed(name) });
}

describe.each(SCENARIO_NAMES)("the scenario %s", (name) => {
  it("is called what its file is called, and gives valid events", () => {
    const world = worldOf(name);
    expect(world.options.scenario.name).toBe(name);
    const batch = world.advance(START_MS + MINUTE_MS);
    for (const topic of EVENT_TOPICS) {
      const found = batch[topic].map((line) => checkEvent(topic, JSON.parse(line)));
      expect(found.filter((issue) => issue !== undefined)).toEqual([]);
      expect(found.length).toBeGreaterThan(5);
    }
  });
});

describe("the scenarios", () => {
  it("are refused by a name that is none, with those there are", () => {
    expect(() => scenarioNamed("doomsday")).toThrow(/one of default, quiet, fraud-heavy/);
  });

  it("quiet: a few players and no cheats", () => {
    const world = worldOf("quiet");
    run(world, 5 * MINUTE_MS);
    expect(world.sessions.active).toBeLessThan(70);
    const labels = world.truth.after(0, 1000).map((entry) => entry.label);
    expect(labels.filter((label) => label !== "honest")).toEqual([]);
  });

  it("fraud-heavy: every way to cheat and every look-alike within minutes", () => {
    const world = worldOf("fraud-heavy");
    run(world, 6 * MINUTE_MS);
    const played = new Set(world.truth.after(0, 1000).map((entry) => entry.pattern));
    for (const pattern of [...FRAUD_PATTERNS, ...LOOK_ALIKES]) expect(played).toContain(pattern);
  });

  it("launch-day: mostly newcomers, full servers, broken connections", () => {
    const ordinary = worldOf("default");
    const launch = worldOf("launch-day");
    const lost = [ordinary, launch].map((world) => {
      const { players } = run(world, 4 * MINUTE_MS);
      return players.filter((event) => event["event_type"] === "disconnect").length;
    });
    expect(lost[1]).toBeGreaterThan(2 * lost[0]!);
    expect(launch.accounts.count).toBeGreaterThan(
      2 * launch.options.scenario.population.accountsInitial,
    );
    expect(launch.sessions.active).toBeGreaterThan(500);
  });
});
