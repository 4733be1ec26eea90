/** `imports`: types and functions of packages on this machine. The place of a package is its path under `dev.imports`. */
import type { OperatorKind, Place, Signature } from "./ir.ts";
import { TRANSFORM_KINDS } from "./ir.ts";
import { closest, snakeCase } from "./names.ts";
import { Reader, type Entry } from "./reader.ts";
import { Types } from "./read-types.ts";
import { findSignature, genericArguments } from "./signature.ts";

/** Reads a file by its path from the dataflow's directory; undefined when there is none. */
export type ReadFile = (path: string) => string | undefined;

/** A function that `uses` can name. Its signature carries no places: problems belong where it is used. */
export interface PackageFunction {
  readonly kind: OperatorKind;
  readonly signature: Omit<Signature, "at" | "outputAt">;
  readonly code: readonly string[];
  /** The Rust file, from the dataflow's directory. */
  readonly file: string;
}

export interface Imports {
  readonly functions: ReadonlyMap<string, PackageFunction>;
}

const NOWHERE: Place = { line: 1, column: 1 };
/** Of packages that import packages. */
const DEPTH_MAX = 8;
const OPERATOR_KINDS: readonly OperatorKind[] = [
  ...TRANSFORM_KINDS,
  "assign-timestamp",
  "assign-key",
  "update-state",
  "flush",
];

interface Sections {
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
  const functions = new Map<string, PackageFunction>();
  const { imports, dev } = sections;
  const paths = devPaths(reader, dev);
  if (imports === undefined) return { functions };
  for (const node of reader.list(imports.value, "imports", imports.at)) {
    const at = reader.place(node, imports.at);
    const fields = reader.fields(node, "an import", at, ["pkg", "types", "functions", "states"]);
    const name = reader.string(fields.pkg, "pkg", at);
    if (name === undefined) continue;
    if (fields.states !== undefined)
      reader.report(
        fields.states.at,
        "states of packages are not supported",
        "declare the state in the service, and write the operators that use it inline",
      );
    const path = paths.get(withoutVersion(name));
    if (path === undefined) {
      const hint =
        "packages are taken from this machine: add `dev: { imports: [{ pkg: …, path: … }] }`";
      reader.report(at, `no path for the package "${name}"`, hint);
    } else if (depth >= DEPTH_MAX) {
      reader.report(at, "packages import one another too deep");
    } else {
      const found = new PackageReader(joinPath(dir, path), readFile, depth + 1);
      const problem = found.load(types);
      if (problem !== undefined) reader.report(at, `package "${name}": ${problem}`);
      importFunctions(reader, fields.functions, found, functions);
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
  functions: Map<string, PackageFunction>,
): void {
  if (entry === undefined) return;
  for (const node of reader.list(entry.value, "functions", entry.at)) {
    const at = reader.place(node, entry.at);
    const fields = reader.fields(node, "a function", at, ["name", "alias"]);
    const name = reader.string(fields.name, "name", at);
    if (name === undefined) continue;
    const found = source.find(name);
    if (typeof found === "string") reader.report(at, found);
    else functions.set(reader.optionalString(fields.alias, "alias") ?? name, found);
  }
}

class PackageReader {
  readonly #dir: string;
  readonly #readFile: ReadFile;
  readonly #depth: number;
  readonly #kinds = new Map<string, OperatorKind>();
  #name = "";

  constructor(dir: string, readFile: ReadFile, depth: number) {
    this.#dir = dir;
    this.#readFile = readFile;
    this.#depth = depth;
  }

  /** Reads sdf-package.yaml; what is wrong with it comes back as one text. */
  load(types: Types): string | undefined {
    const file = joinPath(this.#dir, "sdf-package.yaml");
    const text = this.#readFile(file);
    if (text === undefined) return `${file} cannot be read`;
    const reader = new Reader(text, file);
    const keys = [
      "apiVersion",
      "meta",
      "imports",
      "types",
      "states",
      "functions",
      "dev",
      "config",
    ] as const;
    const top = reader.fields(reader.root, "the package", NOWHERE, keys);
    const meta = reader.fields(top.meta?.value ?? null, "meta", NOWHERE, [
      "name",
      "version",
      "namespace",
    ]);
    this.#name = reader.string(meta.name, "meta.name", NOWHERE) ?? "";
    const own = new Types(reader);
    const sections = { imports: top.imports, dev: top.dev };
    readImports(reader, sections, own, {
      readFile: this.#readFile,
      dir: this.#dir,
      depth: this.#depth,
    });
    own.readSection(top.types);
    own.check();
    for (const entry of reader.map(top.functions?.value ?? null, "functions", NOWHERE)) {
      const operator = reader
        .map(entry.value, "a function", entry.at)
        .find((field) => field.key === "operator");
      const kind = reader.string(operator, "operator", entry.at);
      const known = OPERATOR_KINDS.find((candidate) => candidate === kind);
      if (known === undefined) reader.report(entry.at, `unknown operator "${kind ?? ""}"`);
      else this.#kinds.set(entry.key, known);
    }
    for (const definition of own.definitions.values()) types.adopt(definition);
    const problem = reader.problems[0];
    return problem === undefined
      ? undefined
      : `${file}:${problem.line}:${problem.column}: ${problem.message}`;
  }

  /** The function, or what is wrong with it. */
  find(name: string): PackageFunction | string {
    const kind = this.#kinds.get(name);
    if (kind === undefined) {
      const near = closest(name, this.#kinds.keys());
      return `the package has no function "${name}"${near === undefined ? "" : `; did you mean "${near}"?`}`;
    }
    const rustName = snakeCase(name);
    const file = joinPath(this.#dir, `rust/${this.#name}/src/${rustName}.rs`);
    const text = this.#readFile(file);
    if (text === undefined) return `${file} cannot be read`;
    const raw = findSignature(text, rustName);
    const output = raw === undefined ? undefined : genericArguments(raw.result, "Result")?.[0];
    if (raw === undefined || output === undefined)
      return `${file} has no function ${rustName} that returns a Result`;
    const parameters = raw.parameters.map((parameter) => ({ ...parameter, at: NOWHERE }));
    const code = this.#withModules(withoutSdk(text));
    if (code === undefined) return `${file} uses a module of the package whose file cannot be read`;
    return {
      kind,
      signature: { name: rustName, parameters, output },
      code: code.split(/\r?\n/),
      file,
    };
  }

  /**
   * The code with the package's own modules that it names as `crate::<module>` behind it: an
   * operator is a module of its own here, and what it does not name is not compiled with it.
   */
  #withModules(code: string): string | undefined {
    const names = new Set(Array.from(code.matchAll(/\bcrate::(\w+)::/g), ([, name]) => name ?? ""));
    let whole = code;
    for (const name of names) {
      const text = this.#readFile(joinPath(this.#dir, `rust/${this.#name}/src/${name}.rs`));
      if (text === undefined) return undefined;
      // As long as what it replaces, so that columns stay where they are.
      whole = whole.replaceAll(`crate::${name}::`, `self ::${name}::`);
      whole += `\nmod ${name} {\n${text}\n}\n`;
    }
    return whole;
  }
}

/** Takes out what belongs to SDF's build of a package; lines and columns stay. */
function withoutSdk(code: string): string {
  const blank = (match: string): string => match.replaceAll(/[^\n]/g, " ");
  return code.replaceAll(
    /#\[sdf\([^\]]*\)\]|\buse sdfg::sdf\s*;|\buse crate::bindings::[^;]*;/g,
    blank,
  );
}

function joinPath(dir: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${dir}/${path}`.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return (path.startsWith("/") ? "/" : "") + parts.join("/");
}
