/** What people look at: counters, the newest events, the rejected ones. */
import { EVENT_TOPICS, isEventTopic } from "@arenaflow/events";
import { Hono, type Context } from "hono";

import type { App } from "../app.ts";
import { requireRole } from "../auth/require-role.ts";
import { titleAsked } from "../auth/title-asked.ts";
import type { CountedTopic, LaneStatus } from "../journal/messages.ts";
import { batchLines } from "../journal/raw-lines.ts";
import { journalShards } from "../journal/shards.ts";
import { hubOf } from "../live/hubs.ts";
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
    const principal = c.get("principal");
    const title = titleAsked(c, principal);
    const [shards, live] = await Promise.all([
      Promise.all(journalShards(c.env).map(async (journal) => journal.status())),
      hubOf(c.env, title).status(),
    ]);
    const lanes = shards.flat();
    return c.json({
      ...statusOf(lanes.filter((lane) => lane.title === title)),
      title,
      // Others' numbers are for keys that may see others only.
      ...(principal.everyTitle ? { titles: countersByTitle(lanes) } : {}),
      shards: shards.length,
      live,
      time: Date.now(),
      request_id: c.get("requestId"),
    });
  })
  .get("/recent", requireRole("read"), async (c) => {
    const topic = topicOf(c);
    const title = titleAsked(c, c.get("principal"));
    if (topic === "unknown") return c.json({ items: [] });
    const batches = await Promise.all(
      journalShards(c.env).map(async (journal) => journal.recent(title, topic)),
    );
    const lines = batches.flat().flatMap((batch) => batchLines(batch).toReversed());
    return c.json({ items: newest(c, lines, { title, limit: limitOf(c) }) });
  })
  .get("/rejected", requireRole("read"), async (c) => {
    const player = playerOf(c);
    const limit = limitOf(c);
    // Filtered by player here, so that all of them have to be asked for.
    const asked = player === undefined ? limit : INGEST_LIMITS.rejectedKeptMax;
    const topic = topicOf(c);
    const title = titleAsked(c, c.get("principal"));
    const items = await Promise.all(
      journalShards(c.env).map(async (journal) => journal.rejected(title, topic, asked)),
    );
    return c.json({ items: newest(c, items.flat(), { title, limit }) });
  })
  .post("/rejected/replay", requireRole("write", "admin"), async (c) => {
    const topic = topicOf(c);
    return replayRejected(c, topic === "unknown" ? undefined : topic);
  });

function statusOf(lanes: readonly LaneStatus[]) {
  const all = noCounters();
  const topics = Object.fromEntries(
    [...EVENT_TOPICS, "unknown" as const].map((topic) => [topic, noCounters()]),
  ) as Record<CountedTopic, Counters>;
  let bytes = 0;
  let notMapped = 0;
  for (const lane of lanes) {
    bytes += lane.bytes;
    notMapped += lane.notMapped;
    addTo(all, lane);
    addTo(topics[lane.topic], lane);
  }
  return { ...all, not_mapped: notMapped, backlog_bytes: bytes, topics };
}

function countersByTitle(lanes: readonly LaneStatus[]): Readonly<Record<string, Counters>> {
  const titles = new Map<string, Counters>();
  for (const lane of lanes) {
    const counters = titles.get(lane.title) ?? noCounters();
    addTo(counters, lane);
    titles.set(lane.title, counters);
  }
  return Object.fromEntries(titles);
}

function addTo(counters: Counters, lane: LaneStatus): void {
  counters.accepted += lane.accepted;
  counters.duplicates += lane.duplicates;
  counters.rejected += lane.rejected;
  counters.received += lane.accepted + lane.duplicates + lane.rejected;
  counters.backlog += lane.backlog;
  counters.oldest_unacknowledged = earlier(counters.oldest_unacknowledged, lane.oldestMs);
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

/** An item of `/v1/recent` or `/v1/rejected`; a rejected event is text. */
interface Item {
  readonly received_at: number;
  readonly title_id: string;
  readonly player_id?: unknown;
  readonly event?: string;
}

/** The title's events, newest first, those of one player when one is asked for. */
function newest(
  c: Context<App>,
  lines: readonly string[],
  { title, limit }: { title: string; limit: number },
): readonly Item[] {
  const player = playerOf(c);
  return lines
    .map((line) => JSON.parse(line) as Item)
    .filter((item) => item.title_id === title)
    .filter((item) => player === undefined || isAbout(item, player))
    .toSorted((a, b) => b.received_at - a.received_at)
    .slice(0, limit);
}

function isAbout({ player_id, event }: Item, player: string): boolean {
  return event === undefined ? player_id === player : event.includes(JSON.stringify(player));
}

function playerOf(c: Context<App>): string | undefined {
  const player = c.req.query("player");
  return player === "" ? undefined : player;
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
