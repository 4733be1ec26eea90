/**
 * Checks parsed JSON against an event kind's fields. The happy path allocates nothing: this runs
 * for every event at the edge.
 */
import { EVENT_FIELDS, expectedOf, type Field, type FieldKind } from "./fields.ts";
import { describeValue, type Issue, type IssueCode } from "./issue.ts";
import { LIMITS } from "./limits.ts";
import { isPlainEvent } from "./plain-event.ts";
import { parseTime } from "./time.ts";
import type { EventTopic } from "./topics.ts";

export type JsonObject = { [field: string]: unknown };

/** Fields that only the edge may set; a client's own are removed by `stampEvent`. */
export const EDGE_FIELDS = [
  "received_at",
  "title_id",
  "client_time",
  "time_corrected",
  "feed",
] as const;

/**
 * Checks one event.
 * @param topic the kind of event it claims to be
 * @param value parsed JSON
 * @returns the first thing wrong with it, or `undefined` when it is a valid event
 */
export function checkEvent(topic: EventTopic, value: unknown): Issue | undefined {
  return isPlainEvent(topic, value) ? undefined : checkByTable(topic, value);
}

/** The same answer, however the event looks, from the table of fields alone. */
export function checkByTable(topic: EventTopic, value: unknown): Issue | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return issue("not_an_object", "", "a JSON object", value);
  }
  const event = value as JsonObject;
  let documented = 0;
  for (const field of EVENT_FIELDS[topic]) {
    const found = event[field.name];
    if (found !== undefined) documented += 1;
    if (found === undefined || (found === null && !field.required)) {
      if (field.required) return issue("missing_field", field.name, expectedOf(field.kind), found);
      continue;
    }
    const code = checkKind(field.kind, found);
    if (code !== undefined) return fieldIssue(code, field, found);
  }
  return checkExtraFields(event, documented);
}

function checkKind(kind: FieldKind, value: unknown): IssueCode | undefined {
  switch (kind.type) {
    case "id":
      if (typeof value !== "string") return "wrong_type";
      if (value.length === 0) return "invalid_value";
      return value.length > LIMITS.idCharsMax ? "too_long" : undefined;
    case "text":
      if (typeof value !== "string") return "wrong_type";
      return value.length > LIMITS.textCharsMax ? "too_long" : undefined;
    case "time":
      if (typeof value !== "string" && typeof value !== "number") return "wrong_type";
      return parseTime(value) === undefined ? "invalid_value" : undefined;
    case "integer":
      if (typeof value !== "number" || !Number.isInteger(value)) return "wrong_type";
      return value < kind.min || value > kind.max ? "out_of_range" : undefined;
    case "number":
      if (typeof value !== "number" || !Number.isFinite(value)) return "wrong_type";
      if (kind.min !== undefined && value < kind.min) return "out_of_range";
      return kind.max !== undefined && value > kind.max ? "out_of_range" : undefined;
    case "enum":
      if (typeof value !== "string") return "wrong_type";
      return kind.values.includes(value) ? undefined : "invalid_value";
    case "pattern":
      if (typeof value !== "string") return "wrong_type";
      return kind.regex.test(value) ? undefined : "invalid_value";
  }
}

function checkExtraFields(event: JsonObject, documented: number): Issue | undefined {
  let extra = -documented;
  for (const _ in event) extra += 1;
  if (extra <= LIMITS.extraFieldsMax) return undefined;
  return {
    code: "too_many_fields",
    field: "",
    expected: `at most ${LIMITS.extraFieldsMax} fields beyond the documented ones`,
    got: `${extra}`,
  };
}

function fieldIssue(code: IssueCode, field: Field, found: unknown): Issue {
  return issue(code, field.name, expectedOf(field.kind), found);
}

function issue(code: IssueCode, field: string, expected: string, found: unknown): Issue {
  return { code, field, expected, got: describeValue(found) };
}
