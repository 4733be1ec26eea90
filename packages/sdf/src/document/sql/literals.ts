/** The texts of queries in an operator's code: literals given to `sql`, also by way of `format!` or a name. */
import { blankOut } from "../signature.ts";
import { UNKNOWN } from "./lexer.ts";

export interface QueryText {
  readonly text: string;
  /** For each character of `text`, where it comes from in the code; one more for its end. */
  readonly offsets: readonly number[];
  /** Asked of a result or a single state, as `frame.sql(…)`: its only table is `self`. */
  readonly isOfFrame: boolean;
}

const CALL = /(\.\s*)?\bsql\s*\(\s*/g;
const OPENING = /&*\s*(?:(format)!\s*\(\s*)?(r#*|)"/y;
const VARIABLE = /&*\s*([A-Za-z_]\w*)\s*\)/y;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "0": "\0" };

/** All queries whose text stands in the code. */
export function findQueries(code: string): QueryText[] {
  const clean = blankOut(code);
  const found: QueryText[] = [];
  for (const call of clean.matchAll(CALL)) {
    // A function of that name that is declared here.
    if (/\bfn\s+$/.test(clean.slice(0, call.index))) continue;
    const at = call.index + call[0].trimEnd().length;
    const read =
      readText(code, skipSpace(code, at)) ?? readVariable(code, clean, skipSpace(code, at));
    if (read !== undefined) found.push({ ...read, isOfFrame: call[1] !== undefined });
  }
  return found;
}

function skipSpace(code: string, at: number): number {
  return at + (/^\s*/.exec(code.slice(at))?.[0].length ?? 0);
}

type Text = Omit<QueryText, "isOfFrame">;

/** A literal, or `format!` of one. */
function readText(code: string, at: number): Text | undefined {
  OPENING.lastIndex = at;
  const opening = OPENING.exec(code);
  if (opening === null) return undefined;
  const [all, format, raw = ""] = opening;
  const literal =
    raw === "" ? readPlain(code, at + all.length) : readRaw(code, at + all.length, raw);
  if (literal === undefined || format === undefined) return literal;
  return withoutPlaceholders(literal);
}

/** `sql(&query)` after the one `let query = "…"`. */
function readVariable(code: string, clean: string, at: number): Text | undefined {
  VARIABLE.lastIndex = at;
  const name = VARIABLE.exec(clean)?.[1];
  if (name === undefined) return undefined;
  const declared = [
    ...clean.matchAll(new RegExp(`\\b(?:let|const|static)\\s+${name}\\s*(?::[^=;]*)?=(?!=)`, "g")),
  ];
  const [only] = declared;
  if (only === undefined || declared.length > 1) return undefined;
  const value = skipSpace(code, only.index + only[0].length);
  const text = readText(code, value);
  const end = clean.indexOf(";", value);
  // What is done to the text afterwards is not known.
  const isWhole = /^[\s)]*(?:\.(?:to_string|to_owned|into)\(\)\s*)?$/.test(
    clean.slice((text?.offsets.at(-1) ?? end) + 1, end),
  );
  const isFormat = /^&*\s*format/.test(clean.slice(value));
  return isWhole || isFormat ? text : undefined;
}

function readRaw(code: string, from: number, raw: string): Text | undefined {
  const end = code.indexOf(`"${"#".repeat(raw.length - 1)}`, from);
  if (end < 0) return undefined;
  const text = code.slice(from, end);
  return { text, offsets: Array.from({ length: text.length + 1 }, (_, index) => from + index) };
}

function readPlain(code: string, from: number): Text | undefined {
  let text = "";
  const offsets: number[] = [];
  for (let at = from; at < code.length;) {
    const char = code.charAt(at);
    if (char === '"') return { text, offsets: [...offsets, at] };
    const [length, meant] = char === "\\" ? escape(code, at) : [1, char];
    text += meant;
    for (let index = 0; index < meant.length; index += 1) offsets.push(at);
    at += length;
  }
  return undefined;
}

/** @returns how long it is, and what it stands for */
function escape(code: string, at: number): readonly [number, string] {
  const sign = code.charAt(at + 1);
  if (sign === "\n" || sign === "\r") {
    const space = /^\s*/.exec(code.slice(at + 1))?.[0] ?? "";
    return [1 + space.length, ""];
  }
  const coded = /^\\(?:x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\})/.exec(code.slice(at, at + 10));
  if (coded === null) return [2, ESCAPES[sign] ?? sign];
  return [coded[0].length, String.fromCodePoint(Number.parseInt(coded[1] ?? coded[2] ?? "0", 16))];
}

/** A format's text with `UNKNOWN` for each `{…}`. */
function withoutPlaceholders({ text, offsets }: Text): Text {
  let result = "";
  const places: number[] = [];
  for (const part of text.matchAll(/\{\{|\}\}|\{[^{}]*\}|[\s\S]/g)) {
    const [all] = part;
    if (all.length === 1) result += all;
    else result += all === "{{" || all === "}}" ? all.charAt(0) : UNKNOWN;
    places.push(offsets[part.index] ?? 0);
  }
  return { text: result, offsets: [...places, offsets.at(-1) ?? 0] };
}
