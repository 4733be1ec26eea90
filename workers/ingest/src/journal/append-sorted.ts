/**
 * Hands the events of one request to the shards.
 *
 * An answer of 503 means "keep it and send it again", so what is stored of such a request must be
 * recognised in the repeat. Events with an id are, by the shard that their id leads to. Those without
 * one all go to a single shard (`Sorted.last`), which is asked last: when any part fails, none of them
 * is stored.
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

/** Stands for text that could hold an address which must not be kept. */
export const WITHHELD = "(not kept: this title's addresses are stored as hashes only)";

export interface SortedRequest {
  readonly title: string;
  /** Epoch ms. */
  readonly receivedMs: number;
  readonly sorted: Sorted;
  /** What the events were parsed as, for `/v1/rejected`; may be empty when none was rejected. */
  readonly items: readonly unknown[];
  /** Whether text that could not be read is not kept either. */
  readonly withhold?: boolean;
  /** Events of another vocabulary that none of our topics can hold. */
  readonly notMapped?: number;
}

/** Stores a request's events and counts its rejected ones. Returns when all of that is on disk. */
export async function appendSorted(env: Env, request: SortedRequest): Promise<AppendResult> {
  const { title, receivedMs, sorted } = request;
  const bad = notTaken(request);
  const [first, ...others] = sorted.parcels;
  if (first === undefined) {
    const journal = journalShard(env, SHARD_OF_BAD_REQUESTS);
    return journal.append({ title, receivedMs, parcels: [], ...bad });
  }
  if (others.length === 0) {
    const [shard, parcels] = first;
    // The events come last: what is written behind them on the way to the shard would move them.
    return journalShard(env, shard).append({ title, receivedMs, ...bad, parcels });
  }
  const last = sorted.last ?? first[0];
  const appends = Array.from(sorted.parcels, ([shard, parcels]) => {
    const base = { title, receivedMs, parcels, token: `${crypto.randomUUID()}/${shard}` };
    // What was not taken is told to one shard, so that it is counted once, and to the last one, so
    // that a request that fails is not counted.
    const append = shard === last ? { ...base, ...bad } : base;
    return { shard, append };
  });
  return appendToAll(env, appends, last);
}

/** What is told of events that were not taken; mostly nothing. */
function notTaken(
  request: SortedRequest,
): Pick<AppendRequest, "rejected" | "rejections" | "notMapped"> {
  const { sorted, notMapped } = request;
  const mapped = notMapped === undefined || notMapped === 0 ? {} : { notMapped };
  if (sorted.rejected.length === 0) return mapped;
  const rejections = rejectionsOf(request);
  return { ...mapped, rejected: countByTopic(sorted.rejected), rejections };
}

interface ShardAppend {
  readonly shard: number;
  readonly append: AppendRequest;
}

async function appendToAll(
  env: Env,
  appends: readonly ShardAppend[],
  last: number,
): Promise<AppendResult> {
  const rooms = await Promise.all(
    appends.map(async ({ shard }) => journalShard(env, shard).hasRoom()),
  );
  if (rooms.includes(false)) return { outcome: "backlog_full" };
  let duplicates = 0;
  for (const wave of [
    appends.filter(({ shard }) => shard !== last),
    appends.filter(({ shard }) => shard === last),
  ]) {
    const results = await Promise.all(wave.map(async (one) => persist(env, one)));
    for (const result of results) if (result.outcome === "stored") duplicates += result.duplicates;
  }
  return { outcome: "stored", duplicates };
}

/** Appends to a shard, also when it restarts meanwhile: asked again, it stores the same once. */
async function persist(env: Env, { shard, append }: ShardAppend): Promise<AppendResult> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await journalShard(env, shard).append(append);
    } catch (error) {
      if (attempt === INGEST_LIMITS.appendAttemptsMax) throw error;
      await scheduler.wait(INGEST_LIMITS.appendRetryMs);
    }
  }
}

function countByTopic(rejected: readonly Rejected[]) {
  const counts = new Map<CountedTopic, number>();
  for (const { topic } of rejected) counts.set(topic, (counts.get(topic) ?? 0) + 1);
  return Array.from(counts, ([topic, count]) => ({ topic, count }));
}

function rejectionsOf(request: SortedRequest): readonly Rejection[] {
  const { sorted, items, withhold } = request;
  const kept = sorted.rejected.slice(0, INGEST_LIMITS.rejectedKeptPerRequestMax);
  return kept.map(({ topic, answer: told }) => {
    const item = items[told.index];
    const shown =
      withhold === true && !isObject(item)
        ? { ...told, got: WITHHELD, event: WITHHELD }
        : { ...told, event: textOf(item) };
    return rejection(topic, shown, request);
  });
}

/** Only the addresses that stand in an object's own field were found and hashed. */
function isObject(item: unknown): boolean {
  if (item instanceof BrokenLine) return false;
  return typeof item === "object" && item !== null && !Array.isArray(item);
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
    title,
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
