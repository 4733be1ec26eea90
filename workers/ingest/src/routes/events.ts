/** `POST /v1/events/<topic>` and `POST /v1/events`: events come in. */
import { EVENT_TOPICS, isEventTopic, LIMITS, type EventTopic } from "@arenaflow/events";
import { Hono, type Context } from "hono";

import type { App } from "../app.ts";
import { requireRole } from "../auth/require-role.ts";
import { eventIds, repeatableIds } from "../body/event-ids.ts";
import { BrokenLine, parseEvents } from "../body/parse-events.ts";
import { checkBodyType, readBody } from "../body/read-body.ts";
import { sortEvents, type Sorted } from "../body/sort-events.ts";
import type { Stamp } from "../body/write-line.ts";
import type { AppendRequest, AppendResult, CountedTopic, Rejection } from "../journal/messages.ts";
import { journalShard } from "../journal/shards.ts";
import { INGEST_LIMITS } from "../limits.ts";
import { Problem } from "../problem.ts";
import { settingsOf } from "../settings.ts";

/** Seconds after which a client may try again when the Journal takes no more. */
const RETRY_AFTER_S = 5;

export const eventRoutes = new Hono<App>()
  .post("/", requireRole("write"), async (c) => takeEvents(c, undefined))
  .post("/:topic", requireRole("write"), async (c) => {
    const topic = c.req.param("topic");
    if (isEventTopic(topic)) return takeEvents(c, topic);
    await noteBadRequest(c, "unknown", unknownTopic(topic));
    throw unknownTopic(topic);
  });

async function takeEvents(c: Context<App>, topic: EventTopic | undefined): Promise<Response> {
  let items: readonly unknown[];
  try {
    checkBodyType(c.req.header("content-type") ?? null);
    const text = await readBody(c.req.raw, LIMITS.bodyBytesMax);
    items = parseEvents(text, c.req.header("content-type") ?? null);
  } catch (error) {
    if (error instanceof Problem) await noteBadRequest(c, topic ?? "unknown", error);
    throw error;
  }
  const receivedMs = Date.now();
  const sorted = sortEvents(items, {
    topic,
    shards: settingsOf(c.env).shards,
    stamp: {
      receivedMs,
      titleId: c.get("principal").title,
      address: c.req.header("cf-connecting-ip"),
      ...(await idsOf(c, receivedMs)),
    },
  });
  const results = await append(c, { receivedMs, sorted, items });
  if (results.some((result) => result.outcome === "backlog_full")) return backlogFull(c);
  const duplicates = results.reduce(
    (sum, result) => sum + (result.outcome === "stored" ? result.duplicates : 0),
    0,
  );
  return answer(c, sorted, duplicates);
}

/** How events without an id get one: for good, or so that a repeat of the request gets it again. */
async function idsOf(
  c: Context<App>,
  receivedMs: number,
): Promise<Pick<Stamp, "newEventId" | "repeatable">> {
  const key = c.req.header("idempotency-key");
  if (key === undefined || key === "") {
    return { newEventId: eventIds(receivedMs), repeatable: false };
  }
  const { title } = c.get("principal");
  return { newEventId: await repeatableIds({ title, key }), repeatable: true };
}

/** Hands every shard its parcels, in one call each. */
async function append(
  c: Context<App>,
  request: { receivedMs: number; sorted: Sorted; items: readonly unknown[] },
): Promise<readonly AppendResult[]> {
  const { receivedMs, sorted, items } = request;
  const calls: Promise<AppendResult>[] = [];
  // Rejections are told to one shard, so that they are counted once.
  let bad: Pick<AppendRequest, "rejected" | "rejections"> = {
    rejected: countByTopic(sorted),
    rejections: rejectionsOf(sorted, { items, receivedMs, title: c.get("principal").title }),
  };
  for (const [shard, parcels] of sorted.parcels) {
    calls.push(journalShard(c.env, shard).append({ receivedMs, parcels, ...bad }));
    bad = { rejected: [], rejections: [] };
  }
  if (calls.length === 0) {
    calls.push(journalShard(c.env, 0).append({ receivedMs, parcels: [], ...bad }));
  }
  return Promise.all(calls);
}

function answer(c: Context<App>, sorted: Sorted, duplicates: number): Response {
  const counts = {
    accepted: sorted.accepted - duplicates,
    duplicates,
    rejected: sorted.rejected.map((event) => event.answer),
  };
  const [first] = sorted.rejected;
  if (first === undefined || sorted.accepted > 0) {
    return c.json({ ...counts, request_id: c.get("requestId") }, 202);
  }
  const { index, field, expected, got } = first.answer;
  const named = field === "" ? `Event ${index}` : `Event ${index}, field "${field}"`;
  throw new Problem(
    "nothing_accepted",
    `${named}: expected ${expected}, got ${got}. See "rejected" for every event.`,
    { ...counts, field, expected, got },
  );
}

/** "Keep it and retry": the body is empty because whatever came may have been taken in part. */
function backlogFull(c: Context<App>): Response {
  return c.body(null, 503, { "retry-after": String(RETRY_AFTER_S) });
}

function countByTopic(sorted: Sorted): AppendRequest["rejected"] {
  if (sorted.rejected.length === 0) return [];
  const counts = new Map<CountedTopic, number>();
  for (const { topic } of sorted.rejected) counts.set(topic, (counts.get(topic) ?? 0) + 1);
  return Array.from(counts, ([topic, count]) => ({ topic, count }));
}

function rejectionsOf(
  sorted: Sorted,
  request: { items: readonly unknown[]; receivedMs: number; title: string },
): readonly Rejection[] {
  const kept = sorted.rejected.slice(0, INGEST_LIMITS.rejectedKeptPerRequestMax);
  return kept.map(({ topic, answer: told }) =>
    rejection(topic, { ...told, event: textOf(request.items[told.index]) }, request),
  );
}

/** A request that could not be taken apart counts as one rejected event. */
async function noteBadRequest(c: Context<App>, topic: CountedTopic, problem: Problem) {
  const receivedMs = Date.now();
  const { title } = c.get("principal");
  const { field, expected, got } = problem.more;
  const item = { code: problem.code, field, expected, got, event: problem.more["near"] ?? "" };
  await journalShard(c.env, 0).append({
    receivedMs,
    parcels: [],
    rejected: [{ topic, count: 1 }],
    rejections: [rejection(topic, item, { receivedMs, title })],
  });
}

function rejection(
  topic: CountedTopic,
  item: { readonly [member: string]: unknown },
  request: { receivedMs: number; title: string },
): Rejection {
  const { receivedMs, title } = request;
  return {
    topic,
    item: JSON.stringify({ topic, received_at: receivedMs, title_id: title, ...item }),
  };
}

function textOf(item: unknown): string {
  if (item instanceof BrokenLine) return item.text.slice(0, INGEST_LIMITS.rejectedCharsMax);
  try {
    return JSON.stringify(item).slice(0, INGEST_LIMITS.rejectedCharsMax);
  } catch {
    return "(nested too deeply to show)";
  }
}

function unknownTopic(topic: string): Problem {
  const expected = `one of ${EVENT_TOPICS.join(", ")}`;
  return new Problem(
    "unknown_topic",
    `There is no topic ${JSON.stringify(topic)} that takes events. Post to /v1/events/<topic> with ${expected}.`,
    { field: "topic", expected, got: topic },
  );
}
