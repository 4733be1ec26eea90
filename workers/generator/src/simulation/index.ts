/** The simulated game, free of any runtime: usable in a Worker, in Node and in a test. */
export { type Catalog, parseCatalog } from "./catalog.ts";
export { type Injection, type InjectionReceipt, INJECTIONS, parseInjection } from "./injections.ts";
export { InvalidInput } from "./json-reader.ts";
export type { Batch, TopicCounts } from "./output.ts";
export { FRAUD_PATTERNS, LOOK_ALIKES, parseScenario, type Scenario } from "./scenario.ts";
export { describeWorld, type WorldState } from "./state.ts";
export type { TruthEntry, TruthLabel } from "./truth.ts";
export { World, type WorldOptions } from "./world.ts";
