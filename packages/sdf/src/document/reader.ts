/**
 * Typed access to a YAML document that remembers where everything stands. A reader never throws: what is wrong becomes a
 * problem, and the caller gets undefined, so that one run reports all mistakes.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Scalar,
} from "yaml";
import type { Place } from "./ir.ts";
import { closest } from "./names.ts";
import type { Problem } from "./problem.ts";
import type { PackageFunction } from "./read-packages.ts";

/** A key of a map with its value. `value` is null where nothing is written. */
export interface Entry {
  readonly key: string;
  readonly at: Place;
  readonly value: Node | null;
}

export class Reader {
  readonly file: string;
  readonly text: string;
  readonly problems: Problem[] = [];
  /** Functions of packages, for operators that use them; undefined for one with a problem. */
  imported: ReadonlyMap<string, PackageFunction | undefined> = new Map();
  readonly #lines = new LineCounter();
  readonly #document: Document;

  constructor(text: string, file: string) {
    this.text = text;
    this.file = file;
    this.#document = parseDocument(text, { lineCounter: this.#lines, version: "1.2" });
    for (const error of this.#document.errors) {
      const at = error.linePos?.[0] ?? { line: 1, col: 1 };
      const message = (error.message.split("\n")[0] ?? "").replace(
        / at line \d+, column \d+:?$/,
        "",
      );
      this.report({ line: at.line, column: at.col }, `YAML: ${message}`);
    }
  }

  get root(): Node | null {
    return this.#document.contents;
  }

  report(at: Place, message: string, hint?: string): undefined {
    const { line, column } = at;
    const base = { file: this.file, line, column, message };
    this.problems.push(hint === undefined ? base : { ...base, hint });
    return undefined;
  }

  placeOfOffset(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { line, column: col };
  }

  place(node: Node | null, fallback: Place = { line: 1, column: 1 }): Place {
    const offset = node?.range?.[0];
    return offset === undefined ? fallback : this.placeOfOffset(offset);
  }

  #follow(node: Node | null): Node | null {
    return isAlias(node) ? (node.resolve(this.#document) ?? null) : node;
  }

  /** The entries of a map; anything else is a problem. A missing value is an empty map. */
  map(node: Node | null, what: string, at: Place): Entry[] {
    const target = this.#follow(node);
    if (target === null || (isScalar(target) && target.value === null)) return [];
    if (!isMap(target)) {
      this.report(this.place(target, at), `${what} must be a map`);
      return [];
    }
    return target.items.map((pair) => {
      const key = pair.key as Node;
      const name = isScalar(key) ? String(key.value) : "";
      return { key: name, at: this.place(key), value: (pair.value as Node | null) ?? null };
    });
  }

  /** A map with a fixed set of keys. An unknown key is a problem. */
  fields<K extends string>(node: Node | null, what: string, at: Place, keys: readonly K[]) {
    const found: Partial<Record<K, Entry>> = {};
    for (const entry of this.map(node, what, at)) {
      const key = keys.find((known) => known === entry.key);
      if (key === undefined) this.#unknownKey(entry, what, keys);
      else found[key] = entry;
    }
    return found;
  }

  #unknownKey(entry: Entry, what: string, keys: readonly string[]): void {
    const near = closest(entry.key, keys);
    const hint = near === undefined ? `known here: ${keys.join(", ")}` : `did you mean "${near}"?`;
    this.report(entry.at, `unknown field "${entry.key}" in ${what}`, hint);
  }

  list(node: Node | null, what: string, at: Place): Node[] {
    const target = this.#follow(node);
    if (target === null || (isScalar(target) && target.value === null)) return [];
    if (isSeq(target)) return target.items as Node[];
    this.report(this.place(target, at), `${what} must be a list`);
    return [];
  }

  scalar(node: Node | null): Scalar | undefined {
    const target = this.#follow(node);
    return isScalar(target) ? target : undefined;
  }

  string(entry: Entry | undefined, what: string, at: Place): string | undefined {
    const value = entry === undefined ? undefined : this.scalar(entry.value)?.value;
    if (typeof value === "string" && value !== "") return value;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    if (entry === undefined) return this.report(at, `${what} is missing`);
    return this.report(this.place(entry.value, entry.at), `${what} must be a text`);
  }

  optionalString(entry: Entry | undefined, what: string): string | undefined {
    return entry === undefined ? undefined : this.string(entry, what, entry.at);
  }

  boolean(entry: Entry | undefined, what: string): boolean {
    if (entry === undefined) return false;
    const value = this.scalar(entry.value)?.value;
    if (typeof value === "boolean") return value;
    this.report(this.place(entry.value, entry.at), `${what} must be true or false`);
    return false;
  }

  number(entry: Entry | undefined, what: string): number | undefined {
    if (entry === undefined) return undefined;
    const value = this.scalar(entry.value)?.value;
    if (typeof value === "number") return value;
    return this.report(this.place(entry.value, entry.at), `${what} must be a number`);
  }

  plain(node: Node | null): unknown {
    return node === null ? undefined : (node.toJS(this.#document) as unknown);
  }
}
