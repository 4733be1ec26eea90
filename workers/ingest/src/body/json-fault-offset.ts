/**
 * Finds where JSON goes wrong. The engine often says only what it met, not where; this walks the text
 * once more, after the engine refused it. It keeps no values and needs no recursion.
 */

/** What may come next. */
type Expected = "value" | "value or ]" | "key" | "key or }" | "colon" | "comma or end" | "nothing";

const SPACES = /[ \t\n\r]*/y;
/** The part of a string that needs no closer look: no quote, no backslash, no control character. */
const PLAIN = /[ !#-[\]-\uffff]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORDS = ["true", "false", "null"] as const;

/** The offset of the first character that no JSON could have there; the length where it ends too early. */
export function faultOffset(text: string): number {
  const scanner = new Scanner(text);
  while (scanner.step());
  return scanner.at;
}

class Scanner {
  at = 0;
  readonly #text: string;
  /** The brackets that are open. */
  readonly #open: string[] = [];
  #expected: Expected = "value";

  constructor(text: string) {
    this.#text = text;
  }

  /** Takes one token. False when there is none that fits: `at` is the place. */
  step(): boolean {
    this.#take(SPACES);
    const char = this.#text[this.at];
    if (char === undefined) return false;
    switch (this.#expected) {
      case "value":
        return this.#value(char);
      case "value or ]":
        return char === "]" ? this.#close() : this.#value(char);
      case "key":
        return char === '"' && this.#string() && this.#expect("colon");
      case "key or }":
        if (char === "}") return this.#close();
        return char === '"' && this.#string() && this.#expect("colon");
      case "colon":
        return this.#punctuation(char === ":", "value");
      case "comma or end":
        return this.#commaOrEnd(char);
      case "nothing":
        return false;
    }
  }

  #commaOrEnd(char: string): boolean {
    const inObject = this.#open.at(-1) === "{";
    if (char === (inObject ? "}" : "]")) return this.#close();
    return this.#punctuation(char === ",", inObject ? "key" : "value");
  }

  #value(char: string): boolean {
    if (char === "{" || char === "[") {
      this.#open.push(char);
      return this.#punctuation(true, char === "{" ? "key or }" : "value or ]");
    }
    if (char === '"') return this.#string() && this.#ended();
    if (char === "-" || (char >= "0" && char <= "9")) {
      return this.#take(NUMBER) > 0 && this.#ended();
    }
    return this.#word() && this.#ended();
  }

  #word(): boolean {
    const word = WORDS.find((known) => known[0] === this.#text[this.at]);
    if (word === undefined) return false;
    for (const char of word) {
      if (this.#text[this.at] !== char) return false;
      this.at += 1;
    }
    return true;
  }

  #string(): boolean {
    this.at += 1;
    for (;;) {
      this.#take(PLAIN);
      if (this.#text[this.at] === '"') {
        this.at += 1;
        return true;
      }
      if (this.#take(ESCAPE) === 0) return false;
    }
  }

  #close(): boolean {
    this.#open.pop();
    this.at += 1;
    return this.#ended();
  }

  /** A value has ended. */
  #ended(): boolean {
    return this.#expect(this.#open.length === 0 ? "nothing" : "comma or end");
  }

  #punctuation(fits: boolean, next: Expected): boolean {
    if (fits) this.at += 1;
    return fits && this.#expect(next);
  }

  #expect(next: Expected): boolean {
    this.#expected = next;
    return true;
  }

  #take(pattern: RegExp): number {
    pattern.lastIndex = this.at;
    const length = pattern.exec(this.#text)?.[0].length ?? 0;
    this.at += length;
    return length;
  }
}
