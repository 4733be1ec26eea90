/** An operator: its Rust function, where it stands, and what its head says. */
import type { Node, Scalar } from "yaml";
import type { Operator, OperatorKind, Place, Signature, TransformKind } from "./ir.ts";
import { TRANSFORM_KINDS } from "./ir.ts";
import { closest } from "./names.ts";
import { PUBLIC_CRATES_HINT } from "./package-code.ts";
import type { Entry, Reader } from "./reader.ts";
import { findSignature, genericArguments } from "./signature.ts";

const OPERATOR_KEYS = ["operator", "run", "uses", "dependencies", "lang", "with"] as const;
const EXAMPLE: Readonly<Record<OperatorKind, string>> = {
  map: "fn name(value: In) -> Result<Out>",
  filter: "fn name(value: In) -> Result<bool>",
  "filter-map": "fn name(value: In) -> Result<Option<Out>>",
  "flat-map": "fn name(value: In) -> Result<Vec<Out>>",
  "assign-timestamp": "fn name(value: In, event_time: i64) -> Result<i64>",
  "assign-key": "fn name(value: In) -> Result<String>",
  "update-state": "fn name(value: In) -> Result<()>",
  flush: "fn name() -> Result<Out>",
};

/** A list of `- operator: …`. */
export function readTransforms(reader: Reader, entry: Entry | undefined): Operator[] {
  if (entry === undefined) return [];
  const found: Operator[] = [];
  for (const node of reader.list(entry.value, entry.key, entry.at)) {
    const at = reader.place(node, entry.at);
    const fields = reader.fields(node, "an operator", at, OPERATOR_KEYS);
    const name = reader.string(fields.operator, "operator", at);
    if (name === undefined) continue;
    const kind = TRANSFORM_KINDS.find((known) => known === name);
    if (kind === undefined) {
      reportKind(reader, fields.operator?.value ?? node, name);
      continue;
    }
    const operator = readBody(reader, fields, { kind, at });
    if (operator !== undefined) found.push(operator);
  }
  return found;
}

function reportKind(reader: Reader, node: Node, name: string): void {
  const near = closest(name, TRANSFORM_KINDS);
  const hint =
    near === undefined
      ? `transforms are: ${TRANSFORM_KINDS.join(", ")}`
      : `did you mean "${near}"?`;
  reader.report(reader.place(node), `unknown operator "${name}"`, hint);
}

/** `assign-key: { run: … }` and its like. */
export function readNamed(
  reader: Reader,
  entry: Entry | undefined,
  kind: Exclude<OperatorKind, TransformKind>,
): Operator | undefined {
  if (entry === undefined) return undefined;
  const fields = reader.fields(entry.value, kind, entry.at, OPERATOR_KEYS);
  return readBody(reader, fields, { kind, at: entry.at });
}

function readBody(
  reader: Reader,
  fields: Partial<Record<(typeof OPERATOR_KEYS)[number], Entry>>,
  { kind, at }: { kind: OperatorKind; at: Place },
): Operator | undefined {
  if (fields.dependencies !== undefined) {
    if (/"sdf[-_]http"/.test(JSON.stringify(fields.dependencies.value)))
      return reader.report(fields.dependencies.at, CALL_OUTS, CALL_OUTS_HINT);
    return reader.report(
      fields.dependencies.at,
      "dependencies on public crates are not supported",
      PUBLIC_CRATES_HINT,
    );
  }
  const lang = reader.optionalString(fields.lang, "lang") ?? "rust";
  if (lang !== "rust" && fields.lang !== undefined)
    return reader.report(
      fields.lang.at,
      `operators in "${lang}" are not supported`,
      "write it in Rust",
    );
  if (fields.uses !== undefined) return imported(reader, fields.uses, { kind, at });
  const run = fields.run;
  const scalar = run === undefined ? undefined : reader.scalar(run.value);
  if (run === undefined || typeof scalar?.value !== "string")
    return reader.report(
      run?.at ?? at,
      `${kind} has no code`,
      `add \`run: |\` with ${EXAMPLE[kind]} { … }`,
    );
  const source = codeOf(reader, scalar);
  refuseCallOuts(reader, source);
  const signature = readSignature(reader, source, { kind, at: run.at });
  if (signature === undefined) return undefined;
  return { kind, signature, code: source.lines, codeLine: source.line, at };
}

/** Problems of a package's function are told where it is used. */
function imported(
  reader: Reader,
  uses: Entry,
  { kind, at }: { kind: OperatorKind; at: Place },
): Operator | undefined {
  const name = reader.string(uses, "uses", uses.at);
  if (name === undefined) return undefined;
  const place = reader.place(uses.value, uses.at);
  const found = reader.imported.get(name);
  // Its import has told what is wrong with it.
  if (found === undefined && reader.imported.has(name)) return undefined;
  if (found === undefined) {
    const near = closest(name, reader.imported.keys());
    const hint = near === undefined ? "list it under imports" : `did you mean "${near}"?`;
    return reader.report(place, `no imported function "${name}"`, hint);
  }
  if (found.kind !== kind)
    return reader.report(place, `"${name}" is a ${found.kind}, not a ${kind}`);
  const parameters = found.signature.parameters.map((parameter) => ({ ...parameter, at: place }));
  const signature = { ...found.signature, parameters, at: place, outputAt: place };
  const { code, file: codeFile, states } = found;
  return { kind, signature, code, codeLine: 1, codeFile, states, at };
}

const CALL_OUTS = "HTTP call-outs are not supported";
const CALL_OUTS_HINT =
  "look it up in a state that another service fills from a topic, or ask in a service of your own and write the answer to a topic";

/** The crate is SDF's own; rustc would only say that there is none. */
function refuseCallOuts(reader: Reader, source: Source): void {
  for (const [index, line] of source.lines.entries()) {
    const at = line.replace(/\/\/.*$/, "").search(/\bsdf_http\b/);
    if (at < 0) continue;
    const place = { line: source.line + index, column: at + 1 };
    return reader.report(place, CALL_OUTS, CALL_OUTS_HINT);
  }
}

interface Source {
  readonly lines: string[];
  readonly line: number;
  /** Column of the first character of each line, less one: 0 where the lines are whole. */
  readonly column: number;
}

/** A literal block is taken from the file as it is, so that lines and columns of rustc are those of the file. */
function codeOf(reader: Reader, scalar: Scalar): Source {
  const [start, end] = scalar.range ?? [0, 0];
  if (scalar.type === "BLOCK_LITERAL") {
    const header = reader.text.indexOf("\n", start);
    const lines = reader.text
      .slice(header + 1, end)
      .replace(/\s+$/, "")
      .split(/\r?\n/);
    return { lines, line: reader.placeOfOffset(start).line + 1, column: 0 };
  }
  const place = reader.placeOfOffset(start);
  const quoted = scalar.type === "QUOTE_DOUBLE" || scalar.type === "QUOTE_SINGLE" ? 1 : 0;
  const text = String(scalar.value);
  const lines = text.split("\n");
  lines[0] = " ".repeat(Math.max(0, place.column - 1 + quoted)) + (lines[0] ?? "");
  return { lines, line: place.line, column: 0 };
}

function readSignature(
  reader: Reader,
  source: Source,
  { kind, at }: { kind: OperatorKind; at: Place },
): Signature | undefined {
  const code = source.lines.join("\n");
  const raw = findSignature(code);
  if (raw === undefined)
    return reader.report(at, `${kind} has no function`, `expected ${EXAMPLE[kind]} { … }`);
  const placeOf = (offset: number): Place => {
    const before = code.slice(0, offset).split("\n");
    return { line: source.line + before.length - 1, column: (before.at(-1) ?? "").length + 1 };
  };
  const output = genericArguments(raw.result, "Result")?.[0];
  if (output === undefined) {
    const found = raw.result === "" ? "nothing" : raw.result;
    const hint = `expected ${EXAMPLE[kind]}`;
    return reader.report(
      placeOf(raw.resultOffset),
      `${raw.name} must return a Result, not ${found}`,
      hint,
    );
  }
  const parameters = raw.parameters.map(({ name, type, offset }) => ({
    name,
    type,
    at: placeOf(offset),
  }));
  const outputAt = placeOf(raw.resultOffset);
  return { name: raw.name, parameters, output, outputAt, at: placeOf(raw.offset) };
}
