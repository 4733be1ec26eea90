import { describe, expect, it } from "vitest";
import itemFile from "../../../catalog/items.json" with { type: "json" };
import mapFile from "../../../catalog/maps.json" with { type: "json" };
import serverFile from "../../../catalog/servers.json" with { type: "json" };
import scenarioFile from "../../../scenarios/default.json" with { type: "json" };
import { parseCatalog, parseInjection, parseScenario, readScenario } from "../src/index.ts";
import { newWorld } from "./support.ts";

type Json = { [name: string]: unknown };

/** A copy of a document with one field, named by its path, replaced or removed. */
function changed(file: Json, path: string, value: unknown): Json {
  const copy = JSON.parse(JSON.stringify(file)) as Json;
  const names = path.split(".");
  let at = copy;
  for (const name of names.slice(0, -1)) at = at[name] as Json;
  const last = names.at(-1) ?? "";
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

describe("a scenario", () => {
  it.each([
    ["name", "", "name", "a text that is not empty"],
    ["name", undefined, "name", "a text that is not empty"],
    ["population.active_target", "many", "population.active_target", "a number from 1 to"],
    ["population.active_target", 1e9, "population.active_target", "a number from 1 to"],
    ["population.accounts_max", 1.5, "population.accounts_max", "an integer from"],
    ["population.day_curve", [1, 2], "population.day_curve", "a list of 24 numbers"],
    ["population.acounts", 5, "population.acounts", "absent; known here: accounts_max"],
    ["regions", [], "regions", "a list of 1 to"],
    ["regions.1.share", -1, "regions[1].share", "a number from 0"],
    ["session.interaction_share", 2, "session.interaction_share", "a number from 0 to 1"],
    ["servers.report_seconds", [2, 1], "servers.report_seconds", "a pair [from, to]"],
    ["fraud.patterns.theft", 1, "fraud.patterns.theft", "absent; known here"],
    ["session", 5, "session", "a JSON object"],
  ])("with %s = %j is refused at %s", (path, value, field, expected) => {
    const attempt = () => parseScenario(changed(scenarioFile, path, value));
    expect(attempt).toThrow(
      expect.objectContaining({ field, expected: expect.stringContaining(expected) }),
    );
  });

  it("may not let players pay in a currency that an item has no price in", () => {
    const scenario = parseScenario(changed(scenarioFile, "regions.0.currencies", { SEK: 1 }));
    expect(() => newWorld({ scenario })).toThrow(/prices\.SEK must be a price/);
  });

  it("may leave out fraud and look-alikes", () => {
    const quiet = changed(changed(scenarioFile, "fraud.patterns", {}), "look_alikes.patterns", {});
    const world = newWorld({ scenario: parseScenario(quiet) });
    world.advance(world.nowMs + 120_000);
    expect(world.truth.after(0, 1000).filter((entry) => entry.label !== "incident")).toEqual([]);
  });
});

describe("a scenario that extends another", () => {
  it("says only what differs", () => {
    const population = { active_target: 7 };
    const own = { extends: "default", name: "small", description: "Seven players.", population };
    const scenario = readScenario(own);
    const base = parseScenario(scenarioFile);
    expect(scenario).toEqual({
      ...base,
      name: "small",
      description: "Seven players.",
      population: { ...base.population, activeTarget: 7 },
    });
  });

  it.each([
    [{ extends: "nothing" }, "extends", "the name of a whole scenario: default"],
    [{ extends: "quiet" }, "extends", "the name of a whole scenario: default"],
    [{ extends: 5 }, "extends", "the name of a whole scenario"],
    [{ extends: "default", populaton: {} }, "populaton", "absent; known here"],
    [
      { extends: "default", population: { active_target: 0 } },
      "population.active_target",
      "from 1",
    ],
    [null, "", "a JSON object"],
  ])("as %j is refused", (file, field, expected) => {
    const attempt = () => readScenario(file);
    expect(attempt).toThrow(
      expect.objectContaining({ field, expected: expect.stringContaining(expected) }),
    );
  });
});

describe("the catalog", () => {
  const files = { maps: mapFile, items: itemFile, servers: serverFile };

  it("is refused when a level is on a map that does not exist", () => {
    const maps = changed(mapFile, "levels.0.maps", ["map_77"]);
    expect(() => parseCatalog({ ...files, maps })).toThrow(/levels\.level_01\.maps .* "map_77"/);
  });

  it("is refused when a price is not a price", () => {
    const items = changed(itemFile, "items.2.prices.EUR", 0);
    expect(() => parseCatalog({ ...files, items })).toThrow(
      /items\[2\]\.prices\.EUR must be a number/,
    );
  });
});

describe("an injection", () => {
  it.each([
    [null, "", "a JSON object"],
    [{}, "inject", "one of fraud-burst"],
    [{ inject: "earthquake" }, "inject", "one of fraud-burst"],
    [{ inject: "fraud-burst", count: 0 }, "count", "a number from 1"],
    [{ inject: "fraud-burst", count: 2.5 }, "count", "an integer from 1"],
    [{ inject: "fraud-burst", pattern: "theft" }, "pattern", "one of velocity-account"],
    [{ inject: "look-alike" }, "pattern", "one of sale"],
    [{ inject: "viral-peak", factor: 1000 }, "factor", "a number from 1 to"],
    [{ inject: "server-crash", server: "server_1" }, "server", "absent"],
  ])("%j is refused", (request, field, expected) => {
    const attempt = () => parseInjection(request);
    expect(attempt).toThrow(
      expect.objectContaining({ field, expected: expect.stringContaining(expected) }),
    );
  });
});
