/** One package on this machine: sdf-package.yaml, and the Rust files of its functions. */
import type { OperatorKind, OwnState, Place } from "./ir.ts";
import { TRANSFORM_KINDS } from "./ir.ts";
import { closest, snakeCase } from "./names.ts";
import { findCrate, PUBLIC_CRATES_HINT, withoutSdk } from "./package-code.ts";
import { type Entry, Reader } from "./reader.ts";
import type { PackageFunction, ReadFile, Sections } from "./read-packages.ts";
import { readStates } from "./read-states.ts";
import { Types } from "./read-types.ts";
import { findSignature, genericArguments } from "./signature.ts";

const NOWHERE: Place = { line: 1, column: 1 };
const OPERATOR_KINDS: readonly OperatorKind[] = [
  ...TRANSFORM_KINDS,
  "assign-timestamp",
  "assign-key",
  "update-state",
  "flush",
];

/** What is wrong with a function, for where it is imported. */
export interface Wrong {
  readonly message: string;
  readonly hint?: string;
}

interface Declared {
  readonly kind: OperatorKind;
  readonly states: readonly OwnState[];
}

/** Adds the types of the packages that the package itself imports. */
type ReadImports = (reader: Reader, sections: Sections, types: Types) => void;

export class PackageReader {
  readonly #dir: string;
  readonly #readFile: ReadFile;
  readonly #readImports: ReadImports;
  readonly #functions = new Map<string, Declared>();
  readonly #states = new Map<string, OwnState>();
  #name = "";

  constructor(dir: string, readFile: ReadFile, readImports: ReadImports) {
    this.#dir = dir;
    this.#readFile = readFile;
    this.#readImports = readImports;
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
    this.#readImports(reader, sections, own);
    own.readSection(top.types);
    own.check();
    for (const state of readStates(reader, top.states, own)) {
      if (state.kind === "own") this.#states.set(state.name, state);
      else
        reader.report(state.at, `state "${state.name}" is another service's`, "a package has none");
    }
    for (const entry of reader.map(top.functions?.value ?? null, "functions", NOWHERE))
      this.#declare(reader, entry);
    for (const definition of own.definitions.values()) types.adopt(definition);
    const problem = reader.problems[0];
    return problem === undefined
      ? undefined
      : `${file}:${problem.line}:${problem.column}: ${problem.message}`;
  }

  #declare(reader: Reader, entry: Entry): void {
    const fields = reader.map(entry.value, "a function", entry.at);
    const field = (name: string): Entry | undefined => fields.find(({ key }) => key === name);
    const kind = reader.string(field("operator"), "operator", entry.at);
    const known = OPERATOR_KINDS.find((candidate) => candidate === kind);
    if (known === undefined) {
      reader.report(entry.at, `unknown operator "${kind ?? ""}"`);
      return;
    }
    const states: OwnState[] = [];
    for (const node of reader.list(field("states")?.value ?? null, "states", entry.at)) {
      const at = reader.place(node, entry.at);
      const { name } = reader.fields(node, "a state", at, ["name"]);
      const state = this.#states.get(reader.string(name, "name", at) ?? "");
      if (state !== undefined) states.push(state);
      else reader.report(at, this.#noState(String(reader.plain(name?.value ?? null))));
    }
    this.#functions.set(entry.key, { kind: known, states });
  }

  #noState(name: string): string {
    const near = closest(name, this.#states.keys());
    return `the package has no state "${name}"${near === undefined ? "" : `; did you mean "${near}"?`}`;
  }

  /** What is wrong with the name of a state; undefined when there is one. */
  problemOfState(name: string): string | undefined {
    return this.#states.has(name) ? undefined : this.#noState(name);
  }

  /** The function, or what is wrong with it. */
  find(name: string): PackageFunction | Wrong {
    const declared = this.#functions.get(name);
    if (declared === undefined) {
      const near = closest(name, this.#functions.keys());
      const message = `the package has no function "${name}"`;
      return near === undefined ? { message } : { message, hint: `did you mean "${near}"?` };
    }
    const rustName = snakeCase(name);
    const file = joinPath(this.#dir, `rust/${this.#name}/src/${rustName}.rs`);
    const text = this.#readFile(file);
    if (text === undefined) return { message: `${file} cannot be read` };
    const raw = findSignature(text, rustName);
    const output = raw === undefined ? undefined : genericArguments(raw.result, "Result")?.[0];
    if (raw === undefined || output === undefined)
      return { message: `${file} has no function ${rustName} that returns a Result` };
    const parameters = raw.parameters.map((parameter) => ({ ...parameter, at: NOWHERE }));
    const code = this.#withModules(withoutSdk(text));
    if (code === undefined)
      return { message: `${file} uses a module of the package whose file cannot be read` };
    const crate = this.#problemOfCrate(code, file);
    if (crate !== undefined) return crate;
    const signature = { name: rustName, parameters, output };
    return { ...declared, signature, code: code.split(/\r?\n/), file };
  }

  #problemOfCrate(code: string, file: string): Wrong | undefined {
    const cargo = joinPath(this.#dir, `rust/${this.#name}/Cargo.toml`);
    const used = findCrate(code, this.#readFile(cargo) ?? "");
    if (used === undefined) return undefined;
    return {
      message: `${file}:${used.line}:${used.column}: the public crate ${used.crate} is not supported`,
      hint: PUBLIC_CRATES_HINT,
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

/** A path from a directory, without what cancels out. */
export function joinPath(dir: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${dir}/${path}`.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return (path.startsWith("/") ? "/" : "") + parts.join("/");
}
