/** `imports`: types and functions of packages on this machine. The place of a package is its path under `dev.imports`. */
import type { OperatorKind, OwnState, Signature } from "./ir.ts";
import { joinPath, PackageReader } from "./package.ts";
import type { Entry, Reader } from "./reader.ts";
import type { Types } from "./read-types.ts";

/** Reads a file by its path from the dataflow's directory; undefined when there is none. */
export type ReadFile = (path: string) => string | undefined;

/** A function that `uses` can name. Its signature carries no places: problems belong where it is used. */
export interface PackageFunction {
  readonly kind: OperatorKind;
  readonly signature: Omit<Signature, "at" | "outputAt">;
  readonly code: readonly string[];
  /** The Rust file, from the dataflow's directory. */
  readonly file: string;
  /** Those of the package that it works on. */
  readonly states: readonly OwnState[];
}

export interface Imports {
  /** By the names they have here; undefined for one with a problem. */
  readonly functions: ReadonlyMap<string, PackageFunction | undefined>;
}

/** Of packages that import packages. */
const DEPTH_MAX = 8;

export interface Sections {
  readonly imports: Entry | undefined;
  readonly dev: Entry | undefined;
}

/** Adds the types of imported packages to `types` and returns their functions by the names they have here. */
export function readImports(
  reader: Reader,
  sections: Sections,
  types: Types,
  { readFile, dir = ".", depth = 0 }: { readFile: ReadFile; dir?: string; depth?: number },
): Imports {
  const functions = new Map<string, PackageFunction | undefined>();
  const { imports, dev } = sections;
  const paths = devPaths(reader, dev);
  if (imports === undefined) return { functions };
  for (const node of reader.list(imports.value, "imports", imports.at)) {
    const at = reader.place(node, imports.at);
    const fields = reader.fields(node, "an import", at, ["pkg", "types", "functions", "states"]);
    const name = reader.string(fields.pkg, "pkg", at);
    if (name === undefined) continue;
    const path = paths.get(withoutVersion(name));
    if (path === undefined) {
      const hint =
        "packages are taken from this machine: add `dev: { imports: [{ pkg: …, path: … }] }`";
      reader.report(at, `no path for the package "${name}"`, hint);
    } else if (depth >= DEPTH_MAX) {
      reader.report(at, "packages import one another too deep");
    } else {
      const inner = { readFile, dir: joinPath(dir, path), depth: depth + 1 };
      const found = new PackageReader(
        inner.dir,
        readFile,
        (...its) => void readImports(...its, inner),
      );
      const problem = found.load(types);
      if (problem !== undefined) reader.report(at, `package "${name}": ${problem}`);
      else {
        importFunctions(reader, fields.functions, found, functions);
        checkStates(reader, fields.states, found);
      }
    }
  }
  return { functions };
}

function devPaths(reader: Reader, dev: Entry | undefined): Map<string, string> {
  const paths = new Map<string, string>();
  // The converter is that of SDF's own tests.
  const known = ["imports", "converter"] as const;
  const list =
    dev === undefined ? undefined : reader.fields(dev.value, "dev", dev.at, known).imports;
  if (list === undefined) return paths;
  for (const node of reader.list(list.value, "imports", list.at)) {
    const at = reader.place(node, list.at);
    const fields = reader.fields(node, "a development import", at, ["pkg", "path"]);
    const [name, path] = [
      reader.string(fields.pkg, "pkg", at),
      reader.string(fields.path, "path", at),
    ];
    if (name !== undefined && path !== undefined) paths.set(withoutVersion(name), path);
  }
  return paths;
}

/** The versions of an import and of its development path differ in SDF's own examples. */
function withoutVersion(name: string): string {
  return name.replace(/@.*$/, "");
}

function importFunctions(
  reader: Reader,
  entry: Entry | undefined,
  source: PackageReader,
  functions: Map<string, PackageFunction | undefined>,
): void {
  if (entry === undefined) return;
  for (const node of reader.list(entry.value, "functions", entry.at)) {
    const at = reader.place(node, entry.at);
    const fields = reader.fields(node, "a function", at, ["name", "alias"]);
    const name = reader.string(fields.name, "name", at);
    if (name === undefined) continue;
    const found = source.find(name);
    const isWrong = "message" in found;
    if (isWrong) reader.report(at, found.message, found.hint);
    const alias = reader.optionalString(fields.alias, "alias") ?? name;
    functions.set(alias, isWrong ? undefined : found);
  }
}

/** A service has the states of the functions that it uses; the list only says which there are. */
function checkStates(reader: Reader, entry: Entry | undefined, source: PackageReader): void {
  if (entry === undefined) return;
  for (const node of reader.list(entry.value, "states", entry.at)) {
    const at = reader.place(node, entry.at);
    const fields = reader.fields(node, "a state", at, ["name"]);
    const name = reader.string(fields.name, "name", at);
    const problem = name === undefined ? undefined : source.problemOfState(name);
    if (problem !== undefined) reader.report(at, problem);
  }
}
