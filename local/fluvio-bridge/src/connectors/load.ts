/** Finds connector files and reads them, all problems of all files at once. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { describeError } from "../log.ts";
import { parseConnector, type ConnectorConfig } from "./config.ts";
import type { SecretSource } from "./secrets.ts";

export interface ConnectorFile {
  readonly path: string;
  readonly config: ConnectorConfig;
  readonly warnings: readonly string[];
}

/** Connector files that cannot be used, one line per problem, each with its file. */
export class ConnectorFileError extends Error {
  override readonly name = "ConnectorFileError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/**
 * Reads connector files.
 * @param paths files, or folders whose `*.yaml` are taken
 * @throws {ConnectorFileError} with everything that is wrong
 */
export function loadConnectors(paths: readonly string[], secrets: SecretSource): ConnectorFile[] {
  const problems: string[] = [];
  const files: ConnectorFile[] = [];
  const found = new Map<string, string[]>();
  for (const path of paths.flatMap((each) => expand(each, problems))) {
    const result = parseConnector(readFileSync(path, "utf8"), secrets);
    if ("problems" in result) {
      for (const what of result.problems) found.set(what, [...(found.get(what) ?? []), path]);
    } else files.push({ path, ...result });
  }
  // A secret that is missing is missing in many files: said once, it can be read.
  for (const [what, [first = "", ...others]] of found) {
    problems.push(`${first}${others.length === 0 ? "" : ` and ${others.length} more`}: ${what}`);
  }
  problems.push(...sameNames(files));
  if (problems.length > 0) throw new ConnectorFileError(problems);
  return files;
}

function expand(path: string, problems: string[]): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => /\.ya?ml$/.test(name));
    if (names.length === 0) problems.push(`${path}: there is no .yaml file in this folder`);
    return names.toSorted().map((name) => join(path, name));
  } catch (error) {
    problems.push(`${path}: cannot be read: ${describeError(error)}`);
    return [];
  }
}

/** Two connectors of one name would share a consumer position. */
function sameNames(files: readonly ConnectorFile[]): string[] {
  const seen = new Map<string, string>();
  return files.flatMap(({ path, config }) => {
    const other = seen.get(config.name);
    seen.set(config.name, path);
    if (other === undefined) return [];
    return [`${path}: meta.name ${config.name} is also the name in ${basename(other)}`];
  });
}
