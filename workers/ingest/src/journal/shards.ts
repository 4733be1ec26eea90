/** The Journal's shards, by number. */
import type { Env } from "../env.ts";
import { settingsOf } from "../settings.ts";
import type { Journal } from "./journal.ts";

const cache = new WeakMap<object, readonly DurableObjectId[]>();

/** A stub of one shard. Stubs belong to a request and are made anew; ids are remembered. */
export function journalShard(env: Env, shard: number): DurableObjectStub<Journal> {
  let ids = cache.get(env);
  if (ids === undefined) {
    const { shards } = settingsOf(env);
    ids = Array.from({ length: shards }, (_, n) => env.JOURNAL.idFromName(`journal-${n}`));
    cache.set(env, ids);
  }
  const id = ids[shard];
  if (id === undefined) throw new RangeError(`journalShard: there is no shard ${shard}`);
  return env.JOURNAL.get(id);
}

/** Stubs of all shards, in order. */
export function journalShards(env: Env): readonly DurableObjectStub<Journal>[] {
  const { shards } = settingsOf(env);
  return Array.from({ length: shards }, (_, shard) => journalShard(env, shard));
}
