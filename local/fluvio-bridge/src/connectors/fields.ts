/**
 * Reads the keys of one mapping of a connector file. Collects what is wrong instead of stopping at
 * the first fault, and remembers which keys nobody asked for, so that a misspelt key is noticed.
 */
import { parseBytes, parseDuration } from "./units.ts";

/** What reading a file found: problems stop it, warnings do not. */
export interface Findings {
  readonly problems: string[];
  readonly warnings: string[];
}

export class Fields {
  readonly path: string;
  readonly #values: { [key: string]: unknown };
  readonly #findings: Findings;
  readonly #asked = new Set<string>();

  constructor(value: unknown, path: string, findings: Findings) {
    this.path = path;
    this.#findings = findings;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      this.#values = value as { [key: string]: unknown };
      return;
    }
    this.#values = {};
    if (value !== undefined && value !== null) {
      findings.problems.push(`${path}: expected a mapping of keys, got ${describe(value)}`);
    }
  }

  /** The key's value as it is. */
  raw(key: string): unknown {
    this.#asked.add(key);
    return this.#values[key] ?? undefined;
  }

  has(key: string): boolean {
    return this.#values[key] !== undefined && this.#values[key] !== null;
  }

  /** A mapping below this one; empty when absent. */
  below(key: string): Fields {
    return new Fields(this.raw(key), this.at(key), this.#findings);
  }

  string(key: string, otherwise: string): string;
  string(key: string, otherwise: undefined): string | undefined;
  string(key: string, otherwise: string | undefined): string | undefined {
    return this.#read(key, "a string", otherwise, asText);
  }

  /** A string that must be there and not be empty. */
  requiredString(key: string): string {
    if (!this.has(key)) {
      this.raw(key);
      this.problem(key, "is missing");
      return "";
    }
    const value = this.string(key, "");
    if (value === "") this.problem(key, "is empty");
    return value;
  }

  boolean(key: string, otherwise: boolean): boolean {
    return this.#read(key, "true or false", otherwise, (value) =>
      typeof value === "boolean" ? value : undefined,
    );
  }

  integer(key: string, otherwise: number): number {
    return this.#read(key, "a whole number", otherwise, (value) =>
      typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined,
    );
  }

  /** Milliseconds. */
  duration(key: string, otherwise: number): number;
  duration(key: string, otherwise: undefined): number | undefined;
  duration(key: string, otherwise: number | undefined): number | undefined {
    return this.#read(key, "a duration such as 10s", otherwise, parseDuration);
  }

  bytes(key: string, otherwise: undefined): number | undefined {
    return this.#read(key, "a size such as 1 MB", otherwise, parseBytes);
  }

  /** A list of strings; absent is `undefined`. */
  strings(key: string): string[] | undefined {
    return this.#read<string[] | undefined>(key, "a list of strings", undefined, (value) => {
      if (!Array.isArray(value)) return undefined;
      const texts = value.map(asText);
      return texts.every((text) => text !== undefined) ? texts : undefined;
    });
  }

  /** One of a few words. */
  oneOf<Word extends string>(key: string, words: readonly Word[], otherwise: Word): Word {
    return this.#read(key, words.join(" or "), otherwise, (value) =>
      words.find((word) => word === value),
    );
  }

  problem(key: string, what: string): void {
    this.#findings.problems.push(`${this.at(key)} ${what}`);
  }

  at(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`;
  }

  /** Warns about every key that was there and that nothing asked for: `cdk` ignores them too. */
  warnUnknown(hints: Readonly<Record<string, string>> = {}): void {
    for (const key of Object.keys(this.#values)) {
      if (this.#asked.has(key)) continue;
      const hint = hints[key];
      this.#findings.warnings.push(
        `${this.at(key)} is not a key that is read; it is ignored${hint === undefined ? "" : ` (${hint})`}`,
      );
    }
  }

  #read<T>(
    key: string,
    expected: string,
    otherwise: T,
    parse: (value: unknown) => T | undefined,
  ): T {
    const value = this.raw(key);
    if (value === undefined) return otherwise;
    const parsed = parse(value);
    if (parsed !== undefined) return parsed;
    this.problem(key, `should be ${expected}, got ${describe(value)}`);
    return otherwise;
  }
}

function asText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : undefined;
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  return JSON.stringify(value) ?? typeof value;
}
