/**
 * The collector of GameAnalytics, so that its SDKs can be pointed here. What an SDK does depends on
 * the exact answer:
 *
 * - 200 with a body: the events were taken, the SDK deletes them. Also when only some were valid.
 * - Any other status with a body: the SDK deletes the events. So only for what will never be valid.
 * - No body: the SDK keeps the events and sends them again. Whatever is our fault or temporary.
 */
import { LIMITS } from "@arenaflow/events";
import { Hono, type Context } from "hono";

import type { App } from "../app.ts";
import { limitRequests } from "../auth/limit-requests.ts";
import { checkOrigin } from "../auth/origins.ts";
import { titleSettings } from "../auth/titles.ts";
import { hashAddress, hashAddresses } from "../body/hash-addresses.ts";
import { eventIds } from "../body/event-ids.ts";
import { decodeBody, inflate, readRaw } from "../body/read-body.ts";
import { originOf } from "../body/origin.ts";
import { rejected, type Rejected } from "../body/rejected.ts";
import { sortEvents, type Sorted } from "../body/sort-events.ts";
import { appendSorted } from "../journal/append-sorted.ts";
import { Problem } from "../problem.ts";
import { MisconfiguredError, settingsOf } from "../settings.ts";
import { gameOf, isSignedBy, type Game } from "./keys.ts";
import { mapEvent } from "./map-event.ts";

const MS_PER_S = 1_000;

export const gameAnalyticsRoutes = new Hono<App>()
  .post("/remote_configs/v1/init", async (c) => init(c, c.req.query("game_key") ?? ""))
  .post("/v2/:key/init", async (c) => init(c, c.req.param("key")))
  .post("/v2/:key/events", async (c) => answered(c, async () => takeEvents(c, c.req.param("key"))));

/** The start of a session: the SDK sets its clock by the answer. We have no remote configs. */
async function init(c: Context<App>, gameKey: string): Promise<Response> {
  return answered(c, async () => {
    limitRequests(c, gameKey);
    await signedBody(c, gameKey);
    const server_ts = Math.floor(Date.now() / MS_PER_S);
    return c.json({ enabled: true, server_ts, flags: [] });
  });
}

async function takeEvents(c: Context<App>, gameKey: string): Promise<Response> {
  limitRequests(c, gameKey);
  const { game, body } = await signedBody(c, gameKey);
  const receivedMs = Date.now();
  const items = listOf(decodeBody(body));
  const { title } = game;
  // SDKs name no address, but what was rejected is kept as it came.
  const secret = titleSettings(c.env, title)?.addressSecret;
  const withhold = secret !== undefined;
  if (withhold) await hashAddresses(items, secret);
  const { sorted, notMapped } = await sortMapped(c, { items, receivedMs, title });
  const request = { title, receivedMs, sorted, items, notMapped, withhold };
  const result = await appendSorted(c.env, request);
  if (result.outcome === "backlog_full") return c.body(null, 503);
  if (sorted.rejected.length < items.length || items.length === 0) return c.json({});
  return c.json(
    sorted.rejected.map(({ answer }) => ({
      index: answer.index,
      errors: [{ error_type: answer.code, path: answer.field, ...answer }],
    })),
    400,
  );
}

/** Maps what can be mapped, and keeps every event's place in the request. */
async function sortMapped(
  c: Context<App>,
  { items, receivedMs, title }: { items: readonly unknown[]; receivedMs: number; title: string },
): Promise<{ sorted: Sorted; notMapped: number }> {
  const events: unknown[] = [];
  const places: number[] = [];
  const bad: Rejected[] = [];
  let notMapped = 0;
  for (const [index, item] of items.entries()) {
    const mapped = mapEvent(item, receivedMs);
    if (mapped.outcome === "mapped") {
      events.push(mapped.event);
      places.push(index);
    } else if (mapped.outcome === "invalid") {
      bad.push(rejected(mapped.issue, { item, index, topic: "unknown" }));
    } else {
      notMapped += 1;
    }
  }
  const { shards, topicShards } = settingsOf(c.env);
  const origin = originOf(c.req.raw);
  const sorted = sortEvents(events, {
    topic: undefined,
    spread: { shards, topicShards },
    stamp: {
      receivedMs,
      titleId: title,
      address: await addressOf(c, title),
      ids: eventIds(receivedMs),
      repeatable: false,
      ...(origin === undefined ? {} : { origin }),
    },
  });
  for (const { topic, answer } of sorted.rejected) {
    bad.push({ topic, answer: { ...answer, index: places[answer.index] as number } });
  }
  return { sorted: { ...sorted, rejected: bad }, notMapped };
}

async function addressOf(c: Context<App>, title: string): Promise<string | undefined> {
  const address = c.req.header("cf-connecting-ip");
  const secret = titleSettings(c.env, title)?.addressSecret;
  return address === undefined || secret === undefined ? address : hashAddress(address, secret);
}

/** @throws Problem when the body is not signed with the secret of the key's game */
async function signedBody(
  c: Context<App>,
  gameKey: string,
): Promise<{ game: Game; body: Uint8Array }> {
  const raw = await readRaw(c.req.raw, LIMITS.bodyBytesMax);
  const game = await gameOf(c.env, c.req.url, gameKey);
  if (game === undefined || !(await isSignedBy(game, c.req.header("authorization"), raw))) {
    throw new Problem(
      "unauthorized",
      "The game key is unknown, or the body is not signed with its secret. Check both for typing errors.",
    );
  }
  checkOrigin(c, game);
  const encoding = c.req.header("content-encoding")?.trim().toLowerCase();
  const body = encoding === "gzip" ? await inflate(raw, LIMITS.bodyBytesMax) : raw;
  return { game, body };
}

function listOf(text: string): readonly unknown[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    // Told below: it is no list either.
  }
  if (Array.isArray(list)) return list;
  throw new Problem("invalid_json", "The body is not a JSON array of events.");
}

/** Problems in the words of this protocol: an array whose entries have errors, or one object. */
async function answered(c: Context<App>, handle: () => Promise<Response>): Promise<Response> {
  try {
    return await handle();
  } catch (error) {
    if (error instanceof MisconfiguredError) return c.body(null, 503);
    if (!(error instanceof Problem)) throw error;
    // Without a body: the SDK keeps its events for later.
    if (error.code === "rate_limited") {
      return c.body(null, 429, { "retry-after": String(error.more["retry_after"]) });
    }
    const { code, message } = error;
    if (error.status === 400) return c.json([{ errors: [{ error_type: code, message }] }], 400);
    return c.json(
      { errors: [{ error_type: code, message }] },
      error.status as 401 | 403 | 413 | 415,
    );
  }
}
