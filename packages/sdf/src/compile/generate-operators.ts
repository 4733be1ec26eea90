/**
 * Each operator is a file of its own, called dataflow.yaml and padded with empty lines, so that lines and columns of rustc's
 * messages and of panics are those of the YAML. What has to be around the code stands on line 1 and after the last line.
 */
import type { Dataflow, Operator, Service } from "../document/ir.ts";
import { operatorsOf } from "../document/operators.ts";
import { blankOut } from "../document/signature.ts";
import { headOf, type Lending, valueParameter } from "./by-reference.ts";
import { withOurEnvironment } from "./environment.ts";
import type { Numbering } from "./numbering.ts";

/** Lets the function's error be anything that has a text. */
const INTO_ERROR = "crate::rt::error::IntoError::into_error";

/** By name: a glob does not win over the standard library's own macros. */
const PRINTING = "use crate::rt::prelude::{eprintln, format, print, println};";

export function operatorFile(id: number, operator: Operator): string {
  return `ops/${id}/${operator.codeFile?.split("/").at(-1) ?? "dataflow.yaml"}`;
}

/** The files of all operators by path. */
export function generateOperators(
  dataflow: Dataflow,
  numbering: Numbering,
  lending: Lending,
): Map<string, string> {
  const files = new Map<string, string>();
  const names = dataflow.types.map((type) => type.rustName).join(", ");
  for (const [index, service] of dataflow.services.entries()) {
    const inPartition = partitionOperators(service);
    for (const operator of operatorsOf(service)) {
      const id = numbering.idOf.get(operator) ?? 0;
      const context = `crate::context::s${index}_${inPartition.has(operator) ? "rows" : "all"}`;
      const head = `use crate::rt::prelude::*; ${PRINTING} use crate::types::{${names}}; use ${context}::*;`;
      files.set(operatorFile(id, operator), operatorText(operator, head, lending.lends(operator)));
    }
  }
  return files;
}

/** Those that work on the row of one key. */
function partitionOperators(service: Service): Set<Operator> {
  const { window } = service;
  const partition = window?.partition ?? service.partition;
  return new Set([
    ...(partition?.transforms ?? []),
    ...(partition?.updateState === undefined ? [] : [partition.updateState]),
    ...(window?.updateState === undefined ? [] : [window.updateState]),
  ]);
}

function operatorText(operator: Operator, head: string, lent: boolean): string {
  const { name, parameters, output } = operator.signature;
  const padding = "\n".repeat(Math.max(1, operator.codeLine - 1));
  const value = lent ? valueParameter(operator) : -1;
  const declared = parameters
    .map(({ type }, index) => `a${index}: ${index === value ? "&" : ""}${type}`)
    .join(", ");
  const passed = parameters.map((_, index) => `a${index}`).join(", ");
  const call = `${name}(${passed}).map_err(${INTO_ERROR})`;
  const glue = `#[inline(always)] pub(crate) fn __call(${declared}) -> crate::rt::error::Result<${output}> { ${call} }`;
  const written = lent ? lentCode(operator) : operator.code;
  const code = withOurEnvironment(written).join("\n");
  // The first line of a package's file is its own; order does not matter to Rust.
  if (operator.codeFile !== undefined) return `${code}\n${head}\n${glue}\n`;
  return `${head}${padding}${code}\n${glue}\n`;
}

/** The function with `&` before the type of its value. */
function lentCode(operator: Operator): string[] {
  const code = operator.code.join("\n");
  const { name, parameters } = operator.signature;
  const parameter = parameters[valueParameter(operator)]?.name ?? "";
  const at = headOf(blankOut(code), name, parameter) ?? 0;
  return `${code.slice(0, at)}&${code.slice(at)}`.split("\n");
}
