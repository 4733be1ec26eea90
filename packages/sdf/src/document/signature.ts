/** The head of an operator's function: enough of Rust's grammar to find name, parameters and result. */

export interface RawSignature {
  readonly name: string;
  readonly offset: number;
  readonly parameters: readonly {
    readonly name: string;
    readonly type: string;
    readonly offset: number;
  }[];
  /** The whole result, e.g. `Result<Vec<String>>`; empty for none. */
  readonly result: string;
  readonly resultOffset: number;
}

const OPEN = "([{<";
const CLOSE = ")]}>";

/** Comments and texts as spaces, so that brackets in them do not count. Offsets stay. */
export function blankOut(code: string): string {
  const pattern =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|r(#*)"[\s\S]*?"\1|b?"(?:\\[\s\S]|[^"\\])*"|b?'(?:\\(?:u\{[0-9a-fA-F]+\}|x[0-9a-fA-F]{2}|.)|[^'\\\n])'/g;
  return code.replace(pattern, (match) => match.replace(/[^\n]/g, " "));
}

/** The first function outside of any braces, or the one of that name; undefined when there is none. */
export function findSignature(code: string, name?: string): RawSignature | undefined {
  const clean = blankOut(code);
  let depth = 0;
  for (const token of clean.matchAll(/[{}]|\bfn\s+([A-Za-z_][A-Za-z0-9_]*)/g)) {
    if (token[0] === "{") depth++;
    else if (token[0] === "}") depth--;
    else if (depth === 0 && (name === undefined || token[1] === name))
      return readHead(clean, token.index, token[0].length, token[1] ?? "");
  }
  return undefined;
}

function readHead(
  code: string,
  offset: number,
  length: number,
  name: string,
): RawSignature | undefined {
  let open = offset + length;
  while (/\s/.test(code[open] ?? "")) open++;
  if (code[open] === "<") open = matching(code, open) + 1;
  open = code.indexOf("(", open);
  const close = open < 0 ? -1 : matching(code, open);
  const body = close < 0 ? -1 : code.indexOf("{", close);
  if (body < 0) return undefined;
  const parameters = splitTop(code.slice(open + 1, close)).map((part) => {
    const colon = part.text.indexOf(":");
    const pattern = part.text
      .slice(0, colon)
      .replace(/\bmut\b/, "")
      .trim();
    const leading = part.text.length - part.text.trimStart().length;
    return {
      name: pattern,
      type: tidy(part.text.slice(colon + 1)),
      offset: open + 1 + part.offset + leading,
    };
  });
  const arrow = code.indexOf("->", close);
  const hasResult = arrow >= 0 && arrow < body;
  const text = hasResult ? code.slice(arrow + 2, body).replace(/\bwhere\b[\s\S]*$/, "") : "";
  const resultOffset = hasResult ? arrow + 2 + (text.length - text.trimStart().length) : close;
  return { name, offset, parameters, result: tidy(text), resultOffset };
}

/** The index of the bracket that closes the one at `open`; -1 when there is none. `->` is no bracket. */
function matching(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    const char = code[at] ?? "";
    if (char === ">" && code[at - 1] === "-") continue;
    if (OPEN.includes(char)) depth++;
    if (CLOSE.includes(char) && --depth === 0) return at;
  }
  return -1;
}

/** Splits at commas outside of all brackets; empty parts are left out. */
export function splitTop(text: string): { text: string; offset: number }[] {
  const parts: { text: string; offset: number }[] = [];
  let [depth, from] = [0, 0];
  for (let at = 0; at <= text.length; at++) {
    const char = text[at] ?? ",";
    if (OPEN.includes(char)) depth++;
    else if (CLOSE.includes(char) && !(char === ">" && text[at - 1] === "-")) depth--;
    if (at < text.length && (char !== "," || depth > 0)) continue;
    const part = text.slice(from, at);
    if (part.trim() !== "") parts.push({ text: part, offset: from });
    from = at + 1;
  }
  return parts;
}

/** A type without the spaces that do not matter. */
export function tidy(type: string): string {
  return type
    .replace(/\s+/g, " ")
    .replace(/ ?([<>(),&[\];]|::) ?/g, "$1")
    .replaceAll(",", ", ")
    .trim();
}

/** `Option<X>` with name `Option` gives `["X"]`; paths in front are ignored. Undefined when it is another type. */
export function genericArguments(type: string, name: string): string[] | undefined {
  const match = /^(?:[A-Za-z_]\w*::)*([A-Za-z_]\w*)<([\s\S]*)>$/.exec(type);
  if (match === null || match[1] !== name) return undefined;
  return splitTop(match[2] ?? "").map((part) => tidy(part.text));
}

/** `(A, B)` gives `["A", "B"]`. */
export function tupleParts(type: string): string[] | undefined {
  if (!type.startsWith("(") || !type.endsWith(")")) return undefined;
  return splitTop(type.slice(1, -1)).map((part) => tidy(part.text));
}
