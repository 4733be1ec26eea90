/** The game of this project: its catalog, and the scenarios that come with it. */
import items from "../../../catalog/items.json" with { type: "json" };
import maps from "../../../catalog/maps.json" with { type: "json" };
import servers from "../../../catalog/servers.json" with { type: "json" };
import defaultFile from "../../../scenarios/default.json" with { type: "json" };
import fraudHeavyFile from "../../../scenarios/fraud-heavy.json" with { type: "json" };
import launchDayFile from "../../../scenarios/launch-day.json" with { type: "json" };
import quietFile from "../../../scenarios/quiet.json" with { type: "json" };
import { parseCatalog } from "./catalog.ts";
import { extendScenario } from "./extend-scenario.ts";
import { InvalidInput } from "./json-reader.ts";
import { parseScenario, type Scenario } from "./scenario.ts";

export const catalog = parseCatalog({ maps, items, servers });

const FILES = {
  default: defaultFile,
  quiet: quietFile,
  "fraud-heavy": fraudHeavyFile,
  "launch-day": launchDayFile,
} as const;

export type ScenarioName = keyof typeof FILES;

/** Names of the scenarios that come with the project, the ordinary one first. */
export const SCENARIO_NAMES = Object.keys(FILES) as readonly ScenarioName[];

const read = new Map<ScenarioName, Scenario>();

/**
 * A scenario that comes with the project.
 * @throws InvalidInput when there is none of this name
 */
export function scenarioNamed(name: string): Scenario {
  const known = SCENARIO_NAMES.find((candidate) => candidate === name);
  if (known === undefined) {
    const expected = `one of ${SCENARIO_NAMES.join(", ")}`;
    throw new InvalidInput({ code: "invalid_value", field: "scenario", expected, value: name });
  }
  const scenario = read.get(known) ?? readScenario(FILES[known]);
  read.set(known, scenario);
  return scenario;
}

/**
 * Reads a scenario file, which may extend one that comes with the project.
 * @param value parsed JSON
 * @throws InvalidInput naming the field that is wrong
 */
export function readScenario(value: unknown): Scenario {
  return parseScenario(extendScenario(value, FILES));
}
