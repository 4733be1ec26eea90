/** A dataflow as one Rust crate: generated files and the runtime, by path. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Dataflow } from "../document/ir.ts";
import { RustTypes } from "../document/rust-types.ts";
import { Lending } from "./by-reference.ts";
import { FlowGenerator, type Scan } from "./generate-flow.ts";
import { generateFormats } from "./generate-formats.ts";
import { generateOperators, operatorFile } from "./generate-operators.ts";
import { generateContexts, generateStates, ownStates } from "./generate-states.ts";
import { generateTypes } from "./generate-types.ts";
import { numberDataflow, type Numbering } from "./numbering.ts";
import { Projection } from "./projection.ts";
import { makePlan, type Plan } from "./plan.ts";
import { indent, rustString } from "./rust-text.ts";
import { RUSTC_FLAGS } from "./rustc.ts";

const RUNTIME = fileURLToPath(new URL("../runtime", import.meta.url));

export interface Crate {
  /** Text by path; `lib.rs` is the root. */
  readonly files: ReadonlyMap<string, string>;
  readonly plan: Plan;
  /** What a file of `files` is called in messages, where it is a package's. */
  readonly names: ReadonlyMap<string, string>;
  /** Sha-256 of what makes the module, independent of the version of rustc. */
  readonly hash: string;
}

export interface GenerateOptions {
  /** Whether operators that only look at their value get a reference to it. Default true. */
  readonly lend?: boolean;
}

export function generateCrate(dataflow: Dataflow, { lend = true }: GenerateOptions = {}): Crate {
  const numbering = numberDataflow(dataflow);
  const types = new RustTypes(dataflow.types);
  const projection = new Projection(types);
  const scan = { types, projection, lending: new Lending(types, projection, lend) };
  const plan = makePlan(dataflow, numbering);
  const files = new Map<string, string>();
  files.set("lib.rs", `${generateLib(dataflow, numbering, scan).join("\n")}\n`);
  for (const [path, text] of generateOperators(dataflow, numbering, scan.lending))
    files.set(path, text);
  for (const [path, text] of runtimeFiles()) files.set(path, text);
  const names = numbering.operators.flatMap(({ id, operator }): [string, string][] =>
    operator?.codeFile === undefined ? [] : [[operatorFile(id, operator), operator.codeFile]],
  );
  return { files, plan, names: new Map(names), hash: hashOf(files, plan) };
}

function generateLib(dataflow: Dataflow, numbering: Numbering, scan: Scan): string[] {
  const operators = numbering.operators.map(
    ({ service, kind, name, line }) =>
      `rt::report::OperatorInfo { service: ${rustString(service)}, kind: ${rustString(kind)}, name: ${rustString(name)}, line: ${line} },`,
  );
  const modules = numbering.operators.flatMap(({ id, operator }) =>
    operator === undefined ? [] : [`#[path = "${operatorFile(id, operator)}"]`, `mod op${id};`],
  );
  return [
    "#![allow(warnings)]",
    '#[path = "rt/mod.rs"]',
    "pub mod rt;",
    "/// Paths that SDF's documents use.",
    "pub mod sdfg {",
    "    pub use crate::rt::error::{Context, Error, Result};",
    "    pub mod anyhow {",
    "        pub use crate::rt::error::{Context, Error, Result};",
    "        pub use crate::{__sdf_anyhow as anyhow, __sdf_bail as bail, __sdf_ensure as ensure};",
    "    }",
    "}",
    `pub const OPERATOR_COUNT: usize = ${numbering.operators.length};`,
    "pub static OPERATORS: [rt::report::OperatorInfo; OPERATOR_COUNT] = [",
    ...indent(operators),
    "];",
    "/// Of the states and windows: a snapshot fits modules with the same.",
    `pub const SHAPE: u64 = 0x${shapeOf(dataflow)};`,
    ...generateFormats(dataflow),
    ...modules,
    ...generateTypes(dataflow.types, scan.types),
    ...generateStates(dataflow),
    ...generateContexts(dataflow),
    ...new FlowGenerator(dataflow, numbering, scan).generate(),
  ];
}

/** 16 hex digits of what a snapshot depends on. */
function shapeOf(dataflow: Dataflow): string {
  const shape = dataflow.services.map((service) => ({
    service: service.name,
    window:
      service.window === undefined ? null : [service.window.durationMs, service.window.slideMs],
    states: ownStates(service).map(({ name, key, value }) => ({ name, key, value })),
  }));
  return createHash("sha256").update(JSON.stringify(shape)).digest("hex").slice(0, 16);
}

let runtime: ReadonlyMap<string, string> | undefined;

function runtimeFiles(): ReadonlyMap<string, string> {
  runtime ??= new Map(
    readdirSync(RUNTIME, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".rs"))
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .map((path) => [
        `rt/${relative(RUNTIME, path).replaceAll("\\", "/")}`,
        readFileSync(path, "utf8"),
      ]),
  );
  return runtime;
}

function hashOf(files: ReadonlyMap<string, string>, plan: Plan): string {
  const hash = createHash("sha256").update(JSON.stringify([plan, RUSTC_FLAGS]));
  for (const path of [...files.keys()].toSorted())
    hash.update(`\0${path}\0${files.get(path) ?? ""}`);
  return hash.digest("hex");
}
