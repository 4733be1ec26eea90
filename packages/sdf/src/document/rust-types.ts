/** Rust types of the dataflow, compared by meaning: an alias equals what it stands for, a list is a `Vec`. */
import type { TypeDefinition, TypeUse } from "./ir.ts";
import { RUST_PRIMITIVE } from "./ir.ts";
import { camelCase } from "./names.ts";
import { genericArguments, tidy, tupleParts } from "./signature.ts";

export class RustTypes {
  readonly #definitions = new Map<string, TypeDefinition>();

  constructor(definitions: readonly TypeDefinition[]) {
    for (const definition of definitions) this.#definitions.set(definition.rustName, definition);
  }

  /** As it is written in the generated code. */
  of(use: TypeUse): string {
    return use.kind === "primitive" ? RUST_PRIMITIVE[use.primitive] : camelCase(use.name);
  }

  definition(rustName: string): TypeDefinition | undefined {
    return this.#definitions.get(rustName);
  }

  /** The same text for types that are the same. */
  canonical(type: string): string {
    const text = tidy(type).replace(
      /\b(?:crate|std|alloc|types|bindings|string|vec|option)::/g,
      "",
    );
    const parts = tupleParts(text);
    if (parts !== undefined) return `(${parts.map((part) => this.canonical(part)).join(", ")})`;
    for (const name of ["Vec", "Option"]) {
      const inner = genericArguments(text, name)?.[0];
      if (inner !== undefined) return `${name}<${this.canonical(inner)}>`;
    }
    const body = this.#definitions.get(text)?.body;
    if (body?.kind === "alias") return this.canonical(this.of(body.to));
    if (body?.kind === "list") return `Vec<${this.canonical(this.of(body.items))}>`;
    return text === "Bytes" && body === undefined ? RUST_PRIMITIVE.bytes : text;
  }

  same(a: string, b: string): boolean {
    return this.canonical(a) === this.canonical(b);
  }

  /** The item of a list type, by name or as `Vec`. */
  item(type: string): string | undefined {
    return genericArguments(this.canonical(type), "Vec")?.[0];
  }
}

/** `(Option<K>, V)`, what an operator returns to set the key. */
export function keyValue(
  type: string,
): { readonly key: string; readonly value: string } | undefined {
  const [first, value, ...rest] = tupleParts(type) ?? [];
  if (first === undefined || value === undefined || rest.length > 0) return undefined;
  const key = genericArguments(first, "Option")?.[0];
  return key === undefined ? undefined : { key, value };
}
