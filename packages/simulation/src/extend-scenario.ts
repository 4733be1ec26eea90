/** A scenario that says only how it differs from another: `{"extends": "default", …}`. */
import { InvalidInput } from "./json-reader.ts";

interface Json {
  readonly [name: string]: unknown;
}

/**
 * Completes a scenario that extends another: objects are merged field by field, anything else
 * replaces what the other says. What extends nothing is returned as it is.
 * @param value parsed JSON, not yet checked
 * @param bases what can be extended, by name
 * @throws InvalidInput when `extends` names none of them
 */
export function extendScenario(value: unknown, bases: { readonly [name: string]: Json }): unknown {
  if (!isObject(value) || !("extends" in value)) return value;
  const { extends: name, ...own } = value;
  const base = typeof name === "string" && Object.hasOwn(bases, name) ? bases[name] : undefined;
  // One step is enough to read a scenario in two places at most.
  if (base === undefined || "extends" in base) {
    const names = Object.keys(bases).filter((each) => !("extends" in (bases[each] ?? {})));
    const expected = `the name of a whole scenario: ${names.join(", ")}`;
    throw new InvalidInput({ code: "invalid_value", field: "extends", expected, value: name });
  }
  return merged(base, own);
}

function merged(base: Json, own: Json): Json {
  const fields = Object.entries(own).map(([name, value]) => {
    const other = Object.hasOwn(base, name) ? base[name] : undefined;
    return [name, isObject(value) && isObject(other) ? merged(other, value) : value];
  });
  return { ...base, ...Object.fromEntries(fields) };
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
