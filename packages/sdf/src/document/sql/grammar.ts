/**
 * Which queries the engine takes: the grammar of runtime/sql/parser.rs and parse_expr.rs, without
 * what they make of it. What is refused there is refused here, with its place and what to do about it.
 */
import { Cursor, Undecided } from "./cursor.ts";
import { AGGREGATES, CASTS, checkFunction } from "./functions.ts";
import { SqlProblem, type Token, tokens } from "./lexer.ts";

export interface Name {
  readonly table?: Token;
  readonly column: Token;
}

export interface NamedTable {
  readonly name: Token;
  readonly alias: string;
}

/** What one `select` names. */
export interface Scope {
  readonly tables: NamedTable[];
  readonly names: Name[];
  /** Names of results, which `order by` may use. */
  readonly aliases: string[];
}

const RESERVED = new Set(
  (
    "from where group having order limit offset join inner left right full cross on using union and or not as asc desc " +
    "nulls when then else end"
  ).split(" "),
);
const COMPARISONS = new Set(["=", "==", "<>", "!=", "<", "<=", ">", ">="]);
/** Symbols by level; 0 or, 1 and, 2 not, 3 comparison, 4 concat, 5 sum, 6 product. */
const SYMBOLS: readonly (readonly string[])[] = [
  [],
  [],
  [],
  [],
  ["||"],
  ["+", "-"],
  ["*", "/", "//", "%"],
];
const WORDS = ["or", "and"];
const DEPTH_MAX = 64;
const UNION_MAX = 64;

const INNER = 'ask in two steps: `sql("…")?.sql("select … from self …")`';
const NUMBERING = "order or group in SQL, and number the rows in Rust";

/**
 * Reads a query.
 * @returns what its selects name; fewer of them when the rest depends on a placeholder
 * @throws SqlProblem for a query that the engine would refuse
 */
export function readQuery(text: string): readonly Scope[] {
  const grammar = new Grammar(tokens(text));
  try {
    grammar.whole();
  } catch (cause) {
    if (!(cause instanceof Undecided)) throw cause;
    grammar.scopes.pop();
  }
  return grammar.scopes;
}

class Grammar extends Cursor {
  readonly scopes: Scope[] = [];
  #depth = 0;

  whole(): void {
    if (!this.isWord("select")) {
      const { kind, text } = this.peek;
      if (kind === "word")
        this.fail(`${text} is not supported, only select`, "states change in update-state");
      this.fail("expected select");
    }
    this.#query();
    this.symbol(";");
    const { kind, text } = this.peek;
    if (kind === "word") this.fail(`${text} is not supported here`);
    if (kind !== "end") this.fail(`unexpected ${this.found}`);
  }

  get #scope(): Scope {
    return this.scopes.at(-1) as Scope;
  }

  #query(): void {
    this.#select();
    let unions = 0;
    while (this.word("union")) {
      if (!this.word("all")) this.word("distinct");
      if (this.isWord("by"))
        this.fail(
          "union by name is not supported",
          "name the columns in one order in both selects",
        );
      unions += 1;
      if (unions > UNION_MAX) this.fail(`more than ${UNION_MAX} unions`);
      this.#select();
    }
    // What orders a union names its results.
    const last = this.scopes.length;
    if (unions > 0) this.scopes.push({ tables: [], names: [], aliases: [] });
    this.#orderBy();
    this.scopes.length = last;
    if (this.word("limit")) this.#count();
    if (this.word("offset")) this.#count();
  }

  #select(): void {
    this.scopes.push({ tables: [], names: [], aliases: [] });
    this.needWord("select");
    this.word("distinct");
    do this.#item();
    while (this.symbol(","));
    if (this.word("from")) this.#table();
    while (this.#join());
    if (this.word("where")) this.#expr();
    if (this.word("group")) {
      this.needWord("by");
      this.#list();
    }
    if (this.word("having")) this.#expr();
  }

  #count(): void {
    const { kind } = this.peek;
    if (kind !== "integer" && kind !== "unknown")
      this.fail(`expected a count, found ${this.found}`);
    this.next();
  }

  /** @returns how many there were */
  #list(): number {
    let count = 0;
    do {
      this.#expr();
      count += 1;
    } while (this.symbol(","));
    return count;
  }

  #item(): void {
    if (this.symbol("*")) return;
    const [dot, star] = [this.tokens[this.at + 1], this.tokens[this.at + 2]];
    if (dot?.text === "." && star?.kind === "symbol" && star.text === "*") {
      this.name();
      this.at += 2;
      return;
    }
    this.#expr();
    const alias = this.#alias();
    if (alias !== undefined) this.#scope.aliases.push(alias.text);
  }

  #alias(): Token | undefined {
    if (this.word("as")) return this.name();
    const { kind, text } = this.peek;
    if (kind === "quoted") return this.next();
    return kind === "word" && !RESERVED.has(text.toLowerCase()) ? this.next() : undefined;
  }

  #table(): void {
    if (this.isSymbol("(")) this.fail("a query inside from is not supported", INNER);
    const name = this.name();
    const alias = this.#alias() ?? name;
    if (this.isSymbol(","))
      this.fail("several tables in from are not supported", "use join … on …");
    this.#scope.tables.push({ name, alias: alias.text });
  }

  #join(): boolean {
    const kind = ["join", "inner", "cross", "left", "right", "full"].find((word) =>
      this.word(word),
    );
    if (kind === undefined) return false;
    if (kind === "left" || kind === "right" || kind === "full") this.word("outer");
    if (kind !== "join") this.needWord("join");
    this.#table();
    if (kind === "cross") return true;
    if (!this.word("using")) {
      this.needWord("on");
      this.#expr();
      return true;
    }
    this.needSymbol("(");
    do this.#scope.names.push({ column: this.name() });
    while (this.symbol(","));
    this.needSymbol(")");
    return true;
  }

  #orderBy(): void {
    if (!this.word("order")) return;
    this.needWord("by");
    do {
      this.#expr();
      if (!this.word("desc")) this.word("asc");
      if (this.word("nulls") && !this.word("first")) this.needWord("last");
    } while (this.symbol(","));
  }

  #expr(): void {
    this.#deeper(() => this.#binary(0));
  }

  #deeper(read: () => void): void {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) this.fail("the expression is nested too deep");
    read();
    this.#depth -= 1;
  }

  #binary(level: number): void {
    if (level === 7) return this.#unary();
    if (level === 2) {
      if (this.word("not")) return this.#deeper(() => this.#binary(2));
      return this.#comparison();
    }
    this.#binary(level + 1);
    while (this.#operator(level)) this.#binary(level + 1);
  }

  #operator(level: number): boolean {
    const word = WORDS[level];
    if (word !== undefined) return this.word(word);
    return SYMBOLS[level]?.some((symbol) => this.symbol(symbol)) ?? false;
  }

  #comparison(): void {
    this.#binary(4);
    for (;;) {
      const { kind, text } = this.peek;
      if (kind === "symbol" && COMPARISONS.has(text)) {
        this.next();
        this.#binary(4);
      } else if (!this.#postfix()) return;
    }
  }

  /** `is null`, `in`, `between`, `like`; false when none follows. */
  #postfix(): boolean {
    if (this.word("is")) {
      this.word("not");
      this.needWord("null");
      return true;
    }
    const from = this.at;
    this.word("not");
    if (this.word("in")) {
      this.needSymbol("(");
      if (this.isWord("select")) this.fail("a query inside in is not supported", INNER);
      this.#list();
      this.needSymbol(")");
      return true;
    }
    if (this.word("between")) {
      this.#binary(4);
      this.needWord("and");
      this.#binary(4);
      return true;
    }
    if (this.word("like") || this.word("ilike")) {
      this.#binary(4);
      return true;
    }
    this.at = from;
    return false;
  }

  #unary(): void {
    if (this.symbol("-") || this.symbol("+")) return this.#deeper(() => this.#unary());
    const { kind, text } = this.peek;
    switch (kind) {
      case "integer":
      case "float":
      case "text":
        this.next();
        return;
      case "quoted":
      case "unknown":
        return this.#column();
      case "word":
        return this.#wordExpr(text.toLowerCase());
      case "symbol":
      case "end":
        if (!this.symbol("(")) this.fail(`expected a value, found ${this.found}`);
        if (this.isWord("select"))
          this.fail("a query inside an expression is not supported", INNER);
        this.#expr();
        this.needSymbol(")");
    }
  }

  #wordExpr(lower: string): void {
    if (["null", "true", "false"].includes(lower)) {
      this.next();
      return;
    }
    if (lower === "case") return this.#case();
    if (lower === "cast") return this.#cast();
    if (RESERVED.has(lower) && !["left", "right"].includes(lower))
      this.fail(`expected a value, found ${this.found}`);
    const after = this.tokens[this.at + 1];
    if (after?.kind === "symbol" && after.text === "(") this.#call(lower);
    else if (RESERVED.has(lower)) this.fail(`expected a value, found ${this.found}`);
    else this.#column();
  }

  #column(): void {
    const first = this.name();
    if (this.symbol(".")) this.#scope.names.push({ table: first, column: this.name() });
    else this.#scope.names.push({ column: first });
  }

  #call(name: string): void {
    const token = this.next();
    this.needSymbol("(");
    const isAggregate = AGGREGATES.has(name);
    if (isAggregate) this.word("distinct");
    const star = isAggregate && this.symbol("*");
    const count = star || this.isSymbol(")") ? 0 : this.#arguments(isAggregate);
    this.needSymbol(")");
    if (this.isWord("over")) this.fail("a window function (over) is not supported", NUMBERING);
    if (isAggregate && count === 0 && name !== "count")
      throw new SqlProblem(token.at, `${name} needs an argument`);
    if (!isAggregate) checkFunction(token, name, count);
  }

  #arguments(isAggregate: boolean): number {
    if (!isAggregate) return this.#list();
    this.#expr();
    return 1;
  }

  #case(): void {
    this.next();
    if (!this.isWord("when")) this.#expr();
    while (this.word("when")) {
      this.#expr();
      this.needWord("then");
      this.#expr();
    }
    if (this.word("else")) this.#expr();
    this.needWord("end");
  }

  #cast(): void {
    this.next();
    this.needSymbol("(");
    this.#expr();
    this.needWord("as");
    const { kind, text } = this.peek;
    if (kind !== "unknown" && !CASTS.has(text.toLowerCase()))
      this.fail(`cast to ${text} is not supported`, "integer, double, text or boolean");
    this.name();
    this.needSymbol(")");
  }
}
