/** `POST /v1/events/<topic>` and `POST /v1/events`: events come in. */
import { EVENT_TOPICS, isEventTopic, LIMITS, type EventTopic } from "@arenaflow/events";
import { Hono, type Context } from "hono";

import type { App } from "../app.ts";
import { limitRequests } from "../auth/limit-requests.ts";
import { requireRole } from "../auth/require-role.ts";
import { titleAsked } from "../auth/title-asked.ts";
import { titleSettings } from "../auth/titles.ts";
import { clockOf, CLOCK_HEADER } from "../body/client-clock.ts";
import { eventIds, repeatableIds } from "../body/event-ids.ts";
import { hashAddress, hashAddresses } from "../body/hash-addresses.ts";
import { originOf } from "../body/origin.ts";
import { isNdjson, parseEvents } from "../body/parse-events.ts";
import { rawParcel } from "../body/raw-parcel.ts";
import { checkBodyType, decodeBody, readBytes } from "../body/read-body.ts";
import { sortEvents, type Sorted } from "../body/sort-events.ts";
import type { Stamp } from "../body/write-line.ts";
import { appendSorted, rejection, WITHHELD } from "../journal/append-sorted.ts";
import { shardOf } from "../journal/fingerprint.ts";
import type { CountedTopic } from "../journal/messages.ts";
import { journalShard } from "../journal/shards.ts";
import { INGEST_LIMITS } from "../limits.ts";
import { Problem } from "../problem.ts";
import { settingsOf } from "../settings.ts";

/** Seconds after which a client may try again when the Journal takes no more. */
const RETRY_AFTER_S = 5;

export const eventRoutes = new Hono<App>()
  .post("/", requireRole("write", "backfill"), async (c) => takeEvents(c, undefined))
  .post("/:topic", requireRole("write", "backfill"), async (c) => {
    const topic = c.req.param("topic");
    if (isEventTopic(topic)) return takeEvents(c, topic);
    await noteBadRequest(c, "unknown", unknownTopic(topic));
    throw unknownTopic(topic);
  });

async function takeEvents(c: Context<App>, topic: EventTopic | undefined): Promise<Response> {
  limitRequests(c, c.req.header("authorization") ?? "");
  const type = c.req.header("content-type") ?? null;
  let bytes: Uint8Array;
  let items: readonly unknown[];
  try {
    checkBodyType(type);
    bytes = await readBytes(c.req.raw, LIMITS.bodyBytesMax);
    items = parseEvents(decodeBody(bytes), type);
  } catch (error) {
    if (error instanceof Problem) await noteBadRequest(c, topic ?? "unknown", error);
    throw error;
  }
  const title = titleAsked(c, c.get("principal"));
  const { shards, topicShards } = settingsOf(c.env);
  const secret = titleSettings(c.env, title)?.addressSecret;
  const rewritten = secret !== undefined && (await hashAddresses(items, secret));
  const stamp = await stampOf(c, { title, secret });
  const spread = { shards, topicShards };
  const asItCame =
    topic !== undefined &&
    topicShards === 1 &&
    items.length >= INGEST_LIMITS.rawFromEvents &&
    !rewritten;
  const sorted = asItCame
    ? rawParcel({
        topic,
        items,
        bytes,
        lines: isNdjson(type),
        stamp,
        shard: shardOf({ title, topic }, "", spread),
      })
    : sortEvents(items, { topic, spread, stamp });
  const { receivedMs } = stamp;
  const withhold = secret !== undefined;
  const result = await appendSorted(c.env, { title, receivedMs, sorted, items, withhold });
  if (result.outcome === "backlog_full") return backlogFull(c);
  return answer(c, sorted, result.duplicates);
}

/** What the request adds to its events. */
async function stampOf(
  c: Context<App>,
  { title, secret }: { title: string; secret: string | undefined },
): Promise<Stamp> {
  const receivedMs = Date.now();
  const principal = c.get("principal");
  const clock = clockOf(c.req.header(CLOCK_HEADER), { principal, receivedMs });
  const origin = originOf(c.req.raw);
  const address = c.req.header("cf-connecting-ip");
  return {
    receivedMs,
    titleId: title,
    address:
      address === undefined || secret === undefined ? address : await hashAddress(address, secret),
    ...(await idsOf(c, { title, receivedMs })),
    ...(clock === undefined ? {} : { clock }),
    ...(origin === undefined ? {} : { origin }),
  };
}

/** How events without an id get one: for good, or so that a repeat of the request gets it again. */
async function idsOf(
  c: Context<App>,
  { title, receivedMs }: { title: string; receivedMs: number },
): Promise<Pick<Stamp, "ids" | "repeatable">> {
  const key = c.req.header("idempotency-key");
  if (key === undefined || key === "") return { ids: eventIds(receivedMs), repeatable: false };
  return { ids: await repeatableIds({ title, key }), repeatable: true };
}

const ACCEPTED = { status: 202, headers: { "content-type": "application/json" } };

function answer(c: Context<App>, sorted: Sorted, duplicates: number): Response {
  const counts = {
    accepted: sorted.accepted - duplicates,
    duplicates,
    rejected: sorted.rejected.map((event) => event.answer),
  };
  const [first] = sorted.rejected;
  if (first === undefined || sorted.accepted > 0) {
    const body = JSON.stringify({ ...counts, request_id: c.get("requestId") });
    return new Response(body, ACCEPTED);
  }
  const { index, field, expected, got } = first.answer;
  const named = field === "" ? `Event ${index}` : `Event ${index}, field "${field}"`;
  throw new Problem(
    "nothing_accepted",
    `${named}: expected ${expected}, got ${got}. See "rejected" for every event.`,
    { ...counts, field, expected, got },
  );
}

/** "Keep it and retry": nothing was taken. */
function backlogFull(c: Context<App>): Response {
  return c.body(null, 503, { "retry-after": String(RETRY_AFTER_S) });
}

/** A request that could not be taken apart counts as one rejected event. */
async function noteBadRequest(c: Context<App>, topic: CountedTopic, problem: Problem) {
  const receivedMs = Date.now();
  const title = titleAsked(c, c.get("principal"));
  const { field, expected, got } = problem.more;
  const withhold = titleSettings(c.env, title)?.addressSecret !== undefined;
  const event = withhold ? WITHHELD : (problem.more["near"] ?? "");
  const item = { code: problem.code, field, expected, got, event };
  await journalShard(c.env, 0).append({
    title,
    receivedMs,
    parcels: [],
    rejected: [{ topic, count: 1 }],
    rejections: [rejection(topic, item, { receivedMs, title })],
  });
}

function unknownTopic(topic: string): Problem {
  const expected = `one of ${EVENT_TOPICS.join(", ")}`;
  return new Problem(
    "unknown_topic",
    `There is no topic ${JSON.stringify(topic)} that takes events. Post to /v1/events/<topic> with ${expected}.`,
    { field: "topic", expected, got: topic },
  );
}
