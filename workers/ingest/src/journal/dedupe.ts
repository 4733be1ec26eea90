/**
 * Remembers the ids of accepted events for a time and up to a number. In memory a set; on disk one
 * row per commit, written in the same transaction as the events, so that an id is remembered
 * exactly when its event is stored.
 */
import { FingerprintSet } from "./fingerprint-set.ts";

const WORDS_PER_ID = 2;
const MS_PER_S = 1_000;

export class Dedupe {
  readonly #sql: SqlStorage;
  readonly #keepMs: number;
  readonly #idsMax: number;
  #set: FingerprintSet;
  /** Ids saved since the last time that old rows were deleted. */
  #saved = 0;
  /** Fingerprints added since the last `save`. */
  #fresh: Uint32Array[] = [];

  constructor(sql: SqlStorage, options: { keepMs: number; idsMax: number }) {
    this.#sql = sql;
    this.#keepMs = options.keepMs;
    this.#idsMax = options.idsMax;
    this.#set = new FingerprintSet(options.idsMax);
    sql.exec(
      "CREATE TABLE IF NOT EXISTS seen (n INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, fingerprints BLOB NOT NULL)",
    );
  }

  /** Starts again from what is on disk. Forgets what was not saved. */
  load(nowMs: number): void {
    this.#sql.exec("DELETE FROM seen WHERE at_ms < ?", nowMs - this.#keepMs);
    this.#set = new FingerprintSet(this.#idsMax);
    this.#fresh = [];
    this.#deleteAbove(this.#idsMax);
    const rows = this.#sql.exec<{ at_ms: number; fingerprints: ArrayBuffer }>(
      "SELECT at_ms, fingerprints FROM seen ORDER BY n",
    );
    for (const row of rows) {
      this.#add(new Uint32Array(row.fingerprints), row.at_ms);
    }
  }

  /**
   * Adds the ids of a parcel.
   * @returns the indexes of the events that are duplicates; mostly none
   */
  claim(fingerprints: Uint32Array, nowMs: number): readonly number[] {
    if (this.#keepMs === 0) return [];
    this.#fresh.push(fingerprints);
    return this.#add(fingerprints, nowMs);
  }

  /** Writes the ids added since the last save. Call within the transaction of their events. */
  save(nowMs: number): void {
    if (this.#fresh.length === 0) return;
    const [first] = this.#fresh;
    const words = this.#fresh.length === 1 && first !== undefined ? first : concat(this.#fresh);
    this.#sql.exec("INSERT INTO seen (at_ms, fingerprints) VALUES (?, ?)", nowMs, bytesOf(words));
    this.#fresh = [];
    this.#saved += words.length / WORDS_PER_ID;
    if (this.#saved < this.#idsMax / 2) return;
    this.#saved = 0;
    this.#sql.exec("DELETE FROM seen WHERE at_ms < ?", nowMs - this.#keepMs);
    this.#deleteAbove(this.#idsMax);
  }

  /** Deletes the oldest rows beyond a number of ids. The set in memory forgets by itself. */
  #deleteAbove(idsMax: number): void {
    const rows = this.#sql.exec<{ n: number; bytes: number }>(
      "SELECT n, length(fingerprints) AS bytes FROM seen ORDER BY n DESC",
    );
    let ids = 0;
    for (const row of rows) {
      ids += row.bytes / (WORDS_PER_ID * Uint32Array.BYTES_PER_ELEMENT);
      if (ids <= idsMax) continue;
      this.#sql.exec("DELETE FROM seen WHERE n <= ?", row.n);
      break;
    }
  }

  #add(fingerprints: Uint32Array, atMs: number): readonly number[] {
    const nowS = Math.floor(atMs / MS_PER_S);
    const span = { nowS, sinceS: nowS - this.#keepMs / MS_PER_S };
    this.#set.touch(fingerprints);
    let duplicates: number[] | undefined;
    for (let i = 0; i < fingerprints.length; i += WORDS_PER_ID) {
      const low = fingerprints[i] as number;
      const high = fingerprints[i + 1] as number;
      if (low === 0 || this.#set.add(low, high, span)) continue;
      duplicates ??= [];
      duplicates.push(i / WORDS_PER_ID);
    }
    return duplicates ?? [];
  }
}

function concat(parts: readonly Uint32Array[]): Uint32Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint32Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function bytesOf(words: Uint32Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = words;
  return (buffer as ArrayBuffer).slice(byteOffset, byteOffset + byteLength);
}
