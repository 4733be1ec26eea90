/**
 * A 64-bit fingerprint of an event's id, and the choice of a shard. The edge computes both, so that
 * the Journal compares two integers instead of text.
 *
 * Not a cryptographic hash: whoever may write for a title could make two ids of that title collide,
 * and would thereby drop an event of their own. By chance, one event in 10^13 meets another's among
 * a million remembered.
 */
import { EVENT_TOPICS, type EventTopic } from "@arenaflow/events";

/** The field whose value decides among the shards of a topic, so that a player's events meet in one. */
export const SHARD_FIELD: Readonly<Record<EventTopic, "player_id" | "server_id">> = {
  "player-events": "player_id",
  purchases: "player_id",
  "server-metrics": "server_id",
};

const QUOTE = 0x22;
const SEED_LOW = 0x9e3779b9;
const SEED_HIGH = 0x85ebca6b;
const MULTIPLY_LOW = 0x9e3779b1;
const MULTIPLY_HIGH = 0x5f356495;
const AVALANCHE_1 = 0x7feb352d;
const AVALANCHE_2 = 0x846ca68b;

/** How events are spread over shards. */
export interface Spread {
  readonly shards: number;
  /** Shards for one title's events of one topic. */
  readonly topicShards: number;
}

/**
 * The shard of a player or server. A title's topic has one shard of its own or, when one cannot bear
 * it, a few neighbouring ones: equal ids must meet in one shard to be told for repeats.
 */
export function shardOf(
  lane: { readonly title: string; readonly topic: EventTopic },
  id: string,
  { shards, topicShards }: Spread,
): number {
  const first = hash32(lane.title, SEED_LOW) + EVENT_TOPICS.indexOf(lane.topic);
  const further = topicShards === 1 ? 0 : hash32(id, SEED_LOW) % Math.min(topicShards, shards);
  return (first + further) % shards;
}

/**
 * Writes the fingerprint of an id into two words. Never 0, 0, which means "no id".
 * @param scope keeps equal ids of different titles and topics apart
 */
export function writeFingerprint(
  words: Uint32Array,
  at: number,
  { scope, id }: { scope: number; id: string },
): void {
  let low = (SEED_LOW ^ scope) | 0;
  let high = (SEED_HIGH ^ Math.imul(scope, MULTIPLY_HIGH)) | 0;
  // Two characters at a time; behind the last of an odd number stands a zero, told apart by the length.
  for (let i = 0; i < id.length; i += 2) {
    const second = i + 1 < id.length ? id.charCodeAt(i + 1) : 0;
    const units = id.charCodeAt(i) | (second << 16);
    low = Math.imul(low ^ units, MULTIPLY_LOW);
    low ^= low >>> 15;
    high = Math.imul(high ^ units, MULTIPLY_HIGH);
    high ^= high >>> 13;
  }
  words[at] = avalanche(low ^ id.length) | 1;
  words[at + 1] = avalanche(high);
}

/** An id of ASCII characters within JSON, from its first character to before the next quote. */
export interface IdInBytes {
  readonly scope: number;
  readonly bytes: Uint8Array;
  readonly start: number;
}

/** The same for an id that is not made a text of. */
export function writeFingerprintAt(
  words: Uint32Array,
  at: number,
  { scope, bytes, start }: IdInBytes,
): void {
  let low = (SEED_LOW ^ scope) | 0;
  let high = (SEED_HIGH ^ Math.imul(scope, MULTIPLY_HIGH)) | 0;
  let end = start;
  for (; end < bytes.length && bytes[end] !== QUOTE; end += 2) {
    const second = bytes[end + 1] as number;
    const isLast = second === QUOTE;
    const units = (bytes[end] as number) | (isLast ? 0 : second << 16);
    low = Math.imul(low ^ units, MULTIPLY_LOW);
    low ^= low >>> 15;
    high = Math.imul(high ^ units, MULTIPLY_HIGH);
    high ^= high >>> 13;
    if (!isLast) continue;
    end += 1;
    break;
  }
  words[at] = avalanche(low ^ (end - start)) | 1;
  words[at + 1] = avalanche(high);
}

/** The scope of a title's topic. */
export function scopeOf(title: string, topic: EventTopic): number {
  return hash32(`${title}/${topic}`, SEED_HIGH);
}

function hash32(text: string, seed: number): number {
  let hash = seed | 0;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), MULTIPLY_LOW);
    hash ^= hash >>> 15;
  }
  return avalanche(hash) >>> 0;
}

function avalanche(word: number): number {
  let hash = word ^ (word >>> 16);
  hash = Math.imul(hash, AVALANCHE_1);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, AVALANCHE_2);
  return hash ^ (hash >>> 16);
}
