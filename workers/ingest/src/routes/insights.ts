/** `POST /v1/insights/<topic>` from an http-sink, `GET /v1/insights/<topic>` for those who look back. */
import {
  describeValue,
  INSIGHT_GROUP,
  INSIGHT_TOPICS,
  insightKey,
  isInsightTopic,
  titleOf,
  type InsightTopic,
  type JsonObject,
} from "@arenaflow/events";
import { Hono } from "hono";

import type { App } from "../app.ts";
import { TITLE_EXPECTED, TITLE_NAME } from "../auth/keys.ts";
import { requireRole } from "../auth/require-role.ts";
import { titleAsked } from "../auth/title-asked.ts";
import { parseObject } from "../body/parse-object.ts";
import { readBody } from "../body/read-body.ts";
import { hubOf, noteTitle } from "../live/hubs.ts";
import { INGEST_LIMITS } from "../limits.ts";
import { Problem } from "../problem.ts";
import { wholeNumber } from "./query.ts";

export const insightRoutes = new Hono<App>()
  .post("/:topic", requireRole("sink"), async (c) => {
    const topic = topicOf(c.req.param("topic"));
    const text = await readBody(c.req.raw, INGEST_LIMITS.sinkBodyBytesMax);
    const value = parseObject(text);
    const title = titleIn(value);
    await noteTitle(c.env, title);
    const position = await hubOf(c.env, title).put({
      topic,
      key: keyOf(topic, value),
      windowEnd: numberOf(value, "window_end"),
      // Written anew: the hub puts it into messages as it is.
      value: JSON.stringify(value),
    });
    return c.json({ position, request_id: c.get("requestId") });
  })
  .get("/:topic", requireRole("read"), async (c) => {
    const topic = topicOf(c.req.param("topic"));
    const time = { min: 0, max: Number.MAX_SAFE_INTEGER };
    const title = titleAsked(c, c.get("principal"));
    const page = await hubOf(c.env, title).page(topic, {
      since: wholeNumber(c, "since", time),
      until: wholeNumber(c, "until", time) ?? Number.MAX_SAFE_INTEGER,
      limit:
        wholeNumber(c, "limit", { min: 1, max: INGEST_LIMITS.insightsMax }) ??
        INGEST_LIMITS.insightsDefault,
    });
    return c.body(page, 200, { "content-type": "application/json", "cache-control": "no-store" });
  });

function titleIn(value: JsonObject): string {
  const title = titleOf(value);
  if (title !== undefined && TITLE_NAME.test(title)) return title;
  throw invalid("title_id", TITLE_EXPECTED, value["title_id"]);
}

function topicOf(name: string): InsightTopic {
  if (isInsightTopic(name)) return name;
  const expected = `one of ${INSIGHT_TOPICS.join(", ")}`;
  throw new Problem(
    "unknown_topic",
    `There is no insight topic ${JSON.stringify(name)}, expected ${expected}.`,
    { field: "topic", expected, got: name },
  );
}

function keyOf(topic: InsightTopic, value: JsonObject): string {
  numberOf(value, "window_start");
  const key = insightKey(topic, value);
  if (key !== undefined) return key;
  const missing =
    INSIGHT_GROUP[topic].find((name) => {
      const found = value[name];
      return typeof found !== "string" && !Number.isSafeInteger(found);
    }) ?? "";
  throw invalid(missing, "a string or a whole number", value[missing]);
}

function numberOf(value: JsonObject, field: string): number {
  const found = value[field];
  if (Number.isSafeInteger(found)) return found as number;
  throw invalid(field, "epoch milliseconds", found);
}

function invalid(field: string, expected: string, found: unknown): Problem {
  const got = describeValue(found);
  return new Problem(
    "invalid_field",
    `The field "${field}" is ${got}, expected ${expected}. The insight was not stored.`,
    { field, expected, got },
  );
}
