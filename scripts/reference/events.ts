/** docs/reference/events.md: the events that the API takes. */
import { readFileSync } from "node:fs";
import {
  EVENT_FIELDS,
  EVENT_TOPICS,
  expectedOf,
  type Field,
  ISSUE_CODES,
  LIMITS,
} from "@arenaflow/events";
import { code, madeFrom, page, table } from "./markdown.ts";
import { commentedEntries } from "./source-comments.ts";

const LIMITS_FILE = new URL("../../packages/events/src/limits.ts", import.meta.url);

export function eventsPage(): string {
  const comments = commentedEntries(readFileSync(LIMITS_FILE, "utf8"), "LIMITS");
  return page(
    madeFrom("`packages/events/src/fields.ts`"),
    "# Events",
    "What a game sends to `POST /v1/events/<topic>`. Fields that are not listed are kept as they are, " +
      `up to ${LIMITS.extraFieldsMax} of them. The edge adds \`received_at\`, \`title_id\` and, to events that come ` +
      "through the Journal, `feed`.",
    ...EVENT_TOPICS.flatMap((topic) => [`## ${topic}`, fieldTable(EVENT_FIELDS[topic])]),
    "## What can be wrong with one",
    "The answer names the event by its index (and its `event_id`), the field, one of these codes, what " +
      "was expected and what came. The other events of the request are kept.",
    ISSUE_CODES.map((issue) => `- ${code(issue)}`).join("\n"),
    "## Limits",
    table(
      ["limit", "value", "of what"],
      Object.entries(LIMITS).map(([name, value]) => [
        code(name),
        value.toLocaleString("en"),
        comments.get(name) ?? "",
      ]),
    ),
  );
}

function fieldTable(fields: readonly Field[]): string {
  return table(
    ["field", "", "is", "accepts"],
    fields.map(({ name, required, kind, description }) => [
      code(name),
      required ? "required" : "",
      description,
      expectedOf(kind),
    ]),
  );
}
