/**
 * What can be wrong with one event. An issue names the field, what was expected and what came,
 * in words a game programmer can act on without reading our source.
 */
export const ISSUE_CODES = [
  "not_an_object",
  "missing_field",
  "wrong_type",
  "invalid_value",
  "out_of_range",
  "too_long",
  "too_many_fields",
  "event_too_large",
  "invalid_json",
  "unknown_topic",
] as const;

export type IssueCode = (typeof ISSUE_CODES)[number];

export interface Issue {
  readonly code: IssueCode;
  /** The field's name; empty when the event as a whole is wrong. */
  readonly field: string;
  readonly expected: string;
  /** A short description of what came instead, safe to print. */
  readonly got: string;
}

const GOT_CHARS_MAX = 60;

/** Describes a value for a person: its type and, when it is short, the value itself. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object") return "an object";
  if (typeof value === "string") {
    const text = value.length > GOT_CHARS_MAX ? `${value.slice(0, GOT_CHARS_MAX)}…` : value;
    return `the string ${JSON.stringify(text)}`;
  }
  return `the ${typeof value} ${JSON.stringify(value) ?? typeof value}`;
}
