/**
 * Makes the events of a player anonymous. They stay where they are and are counted as before, so that
 * positions and sums hold; nothing in them leads to the player any more.
 */
import type { JsonObject } from "@arenaflow/events";

import type { Batch } from "./messages.ts";
import { batchLines } from "./raw-lines.ts";

/** What an event may keep. Everything else could name somebody: receipts, addresses, free text, further fields. */
const KEPT: readonly string[] = [
  "event_id",
  "event_type",
  "level_id",
  "map_id",
  "timestamp",
  "server_id",
  "x",
  "y",
  "item_id",
  "price",
  "currency",
  "purchase_timestamp",
  "transaction_type",
  "platform",
  "region",
  "build",
  "received_at",
  "title_id",
  "client_time",
  "time_corrected",
];

/** Who is forgotten, and the random name that takes the place of ids. */
export interface Erasure {
  readonly title: string;
  readonly playerId: string;
  readonly pseudonym: string;
}

/**
 * Rewrites a batch without its player.
 * @returns the batch as lines and how many events were the player's; `undefined` when none was
 */
export function anonymousBatch(
  batch: Batch,
  erasure: Erasure,
): { batch: Batch; events: number } | undefined {
  const sessions = new Map<unknown, string>();
  let events = 0;
  let text = "";
  for (const line of batchLines(batch)) {
    const event = JSON.parse(line) as JsonObject;
    if (event["player_id"] === erasure.playerId) {
      events += 1;
      text += `${JSON.stringify(anonymous(event, erasure.pseudonym, sessions))}\n`;
    } else {
      text += `${line}\n`;
    }
  }
  if (events === 0) return undefined;
  const body = new TextEncoder().encode(text);
  return { batch: { firstSeq: batch.firstSeq, count: batch.count, body, raw: null }, events };
}

function anonymous(
  event: JsonObject,
  pseudonym: string,
  sessions: Map<unknown, string>,
): JsonObject {
  const kept: JsonObject = { player_id: pseudonym };
  const session = event["session_id"];
  if (session !== undefined) {
    const name = sessions.get(session) ?? `${pseudonym}-${sessions.size}`;
    sessions.set(session, name);
    kept["session_id"] = name;
  }
  for (const name of KEPT) if (name in event) kept[name] = event[name];
  return kept;
}

/** Whether a rejected event is a player's, as far as its text tells. */
export function isOfPlayer(item: string, playerId: string): boolean {
  const { event } = JSON.parse(item) as { event?: unknown };
  if (typeof event !== "string") return false;
  try {
    const parsed: unknown = JSON.parse(event);
    if (typeof parsed !== "object" || parsed === null) return false;
    return (parsed as JsonObject)["player_id"] === playerId;
  } catch {
    // Broken or cut short: what might be his is his.
    return event.includes(JSON.stringify(playerId));
  }
}
