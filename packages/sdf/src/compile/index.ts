/** dataflow.yaml to dataflow.wasm. */
import { existsSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  type Dataflow,
  parseDataflow,
  type ParseResult,
  type Problem,
  type ReadFile,
} from "../document/index.ts";
import { type Crate, generateCrate } from "./generate.ts";
import type { Plan } from "./plan.ts";
import { compileCrate, type CompileResult } from "./rustc.ts";
import { findRustc } from "./toolchain.ts";
import { dataflowOfFunction } from "./single-function.ts";
import { appendSection, readSection } from "./wasm-section.ts";

export { findRustc, ToolchainError, type Toolchain, type ToolchainErrorCode } from "./toolchain.ts";
export type { Plan } from "./plan.ts";
export { NoSuchFunction } from "./single-function.ts";

export const PLAN_SECTION = "sdf.plan";
export const HASH_SECTION = "sdf.hash";
const DOCUMENT = "dataflow.yaml";
const MODULE = "dataflow.wasm";

export interface BuildOptions {
  /** A rustc to use instead of looking for one. */
  readonly rustc?: string;
  /** Slower to compile, faster to run. Default true. */
  readonly release?: boolean;
  /** Asks rustc what is wrong, and nothing more: the module is empty. */
  readonly checkOnly?: boolean;
  /** For packages: a file by its path from the dataflow's directory. */
  readonly readFile?: ReadFile;
}

export type BuildResult =
  | { readonly wasm: Uint8Array; readonly plan: Plan; readonly hash: string }
  | { readonly problems: readonly Problem[] };

/**
 * Builds the dataflow of a directory; what is wrong with it comes back as problems.
 * @throws ToolchainError when there is no rustc for it
 */
export async function buildDataflow(dir: string, options: BuildOptions = {}): Promise<BuildResult> {
  const text = await readFile(join(dir, DOCUMENT), "utf8");
  return buildText(text, { ...options, readFile: filesOf(dir) });
}

/** Packages are read from the dataflow's directory. */
function filesOf(dir: string): ReadFile {
  return (path) => {
    const file = resolve(dir, path);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  };
}

/** Builds a dataflow from the text of its document. */
export async function buildText(text: string, options: BuildOptions = {}): Promise<BuildResult> {
  const { readFile: files } = options;
  const parsed = parseDataflow(text, {
    file: DOCUMENT,
    ...(files === undefined ? {} : { readFile: files }),
  });
  return "problems" in parsed ? parsed : buildParsed(parsed.dataflow, options);
}

async function buildParsed(dataflow: Dataflow, options: BuildOptions): Promise<BuildResult> {
  const crate = generateCrate(dataflow);
  const toolchain = await findRustc(options.rustc);
  const release = options.release ?? true;
  const compile = async (made: Crate): Promise<CompileResult> =>
    compileCrate(made.files, {
      toolchain,
      release,
      checkOnly: options.checkOnly ?? false,
      file: DOCUMENT,
      names: made.names,
    });
  let compiled = await compile(crate);
  // Also when an operator only seemed to do without its own value: then this is what succeeds.
  if ("problems" in compiled) compiled = await compile(generateCrate(dataflow, { lend: false }));
  if ("problems" in compiled) return compiled;
  if (options.checkOnly === true)
    return { wasm: compiled.wasm, plan: crate.plan, hash: crate.hash };
  const planned = appendSection(compiled.wasm, PLAN_SECTION, JSON.stringify(crate.plan));
  const wasm = appendSection(planned, HASH_SECTION, crate.hash);
  return { wasm, plan: crate.plan, hash: crate.hash };
}

/**
 * Builds a module of one function of a dataflow: from the source `value` to the sink `result`.
 * @throws NoSuchFunction
 * @throws ToolchainError
 */
export async function buildFunction(dir: string, name: string): Promise<BuildResult> {
  const checked = await checkDataflow(dir);
  if ("problems" in checked) return checked;
  return buildParsed(dataflowOfFunction(checked.dataflow, name), { release: false });
}

/** Reads and checks the document of a directory, and the packages it names; Rust is not asked. */
export async function checkDataflow(dir: string): Promise<ParseResult> {
  const text = await readFile(join(dir, DOCUMENT), "utf8");
  return parseDataflow(text, { file: DOCUMENT, readFile: filesOf(dir) });
}

/** The hash of what the module of this directory is made from; undefined when the document has problems. */
export async function inputsHash(dir: string): Promise<string | undefined> {
  const checked = await checkDataflow(dir);
  return "problems" in checked ? undefined : generateCrate(checked.dataflow).hash;
}

/** Whether dataflow.wasm is missing or was made from something else than what is here now. */
export async function isStale(dir: string): Promise<boolean> {
  const wasm = await readFile(join(dir, MODULE)).catch(() => undefined);
  if (wasm === undefined) return true;
  return readSection(wasm, HASH_SECTION) !== (await inputsHash(dir));
}
