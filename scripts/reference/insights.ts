/** docs/reference/insights.md: what the dataflows tell, topic by topic. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { INSIGHT_GROUP, INSIGHT_TOPICS } from "@arenaflow/events";
import { code, madeFrom, page, table } from "./markdown.ts";
import { type DeclaredShape, shapesIn } from "./source-comments.ts";

const SOURCES = join(import.meta.dirname, "../../packages/events/src");

export function insightsPage(): string {
  const source = readFileSync(join(SOURCES, "insights.ts"), "utf8");
  const folder = join(SOURCES, "insights");
  const shapes = new Map(
    readdirSync(folder)
      .flatMap((name) => shapesIn(readFileSync(join(folder, name), "utf8")))
      .map((shape) => [shape.name, shape]),
  );
  const sections = INSIGHT_TOPICS.flatMap((topic) => {
    const name = shapeName(source, topic);
    const shape = shapes.get(name);
    if (shape === undefined) throw new Error(`${name}, the shape of ${topic}, is not in insights/`);
    return [`## ${topic}`, ...section(topic, shape), ...parts(shape, shapes)];
  });
  return page(
    madeFrom("`packages/events/src/insights/`"),
    "# Insights",
    "Records of the insight topics, items of `GET /v1/insights/<topic>` and messages of `GET /v1/live`. " +
      "Every one has `window_start` (inclusive) and `window_end` (exclusive) in epoch milliseconds. A record " +
      "with the same key replaces the one before it.",
    ...sections,
  );
}

function shapeName(source: string, topic: string): string {
  const found = new RegExp(`^ {2}"?${topic}"?: (\\w+);$`, "m").exec(source)?.[1];
  if (found === undefined) throw new Error(`InsightByTopic has no ${topic}`);
  return found;
}

function section(topic: (typeof INSIGHT_TOPICS)[number], shape: DeclaredShape): string[] {
  const key = ["title_id", "window_start", ...INSIGHT_GROUP[topic]].map(code).join(", ");
  return [...(shape.comment === "" ? [] : [shape.comment]), `Key: ${key}.`, fieldTable(shape)];
}

/** Shapes that only appear inside another one. */
function parts(shape: DeclaredShape, shapes: ReadonlyMap<string, DeclaredShape>): string[] {
  const named = shape.fields.flatMap(({ type }) => type.match(/[A-Z]\w+/g) ?? []);
  return named.flatMap((name) => {
    const part = shapes.get(name);
    return part === undefined ? [] : [`Each ${code(name)}:`, fieldTable(part)];
  });
}

function fieldTable({ fields }: DeclaredShape): string {
  return table(
    ["field", "type", "is"],
    fields.map(({ name, type, comment, depth }) => [
      `${"– ".repeat(depth)}${code(name)}`,
      type,
      comment,
    ]),
  );
}
