/** Reads the parts of a request's address that the routes share. */
import { describeValue, EVENT_TOPICS, isEventTopic, type EventTopic } from "@arenaflow/events";
import { badValue } from "../problem.ts";

/** Reads a topic, or answers with what was expected. */
export function readTopic(name: string): EventTopic | Response {
  if (isEventTopic(name)) return name;
  return badValue({
    status: 404,
    code: "unknown_topic",
    field: "topic",
    expected: `one of ${EVENT_TOPICS.join(", ")}`,
    got: describeValue(name),
  });
}

/** Reads a number from the query, or answers with what was expected. */
export function readNumber(
  text: string | undefined,
  what: { name: string; min: number; max: number; integer: boolean; fallback: number },
): number | Response {
  if (text === undefined) return what.fallback;
  const value = text.trim() === "" ? NaN : Number(text);
  const inRange = value >= what.min && value <= what.max;
  if (inRange && (!what.integer || Number.isInteger(value))) return value;
  const kind = what.integer ? "an integer" : "a number";
  const expected = `${kind} from ${what.min} to ${what.max}`;
  return badValue({ field: what.name, expected, got: describeValue(text) });
}
