/** What people look at: counters, the newest events, the rejected ones. */
import { EVENT_TOPICS, isEventTopic } from "@arenaflow/events";
import { Hono, type Context } from "hono";

import type { App } from "../app.ts";
import { requireRole } from "../auth/require-role.ts";
import type { CountedTopic, JournalStatus } from "../journal/messages.ts";
import { batchLines } from "../journal/raw-lines.ts";
import { journalShards } from "../journal/shards.ts";
import { HUB_NAME } from "../live/protocol.ts";
import { INGEST_LIMITS } from "../limits.ts";
import { Problem } from "../problem.ts";
import { wholeNumber } from "./query.ts";
import { replayRejected } from "./replay.ts";

const RECENT_DEFAULT = 100;

/** The counters of one topic, or of all. `received` = `accepted` + `duplicates` + `rejected`. */
interface Counters {
  received: number;
  accepted: number;
  duplicates: number;
  rejected: number;
  /** Accepted events that no dataflow has acknowledged yet. */
  backlog: number;
  /** When the oldest of them arrived, epoch ms. */
  oldest_unacknowledged: number | null;
}

export const statusRoutes = new Hono<App>()
  .get("/status", requireRole("read"), async (c) => {
    const [shards, live] = await Promise.all([
      Promise.all(journalShards(c.env).map(async (journal) => journal.status())),
      c.env.LIVE.get(c.env.LIVE.idFromName(HUB_NAME)).status(),
    ]);
    return c.json({
      ...statusOf(shards),
      live,
      time: Date.now(),
      request_id: c.get("requestId"),
    });
  })
  .get("/recent", requireRole("read"), async (c) => {
    const topic = topicOf(c);
    if (topic === "unknown") return c.json({ items: [] });
    const batches = await Promise.all(
      journalShards(c.env).map(async (journal) => journal.recent(topic)),
    );
    const lines = batches.flat().flatMap((batch) => batchLines(batch).toReversed());
    return c.json({ items: newest(c, lines, limitOf(c)) });
  })
  .get("/rejected", requireRole("read"), async (c) => {
    const limit = limitOf(c);
    const topic = topicOf(c);
    const items = await Promise.all(
      journalShards(c.env).map(async (journal) => journal.rejected(topic, limit)),
    );
    return c.json({ items: newest(c, items.flat(), limit) });
  })
  .post("/rejected/replay", requireRole("write"), async (c) => {
    const topic = topicOf(c);
    return replayRejected(c, topic === "unknown" ? undefined : topic);
  });

function statusOf(shards: readonly JournalStatus[]) {
  const all = noCounters();
  const topics = {} as Record<CountedTopic, Counters>;
  let backlogBytes = 0;
  let notMapped = 0;
  for (const shard of shards) {
    backlogBytes += shard.backlogBytes;
    notMapped += shard.notMapped;
    for (const [name, status] of Object.entries(shard.topics)) {
      const topic = (topics[name as CountedTopic] ??= noCounters());
      for (const counters of [all, topic]) {
        counters.accepted += status.accepted;
        counters.duplicates += status.duplicates;
        counters.rejected += status.rejected;
        counters.received += status.accepted + status.duplicates + status.rejected;
        counters.backlog += status.backlog;
        counters.oldest_unacknowledged = earlier(counters.oldest_unacknowledged, status.oldestMs);
      }
    }
  }
  return {
    ...all,
    not_mapped: notMapped,
    backlog_bytes: backlogBytes,
    topics,
    shards: shards.length,
  };
}

function noCounters(): Counters {
  return {
    received: 0,
    accepted: 0,
    duplicates: 0,
    rejected: 0,
    backlog: 0,
    oldest_unacknowledged: null,
  };
}

function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

/** The events of the asking key's title, newest first. */
function newest(c: Context<App>, lines: readonly string[], limit: number): readonly unknown[] {
  const { title } = c.get("principal");
  return lines
    .map((line) => JSON.parse(line) as { received_at: number; title_id: string })
    .filter((event) => event.title_id === title)
    .toSorted((a, b) => b.received_at - a.received_at)
    .slice(0, limit);
}

function limitOf(c: Context<App>): number {
  const span = { min: 1, max: INGEST_LIMITS.recentItemsMax };
  return wholeNumber(c, "limit", span) ?? RECENT_DEFAULT;
}

function topicOf(c: Context<App>): CountedTopic | undefined {
  const topic = c.req.query("topic");
  if (topic === undefined || topic === "") return undefined;
  if (isEventTopic(topic) || topic === "unknown") return topic;
  const expected = `one of ${EVENT_TOPICS.join(", ")}`;
  throw new Problem(
    "invalid_query",
    `The query parameter "topic" is ${JSON.stringify(topic)}, expected ${expected}.`,
    { field: "topic", expected, got: topic },
  );
}
