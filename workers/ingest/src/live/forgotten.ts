/**
 * What a hub knows of players who were forgotten: that one was, and when, under a fingerprint with a
 * random seed, from which no id can be read. With it an insight about the time before, which a dataflow may send once more after a crash, is told apart
 * from what the player does when he comes back.
 */
import type { JsonObject } from "@arenaflow/events";
import { writeFingerprint } from "../journal/fingerprint.ts";
import type { InsightToStore } from "./history.ts";

/** Names in an insight that hold a player's id, by themselves or behind a colon as in `account:12345`. */
const PLAYER_FIELDS = ["player_id", "subject"];
const SUBJECT_OF_PLAYER = /(?:^|\/)account:/;

/** What is left of an insight without a player. */
export type Without =
  | { readonly outcome: "untouched" }
  /** The insight is about that player. */
  | { readonly outcome: "gone" }
  | { readonly outcome: "changed"; readonly value: JsonObject };

/** Takes everything about a player out of an insight. */
export function withoutPlayer(value: JsonObject, isPlayer: (id: string) => boolean): Without {
  if (names(value, isPlayer)) return { outcome: "gone" };
  let changed = false;
  const kept: JsonObject = { ...value };
  for (const [name, member] of Object.entries(value)) {
    if (!Array.isArray(member)) continue;
    const others = (member as unknown[]).filter((item) => !names(item, isPlayer));
    if (others.length === member.length) continue;
    kept[name] = others;
    changed = true;
  }
  return changed ? { outcome: "changed", value: kept } : { outcome: "untouched" };
}

function names(item: unknown, isPlayer: (id: string) => boolean): boolean {
  if (typeof item !== "object" || item === null) return false;
  for (const field of PLAYER_FIELDS) {
    const found = (item as JsonObject)[field];
    if (typeof found !== "string") continue;
    if (isPlayer(found)) return true;
    const account = SUBJECT_OF_PLAYER.exec(found);
    if (account !== null && isPlayer(found.slice(account.index + account[0].length))) return true;
  }
  return false;
}

export class Forgotten {
  readonly #sql: SqlStorage;
  readonly #seed: number;
  /** When each was forgotten, epoch ms. */
  readonly #at = new Map<string, number>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS forgotten (hash TEXT PRIMARY KEY, at_ms INTEGER NOT NULL)",
    );
    sql.exec("CREATE TABLE IF NOT EXISTS forgotten_seed (seed INTEGER NOT NULL)");
    const [row] = sql.exec<{ seed: number }>("SELECT seed FROM forgotten_seed").toArray();
    this.#seed = row?.seed ?? (crypto.getRandomValues(new Uint32Array(1))[0] as number);
    if (row === undefined) sql.exec("INSERT INTO forgotten_seed (seed) VALUES (?)", this.#seed);
    for (const { hash, at_ms: atMs } of sql.exec<{ hash: string; at_ms: number }>(
      "SELECT hash, at_ms FROM forgotten",
    )) {
      this.#at.set(hash, atMs);
    }
  }

  add(playerId: string, nowMs: number): void {
    const hash = this.#hash(playerId);
    this.#at.set(hash, nowMs);
    this.#sql.exec(
      "INSERT INTO forgotten (hash, at_ms) VALUES (?1, ?2) ON CONFLICT (hash) DO UPDATE SET at_ms = ?2",
      hash,
      nowMs,
    );
  }

  /** Forgets also that, once no insight of the time before can come any more. */
  prune(beforeMs: number): void {
    for (const [hash, atMs] of this.#at) if (atMs < beforeMs) this.#at.delete(hash);
    this.#sql.exec("DELETE FROM forgotten WHERE at_ms < ?", beforeMs);
  }

  /**
   * An insight without the players who were forgotten after its window had ended.
   * @returns `undefined` when nothing is left of it
   */
  clean(insight: InsightToStore): InsightToStore | undefined {
    if (this.#at.size === 0) return insight;
    const cleaned = withoutPlayer(JSON.parse(insight.value) as JsonObject, (id) => {
      const atMs = this.#at.get(this.#hash(id));
      return atMs !== undefined && insight.windowEnd <= atMs;
    });
    switch (cleaned.outcome) {
      case "gone":
        return undefined;
      case "changed":
        return { ...insight, value: JSON.stringify(cleaned.value) };
      case "untouched":
        return insight;
    }
  }

  #hash(playerId: string): string {
    const words = new Uint32Array(2);
    writeFingerprint(words, 0, { scope: this.#seed, id: playerId });
    return words.join("-");
  }
}
