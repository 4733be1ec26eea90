/** The `states` of a service: its own, and references to those of other services. */
import type { Node } from "yaml";
import type { Column, Place, Primitive, State, StateValue } from "./ir.ts";
import { PRIMITIVES } from "./ir.ts";
import { identifier } from "./names.ts";
import { readDuration } from "./read-duration.ts";
import type { Entry, Reader } from "./reader.ts";
import { primitiveOf, type Types } from "./read-types.ts";

const KEY_TYPES: readonly Primitive[] = [
  "string",
  "bool",
  "u8",
  "u16",
  "u32",
  "u64",
  "i8",
  "i16",
  "i32",
  "i64",
];
const COLUMN_TYPES: readonly Primitive[] = [...KEY_TYPES, "f32", "f64"];
const VALUE_KEYS = ["type", "properties", "ttl"] as const;

export function readStates(reader: Reader, entry: Entry | undefined, types: Types): State[] {
  if (entry === undefined) return [];
  const states: State[] = [];
  for (const item of reader.map(entry.value, "states", entry.at)) {
    const state = readState(reader, item, types);
    if (state !== undefined) states.push(state);
  }
  return states;
}

function readState(reader: Reader, item: Entry, types: Types): State | undefined {
  const fields = reader.fields(item.value, `state "${item.key}"`, item.at, [
    "type",
    "properties",
    "from",
  ]);
  const base = { name: item.key, identifier: identifier(item.key), at: item.at };
  if (fields.from !== undefined) {
    const from = reader.string(fields.from, "from", fields.from.at);
    const [service, state, ...rest] = from?.split(".") ?? [];
    if (service !== undefined && state !== undefined && rest.length === 0)
      return { kind: "foreign", ...base, service, state };
    return reader.report(
      fields.from.at,
      `"${from}" does not name a state`,
      "write service-name.state-name",
    );
  }
  const kind = reader.string(fields.type, "type", item.at);
  if (kind === undefined) return undefined;
  if (kind === "keyed-state") return keyedState(reader, base, fields.properties, types);
  const named = types.keyedStates.get(kind);
  if (named === undefined) {
    const hint = "states are of type keyed-state, or of a type that is one";
    return reader.report(
      reader.place(fields.type?.value ?? null, item.at),
      `unknown type of state "${kind}"`,
      hint,
    );
  }
  const inner = reader.fields(named.value, `type "${kind}"`, named.at, ["type", "properties"]);
  return keyedState(reader, base, inner.properties, types);
}

function keyedState(
  reader: Reader,
  base: { readonly name: string; readonly identifier: string; readonly at: Place },
  properties: Entry | undefined,
  types: Types,
): State | undefined {
  const what = `state "${base.name}"`;
  const inner = reader.fields(properties?.value ?? null, what, base.at, ["key", "value"]);
  if (inner.key === undefined || inner.value === undefined)
    return reader.report(base.at, `${what} needs properties key and value`);
  const keyFields = reader.fields(inner.key.value, "key", inner.key.at, ["type"]);
  const key = primitive(reader, keyFields.type, types, {
    what: "a key",
    allowed: KEY_TYPES,
    at: inner.key.at,
  });
  const fields = reader.fields(inner.value.value, "value", inner.value.at, VALUE_KEYS);
  const value = readValue(reader, fields, types, inner.value.at);
  const ttlMs = readDuration(reader, fields.ttl, "ttl");
  if (key === undefined || value === undefined) return undefined;
  return { kind: "own", ...base, key, value, ...(ttlMs === undefined ? {} : { ttlMs }) };
}

function readValue(
  reader: Reader,
  fields: Partial<Record<(typeof VALUE_KEYS)[number], Entry>>,
  types: Types,
  at: Place,
): StateValue | undefined {
  const kind = reader.string(fields.type, "type", at);
  if (kind === "arrow-row") {
    const columns = reader.map(fields.properties?.value ?? null, "properties", at);
    if (columns.length === 0) return reader.report(at, "an arrow-row needs columns in properties");
    return { kind: "row", columns: columns.flatMap((column) => readColumn(reader, column, types)) };
  }
  if (kind === "primitive") {
    const inner = reader.fields(fields.properties?.value ?? null, "properties", at, ["value"]);
    const type = typeEntry(reader, inner.value);
    const found = primitive(reader, type, types, { what: "a value", allowed: COLUMN_TYPES, at });
    return found === undefined ? undefined : { kind: "primitive", primitive: found };
  }
  const found = primitive(reader, fields.type, types, {
    what: "a value",
    allowed: COLUMN_TYPES,
    at,
  });
  return found === undefined ? undefined : { kind: "primitive", primitive: found };
}

/** `value: i32` and `value: { type: i32 }` both occur. */
function typeEntry(reader: Reader, entry: Entry | undefined): Entry | undefined {
  if (entry === undefined || reader.scalar(entry.value) !== undefined) return entry;
  return reader.fields(entry.value, "value", entry.at, ["type"]).type;
}

function readColumn(reader: Reader, column: Entry, types: Types): Column[] {
  const fields = reader.fields(column.value, `column "${column.key}"`, column.at, ["type"]);
  if (column.key === "_key" || column.key === "_updated_at") {
    reader.report(
      column.at,
      `every table has a column "${column.key}" already`,
      "choose another name",
    );
    return [];
  }
  const found = primitive(reader, fields.type, types, {
    what: "a column",
    allowed: COLUMN_TYPES,
    at: column.at,
  });
  return found === undefined
    ? []
    : [{ name: column.key, field: identifier(column.key), primitive: found }];
}

function primitive(
  reader: Reader,
  entry: Entry | undefined,
  types: Types,
  { what, allowed, at }: { what: string; allowed: readonly Primitive[]; at: Place },
): Primitive | undefined {
  const name = reader.string(entry, "type", at);
  if (name === undefined) return undefined;
  const found = resolve(name, types);
  if (found !== undefined && allowed.includes(found)) return found;
  const node: Node | null = entry?.value ?? null;
  const hint = PRIMITIVES.filter((p) => allowed.includes(p)).join(", ");
  return reader.report(
    reader.place(node, at),
    `${what} cannot be of type "${name}"`,
    `allowed: ${hint}`,
  );
}

function resolve(name: string, types: Types): Primitive | undefined {
  const direct = primitiveOf(name);
  if (direct !== undefined) return direct;
  const body = types.find(name)?.body;
  if (body?.kind !== "alias") return undefined;
  return body.to.kind === "primitive" ? body.to.primitive : resolve(body.to.name, types);
}
