/**
 * Which fields of a record the operators look at. The others are checked when a record is decoded, but neither kept nor
 * copied, which about doubles the throughput. The scan is conservative: any use of a parameter that is not plainly
 * `parameter.field` means the whole value.
 */
import type { Edge, Operator, Service, TypeDefinition } from "../document/ir.ts";
import type { RustTypes } from "../document/rust-types.ts";
import { blankOut } from "../document/signature.ts";

/** Names of fields in Rust; undefined stands for the whole value. */
export type Fields = ReadonlySet<string> | undefined;

const NONE: Fields = new Set<string>();
/** More fields than the mask has bits are all kept. */
export const MASKED_FIELDS_MAX = 128;

/** Unites; the whole absorbs everything. */
export function union(all: readonly Fields[]): Fields {
  const result = new Set<string>();
  for (const fields of all) {
    if (fields === undefined) return undefined;
    for (const field of fields) result.add(field);
  }
  return result;
}

/** The mask for a type's `__read` and `__pick`. */
export function maskOf(definition: TypeDefinition, fields: Fields): string {
  if (fields === undefined || definition.body.kind !== "object") return "u128::MAX";
  let mask = 0n;
  for (const [index, field] of definition.body.fields.entries())
    if (fields.has(field.field)) mask |= 1n << BigInt(index);
  return `0x${mask.toString(16)}u128`;
}

export class Projection {
  readonly #types: RustTypes;

  constructor(types: RustTypes) {
    this.#types = types;
  }

  /** The definition when the type is an object. */
  object(type: string): TypeDefinition | undefined {
    const definition = this.#types.definition(this.#types.canonical(type));
    return definition?.body.kind === "object" ? definition : undefined;
  }

  /** Fields of its value that an operator uses. */
  usedBy(operator: Operator): Fields {
    const { parameters } = operator.signature;
    const parameter = operator.kind === "assign-timestamp" ? parameters.at(-2) : parameters.at(-1);
    if (parameter === undefined) return undefined;
    const body = this.object(parameter.type)?.body;
    if (body?.kind !== "object") return undefined;
    return scan(operator, parameter.name, new Set(body.fields.map((field) => field.field)));
  }

  /** Fields of the source's value that the service needs. */
  neededBy(service: Service, edge: Edge, skip: number): Fields {
    const operators = [...edge.transforms, ...service.transforms].slice(skip);
    return this.#alongChain(operators, () => this.#afterTransforms(service));
  }

  /** Fields that a partition needs after its key is assigned; `end` is what follows its transforms. */
  afterKey(transforms: readonly Operator[], end: () => Fields): Fields {
    return this.#alongChain(transforms, end);
  }

  /** A filter passes the value on; the other transforms end it. */
  #alongChain(operators: readonly Operator[], rest: () => Fields): Fields {
    const [operator, ...others] = operators;
    if (operator === undefined) return rest();
    const used = this.usedBy(operator);
    if (operator.kind !== "filter" || used === undefined) return used;
    return union([used, this.#alongChain(others, rest)]);
  }

  #afterTransforms(service: Service): Fields {
    const { window, partition } = service;
    const sinks = (): Fields =>
      union(service.sinks.map((sink) => this.#alongChain(sink.transforms, () => undefined)));
    const updated = (update: Operator | undefined): Fields =>
      update === undefined ? NONE : this.usedBy(update);
    if (window === undefined) {
      if (partition === undefined) return sinks();
      const end = (): Fields =>
        partition.updateState === undefined ? sinks() : updated(partition.updateState);
      return union([this.usedBy(partition.assignKey), this.#alongChain(partition.transforms, end)]);
    }
    const { assignTimestamp } = window;
    return union([
      assignTimestamp === undefined ? NONE : this.usedBy(assignTimestamp),
      this.#alongChain(window.transforms, () => {
        const last = updated(window.updateState);
        const inner = window.partition;
        if (inner === undefined) return last;
        const end = (): Fields => union([last, updated(inner.updateState)]);
        return union([this.usedBy(inner.assignKey), this.#alongChain(inner.transforms, end)]);
      }),
    ]);
  }
}

/** Every `name` in the function must read `name.field`. */
function scan(operator: Operator, name: string, fields: ReadonlySet<string>): Fields {
  const source = operator.code.join("\n");
  const code = blankOut(source);
  if (!/^[A-Za-z_]\w*$/.test(name) || code.includes("macro_rules!")) return undefined;
  // A format string may name the parameter: `{name}`, `{name:?}`.
  if (new RegExp(`\\{\\s*${name}\\b`).test(source) && !new RegExp(`\\{\\s*${name}\\b`).test(code))
    return undefined;
  const head = operator.signature.name;
  const start = code.search(new RegExp(`\\bfn\\s+${head}\\b`));
  const body = code.indexOf("{", start);
  const used = new Set<string>();
  for (const match of code.slice(body).matchAll(new RegExp(`(?<![\\w])${name}(?!\\w)`, "g"))) {
    const after = code.slice(body + match.index + name.length);
    const field = /^\s*\.\s*((?:r#)?[A-Za-z_]\w*)\s*(?!\w|\s*\(|\s*::)/.exec(after)?.[1];
    if (field === undefined || !fields.has(field)) return undefined;
    used.add(field);
  }
  return used;
}
