/** `POST /v1/acks`: what the dataflows have processed, brought by an http-sink. */
import { describeValue, FEED_TOPICS, isFeedTopic, type FeedTopic } from "@arenaflow/events";
import { Hono } from "hono";

import type { App } from "../app.ts";
import { requireRole } from "../auth/require-role.ts";
import { parseObject } from "../body/parse-object.ts";
import { readBody } from "../body/read-body.ts";
import type { Range } from "../journal/acknowledged.ts";
import { journalShard } from "../journal/shards.ts";
import { INGEST_LIMITS } from "../limits.ts";
import { Problem } from "../problem.ts";
import { settingsOf } from "../settings.ts";

export const ackRoutes = new Hono<App>().post("/", requireRole("sink"), async (c) => {
  const body = parseObject(await readBody(c.req.raw, INGEST_LIMITS.sinkBodyBytesMax));
  const topic = topicOf(body["topic"]);
  const shard = shardOf(body["shard"], settingsOf(c.env).shards);
  const ranges = rangesOf(body["ranges"]);
  await journalShard(c.env, shard).acknowledge(topic, ranges);
  return c.json({ acknowledged: ranges.length, request_id: c.get("requestId") });
});

function topicOf(value: unknown): FeedTopic {
  if (typeof value === "string" && isFeedTopic(value)) return value;
  throw invalid("topic", `one of ${FEED_TOPICS.join(", ")}`, value);
}

function shardOf(value: unknown, shards: number): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) < shards) {
    return value as number;
  }
  throw invalid("shard", `an integer from 0 to ${shards - 1}`, value);
}

function rangesOf(value: unknown): readonly Range[] {
  const max = INGEST_LIMITS.ackRangesPerRequestMax;
  const expected = `at most ${max} pairs [from, to] of positions, 1 <= from <= to`;
  if (!Array.isArray(value) || value.length > max) throw invalid("ranges", expected, value);
  for (const range of value as unknown[]) {
    if (!isRange(range)) throw invalid("ranges", expected, range);
  }
  return value as Range[];
}

function isRange(value: unknown): value is Range {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [from, to] = value as unknown[];
  return (
    Number.isSafeInteger(from) &&
    Number.isSafeInteger(to) &&
    (from as number) >= 1 &&
    (from as number) <= (to as number)
  );
}

function invalid(field: string, expected: string, value: unknown): Problem {
  const got = describeValue(value);
  return new Problem(
    "invalid_field",
    `The field "${field}" is ${got}, expected ${expected}. The acknowledgement was not taken.`,
    { field, expected, got },
  );
}
