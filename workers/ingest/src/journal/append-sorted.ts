/**
 * Hands the events of one request to the shards. All or nothing: a request is refused before any of
 * its events is stored, so that a client that sends it again counts nothing twice.
 */
import type { Rejected } from "../body/rejected.ts";
import type { Sorted } from "../body/sort-events.ts";
import { BrokenLine } from "../body/parse-events.ts";
import type { Env } from "../env.ts";
import { INGEST_LIMITS } from "../limits.ts";
import type { AppendRequest, AppendResult, CountedTopic, Rejection } from "./messages.ts";
import { journalShard } from "./shards.ts";

/** The shard that requests without a single good event are counted in. */
const SHARD_OF_BAD_REQUESTS = 0;

export interface SortedRequest {
  readonly title: string;
  /** Epoch ms. */
  readonly receivedMs: number;
  readonly sorted: Sorted;
  /** What the events were parsed as, for `/v1/rejected`. */
  readonly items: readonly unknown[];
  /** Events of another vocabulary that none of our topics can hold. */
  readonly notMapped?: number;
}

/**
 * Stores a request's events and counts its rejected ones. Returns when all of that is on disk.
 * Events of a request for several shards must carry fingerprints, also those without an id of their
 * own (`Stamp.repeatable`): a shard that fails is asked again.
 */
export async function appendSorted(env: Env, request: SortedRequest): Promise<AppendResult> {
  const { receivedMs, sorted } = request;
  const bad = {
    rejected: countByTopic(sorted.rejected),
    rejections: rejectionsOf(request),
    notMapped: request.notMapped ?? 0,
  };
  const [first, ...others] = sorted.parcels;
  if (first === undefined) {
    const journal = journalShard(env, SHARD_OF_BAD_REQUESTS);
    return journal.append({ receivedMs, parcels: [], ...bad });
  }
  const [shard, parcels] = first;
  if (others.length === 0) return journalShard(env, shard).append({ receivedMs, parcels, ...bad });
  return appendToAll(env, [
    // What was not taken is told to one shard, so that it is counted once.
    [shard, { receivedMs, parcels, ...bad, promised: true }],
    ...others.map(([n, own]) => {
      const append = { receivedMs, parcels: own, rejected: [], rejections: [], promised: true };
      return [n, append] as const;
    }),
  ]);
}

async function appendToAll(
  env: Env,
  appends: readonly (readonly [shard: number, append: AppendRequest])[],
): Promise<AppendResult> {
  const rooms = await Promise.all(appends.map(async ([n]) => journalShard(env, n).hasRoom()));
  if (rooms.includes(false)) return { outcome: "backlog_full" };
  const results = await Promise.all(appends.map(async ([n, append]) => persist(env, n, append)));
  let duplicates = 0;
  for (const result of results) if (result.outcome === "stored") duplicates += result.duplicates;
  return { outcome: "stored", duplicates };
}

/** Appends to a shard that has promised to take it, also when it restarts meanwhile. */
async function persist(env: Env, shard: number, append: AppendRequest): Promise<AppendResult> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const result = await journalShard(env, shard).append(append);
      // What an attempt stored before it failed is now told for repeats.
      return attempt === 1 ? result : { outcome: "stored", duplicates: 0 };
    } catch (error) {
      if (attempt === INGEST_LIMITS.appendAttemptsMax) throw error;
      await scheduler.wait(INGEST_LIMITS.appendRetryMs);
    }
  }
}

function countByTopic(rejected: readonly Rejected[]): AppendRequest["rejected"] {
  if (rejected.length === 0) return [];
  const counts = new Map<CountedTopic, number>();
  for (const { topic } of rejected) counts.set(topic, (counts.get(topic) ?? 0) + 1);
  return Array.from(counts, ([topic, count]) => ({ topic, count }));
}

function rejectionsOf(request: SortedRequest): readonly Rejection[] {
  const { sorted, items } = request;
  const kept = sorted.rejected.slice(0, INGEST_LIMITS.rejectedKeptPerRequestMax);
  return kept.map(({ topic, answer: told }) =>
    rejection(topic, { ...told, event: textOf(items[told.index]) }, request),
  );
}

/** An item of `/v1/rejected`. */
export function rejection(
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
