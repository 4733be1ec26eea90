/** Tokens of SQL with their places; runtime/sql/lexer.rs is what runs, and this one's equal. */

/** Stands for a placeholder of `format!`: nobody knows what it will be. */
export const UNKNOWN = "\u{E000}";

export interface Token {
  readonly kind: "word" | "quoted" | "text" | "integer" | "float" | "symbol" | "end" | "unknown";
  readonly text: string;
  readonly at: number;
}

/** What is wrong with a query, and where in its text. */
export class SqlProblem extends Error {
  readonly at: number;
  readonly hint: string | undefined;

  constructor(at: number, message: string, hint?: string) {
    super(message);
    this.name = "SqlProblem";
    this.at = at;
    this.hint = hint;
  }
}

const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`/y;
const WORD = /[A-Za-z_\u0080-\uFFFF][\w\u0080-\uFFFF]*/y;
const NUMBER = /(?:\d|\.\d)(?:[\d.eE]|(?<=[eE])[+-])*/y;
const SYMBOL = /<=|>=|<>|!=|==|\|\||\/\/|[(),.*+\-/%=<>;]/y;
const SPACE = /(?:[ \t\r\n\f]|--[^\n]*)+/y;

/** @throws SqlProblem */
export function tokens(query: string): Token[] {
  const found: Token[] = [];
  const take = (pattern: RegExp, at: number): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(query)?.[0];
  };
  for (let at = 0; at < query.length;) {
    const space = take(SPACE, at);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const token = next(query, at, take);
    found.push(token);
    at += token.text.length;
  }
  found.push({ kind: "end", text: "", at: query.length });
  return found.map(withoutQuotes);
}

function next(
  query: string,
  at: number,
  take: (pattern: RegExp, at: number) => string | undefined,
): Token {
  const quote = query[at] ?? "";
  if (quote === "'" || quote === '"' || quote === "`") {
    const text = take(QUOTED, at);
    if (text === undefined) throw new SqlProblem(at, `unfinished ${quote}`);
    return { kind: quote === "'" ? "text" : "quoted", text, at };
  }
  const number = take(NUMBER, at);
  if (number !== undefined) {
    if (Number.isNaN(Number(number))) throw new SqlProblem(at, `invalid number ${number}`);
    return { kind: /^\d+$/.test(number) ? "integer" : "float", text: number, at };
  }
  const word = take(WORD, at);
  if (word !== undefined)
    return { kind: word.includes(UNKNOWN) ? "unknown" : "word", text: word, at };
  const symbol = take(SYMBOL, at);
  if (symbol !== undefined) return { kind: "symbol", text: symbol, at };
  throw new SqlProblem(at, `unexpected character ${JSON.stringify(quote)}`);
}

function withoutQuotes(token: Token): Token {
  if (token.kind !== "text" && token.kind !== "quoted") return token;
  const quote = token.text.charAt(0);
  const text = token.text.slice(1, -1).replaceAll(quote + quote, quote);
  return {
    ...token,
    kind: text.includes(UNKNOWN) && token.kind === "quoted" ? "unknown" : token.kind,
    text,
  };
}
