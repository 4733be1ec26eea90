/**
 * Reads untrusted JSON into typed values. A mistake is answered with the path of the field, what
 * was expected and what came, the same words as everywhere else in the project.
 */
import { describeValue, type IssueCode } from "@arenaflow/events";

/** What is wrong with a catalog, a scenario or a request. */
export class InvalidInput extends Error {
  readonly code: IssueCode;
  readonly field: string;
  readonly expected: string;
  readonly got: string;

  constructor(what: { code: IssueCode; field: string; expected: string; value: unknown }) {
    const got = describeValue(what.value);
    super(`${what.field || "The document"} must be ${what.expected}, but it is ${got}.`);
    this.name = "InvalidInput";
    this.code = what.code;
    this.field = what.field;
    this.expected = what.expected;
    this.got = got;
  }
}

export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/** Reads the fields of one JSON object; call `done` at the end to refuse misspelt ones. */
export class JsonReader {
  readonly #object: { readonly [name: string]: unknown };
  readonly #path: string;
  readonly #seen = new Set<string>();

  constructor(value: unknown, path = "") {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new InvalidInput({
        code: "not_an_object",
        field: path,
        expected: "a JSON object",
        value,
      });
    }
    this.#object = value as { readonly [name: string]: unknown };
    this.#path = path;
  }

  has(name: string): boolean {
    return this.#object[name] !== undefined;
  }

  text(name: string): string {
    const value = this.#take(name);
    if (typeof value === "string" && value.length > 0) return value;
    throw this.#wrong(name, "a text that is not empty");
  }

  number(name: string, range: NumberRange): number {
    const value = this.#take(name);
    const expected = `a number from ${range.min} to ${range.max}`;
    if (typeof value !== "number" || !Number.isFinite(value)) throw this.#wrong(name, expected);
    if (value < range.min || value > range.max) {
      throw this.#wrong(name, expected, "out_of_range");
    }
    return value;
  }

  integer(name: string, range: NumberRange): number {
    const value = this.number(name, range);
    if (Number.isInteger(value)) return value;
    throw this.#wrong(name, `an integer from ${range.min} to ${range.max}`);
  }

  /** A pair `[from, to]` in order. */
  span(name: string, range: NumberRange): readonly [from: number, to: number] {
    const value = this.#take(name);
    const expected = `a pair [from, to] of numbers from ${range.min} to ${range.max}`;
    if (!Array.isArray(value) || value.length !== 2) throw this.#wrong(name, expected);
    const [from, to] = value as [unknown, unknown];
    if (typeof from !== "number" || typeof to !== "number") throw this.#wrong(name, expected);
    if (from < range.min || to > range.max || !(from <= to)) {
      throw this.#wrong(name, expected, "out_of_range");
    }
    return [from, to];
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T {
    const value = this.#take(name);
    const found = values.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    throw this.#wrong(name, `one of ${values.join(", ")}`, "invalid_value");
  }

  object(name: string): JsonReader {
    return new JsonReader(this.#take(name), this.#pathOf(name));
  }

  /** A list of 1 to `max` entries. */
  list<T>(name: string, max: number, read: (value: unknown, path: string) => T): readonly T[] {
    const value = this.#take(name);
    if (!Array.isArray(value) || value.length === 0 || value.length > max) {
      throw this.#wrong(name, `a list of 1 to ${max} entries`);
    }
    return value.map((entry, index) => read(entry, `${this.#pathOf(name)}[${index}]`));
  }

  objects<T>(name: string, max: number, read: (reader: JsonReader) => T): readonly T[] {
    return this.list(name, max, (value, path) => {
      const reader = new JsonReader(value, path);
      const result = read(reader);
      reader.done();
      return result;
    });
  }

  texts(name: string, max: number): readonly string[] {
    return this.list(name, max, (value, path) => {
      if (typeof value === "string" && value.length > 0) return value;
      const expected = "a text that is not empty";
      throw new InvalidInput({ code: "wrong_type", field: path, expected, value });
    });
  }

  /** An object whose names are data: `{"ios": 0.3, "android": 0.7}`. */
  numbers(name: string, range: NumberRange): ReadonlyMap<string, number> {
    const reader = this.object(name);
    const names = Object.keys(reader.#object);
    if (names.length === 0) throw this.#wrong(name, "an object with at least one entry");
    return new Map(names.map((entry) => [entry, reader.number(entry, range)]));
  }

  /** Refuses fields that nobody read: a misspelt one must not be ignored in silence. */
  done(): void {
    const extra = Object.keys(this.#object).find((name) => !this.#seen.has(name));
    if (extra === undefined) return;
    const expected = `absent; known here: ${[...this.#seen].join(", ")}`;
    throw this.#wrong(extra, expected, "invalid_value");
  }

  /** An error about a field of this object, for checks that span several fields. */
  problem(name: string, expected: string): InvalidInput {
    return this.#wrong(name, expected, "invalid_value");
  }

  #take(name: string): unknown {
    this.#seen.add(name);
    return this.#object[name];
  }

  #pathOf(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  #wrong(name: string, expected: string, code: IssueCode = "wrong_type"): InvalidInput {
    const value = this.#object[name];
    const given = value === undefined ? "missing_field" : code;
    return new InvalidInput({ code: given, field: this.#pathOf(name), expected, value });
  }
}
