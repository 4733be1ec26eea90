/** Which of the project's connectors the stack runs. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "./layout.ts";

/** Connectors of the simulated game, by their name. */
const GENERATOR_PREFIX = "generator-";

/** The files under `connectors/`, without those that need the simulated game when there is none. */
export function connectorPaths(options: { generator: boolean }): string[] {
  return readdirSync(PROJECT.connectorsDir)
    .filter((name) => /\.ya?ml$/.test(name))
    .filter((name) => options.generator || !name.startsWith(GENERATOR_PREFIX))
    .toSorted()
    .map((name) => join(PROJECT.connectorsDir, name));
}
