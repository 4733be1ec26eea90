/**
 * `POST /v1/rejected/replay`: judges rejected events once more, after the cause was mended on our side,
 * and takes those that are valid now. Each keeps its arrival; one that is replayed twice is counted once.
 */
import { isEventTopic, type EventTopic } from "@arenaflow/events";
import type { Context } from "hono";

import type { App } from "../app.ts";
import { titleAsked } from "../auth/title-asked.ts";
import { repeatableIds } from "../body/event-ids.ts";
import { sortEvents } from "../body/sort-events.ts";
import { appendSorted } from "../journal/append-sorted.ts";
import type { KeptRejection } from "../journal/messages.ts";
import { journalShard } from "../journal/shards.ts";
import { INGEST_LIMITS } from "../limits.ts";
import { settingsOf } from "../settings.ts";

/** A rejected event, as far as it has to be known to take it again. */
interface Item {
  readonly title_id: string;
  readonly received_at: number;
  /** The event as text; cut short when it is long. */
  readonly event: string;
}

/** Answers how many events were taken, and how many are still rejected. */
export async function replayRejected(c: Context<App>, topic: EventTopic | undefined) {
  const title = titleAsked(c, c.get("principal"));
  const outcome = { replayed: 0, still_rejected: 0 };
  for (let shard = 0; shard < settingsOf(c.env).shards; shard += 1) {
    const journal = journalShard(c.env, shard);
    const kept = await journal.keptRejections(title, topic, INGEST_LIMITS.rejectedKeptMax);
    const done: number[] = [];
    for (const one of kept) {
      const item = JSON.parse(one.item) as Item;
      if (await takeAgain(c, one, { item, name: `replay ${shard} ${one.n} ${one.item}` }))
        done.push(one.n);
      else outcome.still_rejected += 1;
    }
    if (done.length > 0) await journal.dropRejections(done);
    outcome.replayed += done.length;
  }
  return c.json({ ...outcome, request_id: c.get("requestId") });
}

async function takeAgain(
  c: Context<App>,
  { topic }: KeptRejection,
  // Numbers are given again after a row was dropped, so the name holds the whole item.
  { item, name }: { item: Item; name: string },
): Promise<boolean> {
  const { title_id: title, received_at: receivedMs } = item;
  const event = parsed(item.event);
  if (event === undefined) return false;
  const { shards, topicShards } = settingsOf(c.env);
  const sorted = sortEvents([event], {
    topic: isEventTopic(topic) ? topic : undefined,
    spread: { shards, topicShards },
    stamp: {
      receivedMs,
      titleId: title,
      address: undefined,
      ids: await repeatableIds({ title, key: name }),
      repeatable: true,
    },
  });
  if (sorted.accepted === 0) return false;
  const result = await appendSorted(c.env, { title, receivedMs, sorted, items: [event] });
  return result.outcome === "stored";
}

function parsed(text: string): unknown {
  // A text that fills the limit was cut, or may have been.
  if (text.length >= INGEST_LIMITS.rejectedCharsMax) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
