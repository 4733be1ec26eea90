/** The simulated game, free of any runtime: usable in a Worker, in Node and in a test. */
export { parseCatalog } from "./catalog.ts";
export { type InjectionReceipt, parseInjection } from "./injections.ts";
export { InvalidInput, JsonReader } from "./json-reader.ts";
export type { Batch } from "./output.ts";
export { Rng } from "./random.ts";
export { FRAUD_PATTERNS, LOOK_ALIKES, parseScenario, type Scenario } from "./scenario.ts";
export { describeWorld, type WorldState } from "./state.ts";
export { catalog, readScenario, SCENARIO_NAMES, scenarioNamed } from "./the-game.ts";
export type { TruthEntry } from "./truth.ts";
export { World, type WorldOptions } from "./world.ts";
