/** The `types` section: definitions, and the definitions nested in them by `type-name`. */
import type { Node } from "yaml";
import type { Field, Place, Primitive, TypeBody, TypeDefinition, TypeUse, Variant } from "./ir.ts";
import { PRIMITIVES } from "./ir.ts";
import { camelCase, closest, identifier, isName, snakeCase } from "./names.ts";
import type { Entry, Reader } from "./reader.ts";

const SYNONYMS: Readonly<Record<string, Primitive>> = {
  float32: "f32",
  float64: "f64",
  s8: "i8",
  s16: "i16",
  s32: "i32",
  s64: "i64",
  boolean: "bool",
  str: "string",
  String: "string",
};
const TYPE_KEYS = [
  "type",
  "type-name",
  "properties",
  "oneOf",
  "items",
  "optional",
  "serialize",
  "deserialize",
  "converter",
] as const;
type TypeFields = Partial<Record<(typeof TYPE_KEYS)[number], Entry>>;
type Renames = { readonly readName: string; readonly writeName: string };

/** The primitive a name stands for, with SDF's synonyms. */
export function primitiveOf(name: string): Primitive | undefined {
  return PRIMITIVES.find((primitive) => primitive === name) ?? SYNONYMS[name];
}

/** Collects type definitions; `use` may add to them while other sections are read. */
export class Types {
  readonly definitions = new Map<string, TypeDefinition>();
  /** Kept apart: they are not types of values. */
  readonly keyedStates = new Map<string, Entry>();
  readonly #reader: Reader;
  readonly #uses: { readonly name: string; readonly at: Place }[] = [];

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  readSection(entry: Entry | undefined): void {
    if (entry === undefined) return;
    for (const definition of this.#reader.map(entry.value, "types", entry.at)) {
      const fields = this.#fields(definition.value, definition.at);
      const kind = this.#reader.scalar(fields.type?.value ?? null)?.value;
      if (kind === "keyed-state") this.keyedStates.set(definition.key, definition);
      else this.#define(definition.key, definition.at, this.#body(fields, definition.at));
    }
  }

  /** Takes over a type of a package. */
  adopt(definition: TypeDefinition): void {
    this.#define(definition.name, definition.at, definition.body);
  }

  #fields(node: Node | null, at: Place): TypeFields {
    return this.#reader.fields(node, "a type", at, TYPE_KEYS);
  }

  #define(name: string, at: Place, body: TypeBody | undefined): void {
    if (!isName(name)) return this.#reader.report(at, `"${name}" cannot be the name of a type`);
    if (body === undefined) return;
    const rustName = camelCase(name);
    const known = [...this.definitions.values()].find((other) => other.rustName === rustName);
    if (known === undefined) {
      this.definitions.set(name, { name, rustName, body, at });
    } else if (JSON.stringify(shape(known.body)) !== JSON.stringify(shape(body))) {
      const where = `line ${known.at.line}`;
      this.#reader.report(
        at,
        `the type "${name}" is defined twice, differently`,
        `the other one is in ${where}`,
      );
    }
  }

  #body(fields: TypeFields, at: Place): TypeBody | undefined {
    const reader = this.#reader;
    const kind = reader.string(fields.type, "type", at);
    switch (kind) {
      case undefined:
        return undefined;
      case "object":
        return { kind: "object", fields: this.#properties(fields, at) };
      case "enum":
        return { kind: "enum", variants: this.#variants(fields, at) };
      case "list": {
        if (fields.items === undefined)
          return reader.report(at, "a list needs items", "add `items: { type: … }`");
        const items = this.use(fields.items.value, fields.items.at);
        return items === undefined ? undefined : { kind: "list", items };
      }
      default: {
        const to = this.#named(kind, reader.place(fields.type?.value ?? null, at));
        return { kind: "alias", to };
      }
    }
  }

  #properties(fields: TypeFields, at: Place): Field[] {
    const found: Field[] = [];
    for (const entry of this.#reader.map(fields.properties?.value ?? null, "properties", at)) {
      const inner = this.#fields(entry.value, entry.at);
      const type = this.#use(inner, entry.at, entry.key);
      if (type === undefined) continue;
      const names = this.#renames(inner, snakeCase(entry.key));
      const optional = this.#reader.boolean(inner.optional, "optional");
      found.push({
        name: entry.key,
        field: identifier(entry.key),
        type,
        optional,
        ...names,
        at: entry.at,
      });
    }
    if (found.length === 0 && fields.properties === undefined)
      this.#reader.report(at, "an object needs properties");
    return found;
  }

  #variants(fields: TypeFields, at: Place): Variant[] {
    const found: Variant[] = [];
    for (const entry of this.#reader.map(fields.oneOf?.value ?? null, "oneOf", at)) {
      const inner = this.#fields(entry.value, entry.at);
      const kind = inner.type === undefined ? null : this.#reader.scalar(inner.type.value)?.value;
      const names = this.#renames(inner, camelCase(entry.key));
      const variant = { name: entry.key, variant: camelCase(entry.key), ...names, at: entry.at };
      if (kind === null || kind === "null") {
        found.push(variant);
        continue;
      }
      const type = this.#use(inner, entry.at, entry.key);
      if (type !== undefined) found.push({ ...variant, type });
    }
    if (found.length === 0) this.#reader.report(at, "an enum needs variants in oneOf");
    return found;
  }

  #renames(fields: TypeFields, name: string): Renames {
    const rename = (entry: Entry | undefined): string => {
      if (entry === undefined) return name;
      const inner = this.#reader.fields(entry.value, entry.key, entry.at, ["rename"]);
      return this.#reader.optionalString(inner.rename, "rename") ?? name;
    };
    return { readName: rename(fields.deserialize), writeName: rename(fields.serialize) };
  }

  /** A type where it is used: a name, or a nested definition with a `type-name`. */
  use(node: Node | null, at: Place): TypeUse | undefined {
    return this.#use(this.#fields(node, at), at, "item");
  }

  #use(fields: TypeFields, at: Place, name: string): TypeUse | undefined {
    const kind = this.#reader.string(fields.type, "type", at);
    if (kind === undefined) return undefined;
    if (kind !== "object" && kind !== "enum" && kind !== "list")
      return this.#named(kind, this.#reader.place(fields.type?.value ?? null, at));
    const typeName = this.#reader.optionalString(fields["type-name"], "type-name");
    if (typeName === undefined) {
      const hint = `add \`type-name: ${name}\``;
      return this.#reader.report(at, `a nested ${kind} needs a type-name`, hint);
    }
    this.#define(typeName, at, this.#body(fields, at));
    return { kind: "named", name: typeName };
  }

  #named(name: string, at: Place): TypeUse {
    const primitive = primitiveOf(name);
    if (primitive !== undefined) return { kind: "primitive", primitive };
    this.#uses.push({ name, at });
    return { kind: "named", name };
  }

  /** The definition a name means; SDF's files use the YAML name and its CamelCase form alike. */
  find(name: string): TypeDefinition | undefined {
    return (
      this.definitions.get(name) ??
      [...this.definitions.values()].find((d) => d.rustName === camelCase(name))
    );
  }

  /** Every name used must be defined, and no type may contain itself. */
  check(): void {
    for (const { name, at } of this.#uses) {
      if (this.find(name) !== undefined) continue;
      const near = closest(name, [...this.definitions.keys(), ...PRIMITIVES]);
      const hint = near === undefined ? "define it under types" : `did you mean "${near}"?`;
      this.#reader.report(at, `unknown type "${name}"`, hint);
    }
    for (const definition of this.definitions.values()) {
      if (this.#contains(definition, definition, new Set())) {
        const message = `the type "${definition.name}" contains itself`;
        this.#reader.report(
          definition.at,
          message,
          "SDF's types are trees; refer to the other value by its key",
        );
      }
    }
  }

  #contains(inner: TypeDefinition, outer: TypeDefinition, seen: Set<string>): boolean {
    for (const use of usesOf(inner.body)) {
      const definition = use.kind === "named" ? this.find(use.name) : undefined;
      if (definition === undefined) continue;
      if (definition === outer) return true;
      if (seen.has(definition.name)) continue;
      seen.add(definition.name);
      if (this.#contains(definition, outer, seen)) return true;
    }
    return false;
  }
}

function usesOf(body: TypeBody): TypeUse[] {
  switch (body.kind) {
    case "object":
      return body.fields.map((field) => field.type);
    case "enum":
      return body.variants.flatMap((variant) => (variant.type === undefined ? [] : [variant.type]));
    case "list":
      return [body.items];
    case "alias":
      return [body.to];
  }
}

/** A body without its places, to compare two definitions of one name. */
function shape(body: TypeBody): unknown {
  return JSON.parse(
    JSON.stringify(body, (key, value: unknown) => (key === "at" ? undefined : value)),
  );
}
