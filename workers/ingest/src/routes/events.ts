/** `POST /v1/events/<topic>` and `POST /v1/events`: events come in. */
import { EVENT_TOPICS, isEventTopic, LIMITS, type EventTopic } from "@arenaflow/events";
import { Hono, type Context } from "hono";

import type { App } from "../app.ts";
import { limitRequests } from "../auth/limit-requests.ts";
import type { Principal } from "../auth/keys.ts";
import { requireRole } from "../auth/require-role.ts";
import { titleAsked } from "../auth/title-asked.ts";
import { titleSettings } from "../auth/titles.ts";
import { clockOf, CLOCK_HEADER } from "../body/client-clock.ts";
import { eventIds, repeatableIds } from "../body/event-ids.ts";
import { EventsBody } from "../body/events-body.ts";
import { hashAddress, hashAddresses } from "../body/hash-addresses.ts";
import { originOf } from "../body/origin.ts";
import { plainParcel, rawParcel } from "../body/raw-parcel.ts";
import { checkBodyType, readBytes } from "../body/read-body.ts";
import { sortEvents, type Sorted } from "../body/sort-events.ts";
import type { Stamp } from "../body/write-line.ts";
import { appendSorted, rejection, WITHHELD } from "../journal/append-sorted.ts";
import { shardOf, type Spread } from "../journal/fingerprint.ts";
import type { CountedTopic } from "../journal/messages.ts";
import { journalShard } from "../journal/shards.ts";
import type { Incoming } from "../incoming.ts";
import { INGEST_LIMITS } from "../limits.ts";
import { Problem } from "../problem.ts";
import { settingsOf } from "../settings.ts";

/** Seconds after which a client may try again when the Journal takes no more. */
const RETRY_AFTER_S = 5;

/** Keys that may send events; one of the roles is enough. */
export const SENDERS = ["write", "backfill"] as const;

/** Who sends, and how the request is called. */
export interface Sender {
  readonly principal: Principal;
  readonly requestId: string;
}

export const eventRoutes = new Hono<App>()
  .post("/", requireRole(...SENDERS), async (c) => takeEvents(c, senderOf(c), undefined))
  .post("/:topic", requireRole(...SENDERS), async (c) => {
    const topic = c.req.param("topic");
    if (isEventTopic(topic)) return takeEvents(c, senderOf(c), topic);
    await noteBadRequest(c, senderOf(c), { topic: "unknown", problem: unknownTopic(topic) });
    throw unknownTopic(topic);
  });

function senderOf(c: Context<App>): Sender {
  return { principal: c.get("principal"), requestId: c.get("requestId") };
}

/** Takes the events of a request whose key was checked. */
export async function takeEvents(
  c: Incoming,
  sender: Sender,
  topic: EventTopic | undefined,
): Promise<Response> {
  limitRequests(c, c.req.header("authorization") ?? "");
  const type = c.req.header("content-type") ?? null;
  const { shards, topicShards } = settingsOf(c.env);
  const mayBeRaw = topicShards === 1 ? topic : undefined;
  let body: EventsBody;
  try {
    checkBodyType(type);
    const bytes = await readBytes(c.req.raw, LIMITS.bodyBytesMax);
    body = new EventsBody(bytes, { type, topic: mayBeRaw });
  } catch (error) {
    if (error instanceof Problem) {
      await noteBadRequest(c, sender, { topic: topic ?? "unknown", problem: error });
    }
    throw error;
  }
  const title = titleAsked(c, sender.principal);
  const secret = titleSettings(c.env, title)?.addressSecret;
  const rewritten = secret !== undefined && (await hashAddressesOf(body, secret));
  const stamp = await stampOf(c, sender, { title, secret });
  const sorted = sortBody(body, {
    topic,
    asItCame: !rewritten && mayBeRaw !== undefined,
    stamp,
    spread: { shards, topicShards },
  });
  const { receivedMs } = stamp;
  const withhold = secret !== undefined;
  const items = sorted.rejected.length === 0 ? [] : body.items;
  const result = await appendSorted(c.env, { title, receivedMs, sorted, items, withhold });
  if (result.outcome === "backlog_full") return backlogFull();
  return answer(sender, sorted, result.duplicates);
}

/** Plain events need not be parsed to be known to name no address. */
async function hashAddressesOf(body: EventsBody, secret: string): Promise<boolean> {
  if (body.plain !== undefined && !body.plain.inAny("ip_address")) return false;
  return hashAddresses(body.items, secret);
}

interface Sorting {
  readonly topic: EventTopic | undefined;
  /** Whether the body may be stored as it came. */
  readonly asItCame: boolean;
  readonly stamp: Stamp;
  readonly spread: Spread;
}

/** Checks the events, by the shortest way that they allow. */
function sortBody(body: EventsBody, { topic, asItCame, stamp, spread }: Sorting): Sorted {
  if (!asItCame || topic === undefined || body.count < INGEST_LIMITS.rawFromEvents) {
    return sortEvents(body.items, { topic, spread, stamp });
  }
  const { bytes, lines, plain } = body;
  const shard = shardOf({ title: stamp.titleId, topic }, "", spread);
  const request = { topic, bytes, lines, stamp, shard };
  const sorted = plain === undefined ? undefined : plainParcel(request, plain);
  return sorted ?? rawParcel({ ...request, items: body.items });
}

/** What the request adds to its events. */
async function stampOf(
  c: Incoming,
  { principal, requestId }: Sender,
  { title, secret }: { title: string; secret: string | undefined },
): Promise<Stamp> {
  const receivedMs = Date.now();
  const clock = clockOf(c.req.header(CLOCK_HEADER), { principal, receivedMs });
  const origin = originOf(c.req.raw);
  const address = c.req.header("cf-connecting-ip");
  const key = c.req.header("idempotency-key");
  const repeatable = key !== undefined && key !== "";
  return {
    receivedMs,
    titleId: title,
    address:
      address === undefined || secret === undefined ? address : await hashAddress(address, secret),
    // Events without an id get one for good, or so that a repeat of the request gets it again.
    ids: repeatable ? await repeatableIds({ title, key }) : eventIds(receivedMs, requestId),
    repeatable,
    ...(clock === undefined ? {} : { clock }),
    ...(origin === undefined ? {} : { origin }),
  };
}

const ACCEPTED = { status: 202, headers: { "content-type": "application/json" } };

function answer({ requestId }: Sender, sorted: Sorted, duplicates: number): Response {
  const counts = {
    accepted: sorted.accepted - duplicates,
    duplicates,
    rejected: sorted.rejected.map((event) => event.answer),
  };
  const [first] = sorted.rejected;
  if (first === undefined || sorted.accepted > 0) {
    const body = JSON.stringify({ ...counts, request_id: requestId });
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
function backlogFull(): Response {
  const headers = { "retry-after": String(RETRY_AFTER_S) };
  return new Response(null, { status: 503, headers });
}

/** A request that could not be taken apart counts as one rejected event. */
async function noteBadRequest(
  c: Incoming,
  { principal }: Sender,
  { topic, problem }: { topic: CountedTopic; problem: Problem },
) {
  const receivedMs = Date.now();
  const title = titleNamed(c, principal);
  // Of no title that its key reaches: nobody could look it up, and the sender is told what came first.
  if (title === undefined) return;
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

function titleNamed(c: Incoming, principal: Principal): string | undefined {
  try {
    return titleAsked(c, principal);
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
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
