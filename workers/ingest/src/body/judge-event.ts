/** Says what is wrong with an event: its fields, its size, its depth. */
import {
  checkEvent,
  isPlainEvent,
  LIMITS,
  type EventTopic,
  type Issue,
  type JsonObject,
} from "@arenaflow/events";

import { INGEST_LIMITS } from "../limits.ts";
import { BrokenLine } from "./parse-events.ts";

/** Characters of JSON that one UTF-16 unit of a string needs at most: `\u0000`. */
const CHARS_PER_UNIT_MAX = 6;
/** Characters of any number, of `false`, of the marks around a value. */
const CHARS_PER_VALUE_MAX = 28;

const TOO_DEEP: Issue = {
  code: "invalid_value",
  field: "",
  expected: `fields nested at most ${INGEST_LIMITS.nestingLevelsMax} levels deep`,
  got: "more levels",
};

/** @returns the first thing wrong with an event, or `undefined` when it may be journaled */
export function judgeEvent(topic: EventTopic, item: unknown): Issue | undefined {
  // Documented fields are bounded, so nearly every event needs no measuring.
  if (isPlainEvent(topic, item)) return undefined;
  if (item instanceof BrokenLine) return item.issue;
  const issue = checkEvent(topic, item);
  if (issue !== undefined) return issue;
  const charsMost = charsAtMost(item, INGEST_LIMITS.nestingLevelsMax);
  if (charsMost === Infinity) return TOO_DEEP;
  if (charsMost <= LIMITS.eventCharsMax) return undefined;
  const chars = JSON.stringify(item).length;
  if (chars <= LIMITS.eventCharsMax) return undefined;
  return {
    code: "event_too_large",
    field: "",
    expected: `at most ${LIMITS.eventCharsMax} characters of JSON`,
    got: `${chars} characters`,
  };
}

/** An upper bound of a value's JSON, cheaper than the JSON itself; infinite when it is too deep. */
function charsAtMost(value: unknown, levels: number): number {
  if (typeof value === "string") return value.length * CHARS_PER_UNIT_MAX + CHARS_PER_VALUE_MAX;
  if (typeof value !== "object" || value === null) return CHARS_PER_VALUE_MAX;
  if (levels < 0) return Infinity;
  let chars = CHARS_PER_VALUE_MAX;
  if (Array.isArray(value)) {
    for (const item of value) chars += charsAtMost(item, levels - 1);
    return chars;
  }
  for (const name in value) {
    chars +=
      name.length * CHARS_PER_UNIT_MAX + charsAtMost((value as JsonObject)[name], levels - 1);
  }
  return chars;
}
