import { checkEvent, EVENT_TOPICS } from "@arenaflow/events";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Batch, parseInjection } from "../src/index.ts";
import { MINUTE_MS, newWorld, run, scenario, START_MS, timeOf } from "./support.ts";

function concat(batches: readonly Batch[]): Batch {
  const all: Batch = { "player-events": [], purchases: [], "server-metrics": [] };
  for (const batch of batches) for (const topic of EVENT_TOPICS) all[topic].push(...batch[topic]);
  return all;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function missingField(event: { readonly [name: string]: unknown }): string | undefined {
  const server = "item_id" in event ? [] : ["server_id"];
  const fields = ["event_id", "platform", "region", ...server];
  return fields.find((name) => typeof event[name] !== "string");
}

function playWithInjections(): Batch {
  const world = newWorld();
  const before = world.advance(START_MS + 30_000);
  for (const inject of ["fraud-burst", "stuck-level", "server-crash", "viral-peak"]) {
    world.inject(parseInjection({ inject }));
  }
  return concat([before, world.advance(START_MS + MINUTE_MS)]);
}

describe("a world", () => {
  it("gives the same events for the same seed and clock", () => {
    const first = newWorld().advance(START_MS + 2 * MINUTE_MS);
    expect(newWorld().advance(START_MS + 2 * MINUTE_MS)).toEqual(first);
    expect(newWorld({ seed: 8 }).advance(START_MS + 2 * MINUTE_MS)).not.toEqual(first);
  });

  it("gives the same events however the time is cut up", () => {
    const whole = newWorld().advance(START_MS + 20_000);
    const cuts = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 30 });
    fc.assert(
      fc.property(cuts, (moments) => {
        const world = newWorld();
        const stops = [...moments.toSorted((a, b) => a - b), 20_000];
        expect(concat(stops.map((ms) => world.advance(START_MS + ms)))).toEqual(whole);
      }),
      { numRuns: 10 },
    );
  });

  it("gives the same events in batches of any size, and none too large", () => {
    const whole = newWorld().advance(START_MS + 20_000);
    const sizes = fc.integer({ min: 1, max: 3000 });
    fc.assert(
      fc.property(sizes, (eventsMax) => {
        const batches = [...newWorld().advanceInBatches(START_MS + 20_000, eventsMax)];
        const counts = batches.map((batch) => sum(Object.values(batch).map((list) => list.length)));
        expect(Math.max(...counts)).toBeLessThanOrEqual(eventsMax);
        expect(concat(batches)).toEqual(whole);
      }),
      { numRuns: 8 },
    );
  });

  it("gives the same events for the same injections at the same times", () => {
    expect(playWithInjections()).toEqual(playWithInjections());
  });

  it("writes only valid events, in order of time, with ids that are never used twice", () => {
    const world = newWorld();
    world.inject(parseInjection({ inject: "viral-peak", factor: 3, seconds: 30 }));
    const batch = world.advance(START_MS + 3 * MINUTE_MS);
    const ids = new Set<unknown>();
    const wrong: string[] = [];
    let count = 0;
    for (const topic of EVENT_TOPICS) {
      let latest = 0;
      for (const line of batch[topic]) {
        const event = JSON.parse(line) as { [name: string]: unknown };
        const found = checkEvent(topic, event) ?? missingField(event);
        const inOrder = timeOf(event) >= latest;
        if (found !== undefined || !inOrder || JSON.stringify(event) !== line) wrong.push(line);
        latest = timeOf(event);
        ids.add(event["event_id"]);
        count += 1;
      }
      expect(latest).toBeLessThanOrEqual(START_MS + 3 * MINUTE_MS);
    }
    expect(wrong).toEqual([]);
    expect(ids.size).toBe(count);
  });

  it("has the default size within half a minute and keeps it", () => {
    const world = newWorld();
    run(world, MINUTE_MS / 2);
    const { players, purchases, metrics } = run(world, MINUTE_MS);
    expect(world.sessions.active).toBeGreaterThan(300);
    expect(world.sessions.active).toBeLessThan(420);
    expect(players.length / 60).toBeGreaterThan(150);
    expect(players.length / 60).toBeLessThan(250);
    expect(purchases.length / 60).toBeGreaterThan(1);
    expect(purchases.length / 60).toBeLessThan(8);
    expect(metrics.length / 60 / 8).toBeGreaterThan(0.5);
    expect(metrics.length / 60 / 8).toBeLessThanOrEqual(1);
  });

  it("grows and shrinks with the rate", () => {
    const world = newWorld();
    run(world, MINUTE_MS / 2);
    const ordinary = run(world, 10_000).players.length;
    world.setRate(5);
    run(world, MINUTE_MS / 2);
    const large = run(world, 10_000).players.length;
    expect(large / ordinary).toBeGreaterThan(4);
    expect(large / ordinary).toBeLessThan(6);
    world.setRate(1);
    run(world, 2 * MINUTE_MS);
    expect(run(world, 10_000).players.length / ordinary).toBeLessThan(1.5);
  });

  it("skips a time that nobody saw: no event of it, no session left over, no id used again", () => {
    const world = newWorld();
    const before = run(world, MINUTE_MS);
    world.skipTo(START_MS + 60 * MINUTE_MS);
    const after = run(world, MINUTE_MS);
    expect(Math.min(...after.players.map(timeOf))).toBeGreaterThanOrEqual(
      START_MS + 60 * MINUTE_MS,
    );
    const known = new Set(
      before.players.flatMap((event) => [event["event_id"], event["session_id"]]),
    );
    for (const event of after.players) {
      expect(known.has(event["event_id"])).toBe(false);
      expect(known.has(event["session_id"])).toBe(false);
    }
    expect(world.sessions.active).toBeGreaterThan(250);
  });

  it("brings players back hours and days later, still where they had got to", () => {
    const population = { ...scenario.population, accountsInitial: 1000, activeTarget: 20 };
    const world = newWorld({ scenario: { ...scenario, population } });
    const first = new Set(run(world, 30 * MINUTE_MS).players.map((event) => event["player_id"]));
    for (let hour = 0; hour < 20; hour += 1) world.advance(world.nowMs + 60 * MINUTE_MS);
    const nextDay = new Set(
      run(world, 4 * 60 * MINUTE_MS).players.map((event) => event["player_id"]),
    );
    const back = [...first].filter((player) => nextDay.has(player));
    expect(back.length / first.size).toBeGreaterThan(0.1);
    expect(back.length / first.size).toBeLessThan(0.9);
  });
});
