/** Which of the project's connectors the stack runs. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "./layout.ts";

/** Connectors of the simulated game, by their name. */
const GENERATOR_PREFIX = "generator-";
const GRAPHITE_PREFIX = "graphite-";

/** The files under `connectors/`, without those for a simulated game or a Graphite when there is none. */
export function connectorPaths(options: { generator: boolean; graphite: boolean }): string[] {
  return readdirSync(PROJECT.connectorsDir)
    .filter((name) => /\.ya?ml$/.test(name))
    .filter((name) => options.generator || !name.startsWith(GENERATOR_PREFIX))
    .filter((name) => options.graphite || !name.startsWith(GRAPHITE_PREFIX))
    .toSorted()
    .map((name) => join(PROJECT.connectorsDir, name));
}
