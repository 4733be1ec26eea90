import { catalog, parseInjection, scenarioNamed, World } from "@arenaflow/simulation";
import { expect, it } from "vitest";

const START_MS = Date.parse("2026-11-22T18:00:00.000Z");

function play(seed: number) {
  const world = new World({
    seed,
    startMs: START_MS,
    scenario: scenarioNamed("fraud-heavy"),
    catalog,
  });
  const before = world.advance(START_MS + 20_000);
  world.inject(parseInjection({ inject: "server-crash" }));
  return [before, world.advance(START_MS + 40_000), world.truth.after(0, 1000)];
}

it("in the Workers' runtime too, the same seed and clock give the same events and truth", () => {
  const first = play(7);
  expect(play(7)).toEqual(first);
  expect(play(8)).not.toEqual(first);
});
