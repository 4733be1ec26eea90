/**
 * Reads the part of TOML that Fluvio's own tools write into their config file: tables, and keys
 * with strings (also over several lines), booleans and numbers. No arrays, dates or inline tables.
 */
export type TomlValue = string | number | boolean;
export type TomlTable = { [key: string]: TomlValue | TomlTable };

const KEY = /^\s*((?:"[^"]*"|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|[A-Za-z0-9_-]+))*)/;
const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  '"': '"',
  "\\": "\\",
};

/**
 * Parses a config file.
 * @throws SyntaxError with the line's number
 */
export function parseToml(text: string): TomlTable {
  const root: TomlTable = {};
  let table = root;
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = (lines[index] ?? "").trim();
    const number = index + 1;
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith("[")) {
      const end = line.indexOf("]");
      table = descend(root, keysOf(line.slice(1, end), number), number);
      continue;
    }
    const match = KEY.exec(line);
    const rest = line.slice(match?.[0].length ?? 0).trimStart();
    if (match?.[1] === undefined || !rest.startsWith("=")) throw problem("key = value", number);
    const keys = keysOf(match[1], number);
    let value = rest.slice(1).trim();
    const quotes = /^("""|''')/.exec(value)?.[1];
    if (quotes !== undefined) {
      while (!value.slice(3).includes(quotes)) {
        index += 1;
        if (index >= lines.length) throw problem(`a closing ${quotes}`, number);
        value += `\n${lines[index]}`;
      }
    }
    const name = keys.pop() ?? "";
    descend(table, keys, number)[name] = valueOf(value, number);
  }
  return root;
}

function keysOf(path: string, line: number): string[] {
  const keys = path.match(/"[^"]*"|[A-Za-z0-9_-]+/g);
  if (keys === null) throw problem("a name", line);
  return keys.map((key) => key.replaceAll('"', ""));
}

function descend(from: TomlTable, keys: readonly string[], line: number): TomlTable {
  let table = from;
  for (const key of keys) {
    if (!Object.hasOwn(table, key)) {
      // A null prototype: a table named __proto__ is a table like any other.
      table[key] = Object.create(null) as TomlTable;
    }
    const inner = table[key];
    if (typeof inner !== "object") throw problem(`${key} to be a table`, line);
    table = inner;
  }
  return table;
}

function valueOf(text: string, line: number): TomlValue {
  const multi = /^("""|''')\n?([\s\S]*?)\1/.exec(text);
  if (multi?.[2] !== undefined) return multi[1] === '"""' ? unescape(multi[2]) : multi[2];
  const basic = /^"((?:[^"\\]|\\.)*)"/.exec(text);
  if (basic?.[1] !== undefined) return unescape(basic[1]);
  const literal = /^'([^']*)'/.exec(text);
  if (literal?.[1] !== undefined) return literal[1];
  const bare = text.replace(/#.*$/, "").trim();
  if (bare === "true" || bare === "false") return bare === "true";
  if (/^[+-]?\d[\d_]*(\.\d+)?$/.test(bare)) return Number(bare.replaceAll("_", ""));
  throw problem("a string, a number, true or false", line);
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char);
}

function problem(expected: string, line: number): SyntaxError {
  return new SyntaxError(`line ${line}: expected ${expected}`);
}
