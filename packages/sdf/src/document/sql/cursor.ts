import { SqlProblem, type Token } from "./lexer.ts";

/** A token that only a running dataflow knows was met where the grammar depends on it. */
export class Undecided extends Error {}

/** A place in the tokens of a query, from which its grammar reads. */
export class Cursor {
  readonly tokens: readonly Token[];
  at = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  get peek(): Token {
    return this.tokens[this.at] as Token;
  }

  get found(): string {
    const { kind, text } = this.peek;
    return kind === "end" ? "the end" : JSON.stringify(text);
  }

  next(): Token {
    const token = this.peek;
    if (token.kind !== "end") this.at += 1;
    return token;
  }

  fail(message: string, hint?: string): never {
    if (this.peek.kind === "unknown") throw new Undecided();
    throw new SqlProblem(this.peek.at, message, hint);
  }

  isWord(word: string): boolean {
    const { kind, text } = this.peek;
    return kind === "word" && text.toLowerCase() === word;
  }

  word(word: string): boolean {
    const found = this.isWord(word);
    if (found) this.next();
    return found;
  }

  needWord(word: string): void {
    if (!this.word(word)) this.fail(`expected ${word}, found ${this.found}`);
  }

  isSymbol(symbol: string): boolean {
    const { kind, text } = this.peek;
    return kind === "symbol" && text === symbol;
  }

  symbol(symbol: string): boolean {
    const found = this.isSymbol(symbol);
    if (found) this.next();
    return found;
  }

  needSymbol(symbol: string): void {
    if (!this.symbol(symbol)) this.fail(`expected ${symbol}, found ${this.found}`);
  }

  name(): Token {
    const { kind } = this.peek;
    if (kind === "word" || kind === "quoted" || kind === "unknown") return this.next();
    return this.fail(`expected a name, found ${this.found}`);
  }
}
