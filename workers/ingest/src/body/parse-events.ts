/**
 * Takes a body apart into events: one object, an array, `{"events": […]}`, or NDJSON (an event per
 * line). A line of NDJSON that is not JSON spoils only itself.
 */
import { LIMITS, type Issue } from "@arenaflow/events";

import { Problem } from "../problem.ts";
import { describeFault, jsonFault } from "./json-position.ts";

/** A line of NDJSON that is not JSON, in the place of its event. */
export class BrokenLine {
  readonly issue: Issue;
  readonly text: string;

  constructor(issue: Issue, text: string) {
    this.issue = issue;
    this.text = text;
  }
}

const NDJSON_TYPE = /ndjson|jsonl|jsonlines/i;
const EXPECTED = 'an event, an array of events, {"events": […]}, or one event per line';

/**
 * @param contentType tells NDJSON apart; without it the text itself does
 * @returns parsed values, not yet checked; `BrokenLine` where a line is not JSON
 * @throws Problem when the body as a whole cannot be taken apart
 */
export function parseEvents(text: string, contentType: string | null): readonly unknown[] {
  if (isNdjson(contentType)) return bounded(parseLines(text));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    if (looksLikeLines(text)) return bounded(parseLines(text));
    throw malformed(text, thrown);
  }
  return bounded(eventsIn(value));
}

/** Whether a body's type says that it has an event per line. */
export function isNdjson(contentType: string | null): boolean {
  return contentType !== null && NDJSON_TYPE.test(contentType);
}

function eventsIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "object" && value !== null && "events" in value) {
    if (Array.isArray(value.events)) return value.events;
  }
  return [value];
}

function parseLines(text: string): readonly unknown[] {
  const events: unknown[] = [];
  let line = 0;
  for (const part of text.split("\n")) {
    line += 1;
    if (part.trim() === "") continue;
    // One over the limit is enough to know that there are too many.
    if (events.length > LIMITS.batchEventsMax) break;
    try {
      events.push(JSON.parse(part));
    } catch (thrown) {
      events.push(new BrokenLine(lineIssue(part, thrown, line), part));
    }
  }
  return events;
}

function lineIssue(text: string, thrown: unknown, line: number): Issue {
  const fault = jsonFault(text, thrown);
  return {
    code: "invalid_json",
    field: "",
    expected: "one JSON object per line",
    got: `${fault.reason} at line ${line}, column ${fault.column}`,
  };
}

/** Several lines, the first of which is a whole JSON value, are NDJSON whatever their type says. */
function looksLikeLines(text: string): boolean {
  const start = text.trimStart();
  const end = start.indexOf("\n");
  if (end < 0 || !start.startsWith("{")) return false;
  try {
    JSON.parse(start.slice(0, end));
    return true;
  } catch {
    return false;
  }
}

function bounded(events: readonly unknown[]): readonly unknown[] {
  if (events.length === 0) {
    throw new Problem("no_events", `The body holds no events. Send ${EXPECTED}.`, {
      field: "",
      expected: EXPECTED,
      got: "nothing",
    });
  }
  if (events.length > LIMITS.batchEventsMax) {
    throw new Problem(
      "too_many_events",
      `The body holds more than ${LIMITS.batchEventsMax} events; none was taken. Send them in several requests.`,
      { field: "", expected: `at most ${LIMITS.batchEventsMax} events`, got: "more" },
    );
  }
  return events;
}

function malformed(text: string, thrown: unknown): Problem {
  if (text.trim() === "") {
    return new Problem("no_events", `The body is empty. Send ${EXPECTED}.`, {
      field: "",
      expected: EXPECTED,
      got: "nothing",
    });
  }
  const { reason, ...place } = jsonFault(text, thrown);
  const where = describeFault({ reason, ...place });
  return new Problem(
    "invalid_json",
    `The body is not JSON: ${where}. Nothing was taken; correct it and send it again.`,
    { field: "", expected: EXPECTED, got: where, ...place },
  );
}
