/**
 * Which operators only look at their value, so that it can be lent to them: they get `&T` where they ask for `T`, and nothing
 * is copied for them. As with projection the scan is conservative; what it should get wrong rustc refuses, and the crate is
 * compiled again without lending.
 */
import type { Field, Operator, TypeDefinition, TypeUse } from "../document/ir.ts";
import type { RustTypes } from "../document/rust-types.ts";
import { blankOut } from "../document/signature.ts";
import type { Projection } from "./projection.ts";

/** Methods that do not take a text, list or option apart. */
const LOOKING =
  "as_bytes|as_deref|as_ref|as_str|bytes|char_indices|chars|clone|cmp|contains|ends_with|eq|eq_ignore_ascii_case|find|first|get|is_empty|is_none|is_some|iter|last|len|lines|parse|replace|rfind|split|split_whitespace|starts_with|strip_prefix|strip_suffix|to_lowercase|to_owned|to_string|to_uppercase|trim";
const LOOKED_AT = new RegExp(`^\\s*(?:==|!=|\\.\\s*(?:${LOOKING})\\s*\\()`);
const TEXT_MACRO = /\b(?:anyhow|bail|eprintln|format|panic|print|println|write|writeln)!\s*$/;

/** The index of the parameter that is the value. */
export function valueParameter(operator: Operator): number {
  const { length } = operator.signature.parameters;
  return operator.kind === "assign-timestamp" ? length - 2 : length - 1;
}

export class Lending {
  readonly #types: RustTypes;
  readonly #projection: Projection;
  readonly #enabled: boolean;
  readonly #known = new Map<Operator, boolean>();

  constructor(types: RustTypes, projection: Projection, enabled: boolean) {
    this.#types = types;
    this.#projection = projection;
    this.#enabled = enabled;
  }

  /** Whether the operator takes its value by reference. */
  lends(operator: Operator): boolean {
    let known = this.#known.get(operator);
    if (known === undefined) {
      known = this.#enabled && this.#onlyLooks(operator);
      this.#known.set(operator, known);
    }
    return known;
  }

  #onlyLooks(operator: Operator): boolean {
    const { signature } = operator;
    const parameter = signature.parameters[valueParameter(operator)];
    // A package's function may be called by others.
    if (operator.codeFile !== undefined || parameter === undefined) return false;
    const definition = this.#projection.object(parameter.type);
    if (definition?.body.kind !== "object") return false;
    if (this.#projection.usedBy(operator) === undefined) return false;
    const code = blankOut(operator.code.join("\n"));
    if (/\basync\b|\bunsafe\b|\bref\b/.test(code)) return false;
    const named = code.match(new RegExp(`\\b${signature.name}\\b`, "g"))?.length ?? 0;
    const head = headOf(code, signature.name, parameter.name);
    if (named !== 1 || head === undefined) return false;
    const { fields } = definition.body;
    const uses = code
      .slice(head)
      .matchAll(new RegExp(`(?<!\\w)${parameter.name}\\s*\\.\\s*((?:r#)?\\w+)`, "g"));
    return [...uses].every((match) => {
      const field = fields.find((candidate) => candidate.field === match[1]);
      const at = head + match.index;
      return (
        field !== undefined && this.#looks(field, code, { from: at, to: at + match[0].length })
      );
    });
  }

  #looks(field: Field, code: string, { from, to }: { from: number; to: number }): boolean {
    const [before, after] = [code.slice(0, from), code.slice(to)];
    const changed = /&\s*mut\s+$/.test(before) || /^\s*(?:[-+*/%|&^]|<<|>>)?=(?!=)/.test(after);
    if (changed) return false;
    if (isCopy(field.type, this.#types)) return true;
    if (LOOKED_AT.test(after) || /[!=]=\s*$/.test(before)) return true;
    if (/(?<!&)&\s*$/.test(before) && !/^\s*[.?[]/.test(after)) return true;
    return TEXT_MACRO.test(code.slice(0, openBracket(code, from))) && /^\s*[,)]/.test(after);
  }
}

/** Where the type of the parameter stands, in the function's head. */
export function headOf(code: string, name: string, parameter: string): number | undefined {
  const start = code.search(new RegExp(`\\bfn\\s+${name}\\b`));
  if (start < 0) return undefined;
  const match = new RegExp(`[(,]\\s*${parameter}\\s*:\\s*`).exec(code.slice(start));
  return match === null ? undefined : start + match.index + match[0].length;
}

/** The bracket around a place; 0 when there is none. */
function openBracket(code: string, place: number): number {
  let depth = 0;
  for (let at = place - 1; at > 0; at -= 1) {
    const char = code[at] ?? "";
    if (")]}".includes(char)) depth += 1;
    else if ("([{".includes(char) && depth-- === 0) return at;
  }
  return 0;
}

/** Whether the type can be `Copy`. */
export function isCopy(use: TypeUse, types: RustTypes, inside: readonly string[] = []): boolean {
  if (use.kind === "primitive") return use.primitive !== "string" && use.primitive !== "bytes";
  const name = types.of(use);
  const definition = types.definition(name);
  return (
    definition !== undefined &&
    !inside.includes(name) &&
    isCopyType(definition, types, [...inside, name])
  );
}

export function isCopyType(
  { body }: TypeDefinition,
  types: RustTypes,
  inside: readonly string[] = [],
): boolean {
  switch (body.kind) {
    case "alias":
      return isCopy(body.to, types, inside);
    case "list":
      return false;
    case "object":
      return body.fields.every(({ type }) => isCopy(type, types, inside));
    case "enum":
      return body.variants.every(({ type }) => type === undefined || isCopy(type, types, inside));
  }
}
