/**
 * `GET /v1/stream/<topic>`: the feed for http-source connectors. All shards merged into one response
 * of NDJSON that starts at the acknowledged positions, stays open and silent while there is nothing
 * to send, and ends after a whole line.
 *
 * http-source takes any body for records and reconnects without waiting. So whatever goes wrong here
 * is told in a header, after a pause, with an empty body.
 */
import { isFeedTopic, type FeedTopic } from "@arenaflow/events";
import { Hono, type Context } from "hono";

import type { App } from "../app.ts";
import { authorize, bearerOf } from "../auth/require-role.ts";
import { feedLines } from "../journal/feed-lines.ts";
import { journalShard } from "../journal/shards.ts";
import { INGEST_LIMITS } from "../limits.ts";
import { Problem } from "../problem.ts";
import { MisconfiguredError, settingsOf } from "../settings.ts";

export const streamRoutes = new Hono<App>().get("/:topic", async (c) => {
  try {
    const key = bearerOf(c.req.header("authorization"));
    await authorize(c.env, { url: c.req.url, key, roles: ["feed"] });
    const topic = c.req.param("topic");
    if (!isFeedTopic(topic)) {
      throw new Problem("unknown_topic", `There is no feed of a topic ${JSON.stringify(topic)}.`);
    }
    return serveFeed(c, topic);
  } catch (error) {
    await scheduler.wait(INGEST_LIMITS.feedErrorPauseMs);
    return emptyAnswer(error);
  }
});

function serveFeed(c: Context<App>, topic: FeedTopic): Response {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const settings = settingsOf(c.env);
  const deadline = Date.now() + settings.feedResponseMs;
  const feed = { topic, writer, deadline, closed: false };
  const shards = Array.from({ length: settings.shards }, (_, shard) => shard);
  c.executionCtx.waitUntil(
    Promise.all(shards.map(async (shard) => pump(c, shard, feed)))
      .then(async () => writer.close())
      .catch(() => undefined),
  );
  return new Response(readable, {
    headers: { "content-type": "application/x-ndjson", "cache-control": "no-store" },
  });
}

interface Feed {
  readonly topic: FeedTopic;
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  /** Epoch ms. */
  readonly deadline: number;
  /** Set when the reader is gone. */
  closed: boolean;
}

/** Carries one shard's events to the reader, as fast as the reader takes them, until the deadline. */
async function pump(c: Context<App>, shard: number, feed: Feed): Promise<void> {
  const journal = journalShard(c.env, shard);
  let after: number | undefined;
  while (!feed.closed) {
    const waitMs = feed.deadline - Date.now();
    if (waitMs <= 0) return;
    try {
      const read = await journal.read({ topic: feed.topic, after, waitMs });
      for (const batch of read.batches) {
        const lines = feedLines(batch, { shard, after: read.after });
        await feed.writer.write(lines).catch(() => {
          feed.closed = true;
        });
      }
      after = read.position;
    } catch {
      // The shard restarts or is out of reach; the others go on, and it is tried again.
      await scheduler.wait(INGEST_LIMITS.feedErrorPauseMs);
    }
  }
}

function emptyAnswer(error: unknown): Response {
  const problem =
    error instanceof Problem
      ? error
      : error instanceof MisconfiguredError
        ? new Problem("misconfigured", error.message)
        : new Problem("internal", "The feed could not be opened.");
  // Headers carry Latin-1 only, and no line ends.
  const reason = problem.message.replace(/[^\x20-\x7e]/g, "?");
  return new Response(null, {
    status: problem.status,
    headers: { "x-arenaflow-error": `${problem.code}: ${reason}` },
  });
}
