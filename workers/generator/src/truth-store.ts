/**
 * The truth on disk: a world that nobody watches is soon evicted from memory, and a test may ask
 * about its events later. Positions go on from one world to the next.
 */
import type { TruthEntry } from "@arenaflow/simulation";

/** Entries kept; the oldest are forgotten. At a fraud every 15 s this is about a fortnight. */
const ENTRIES_MAX = 100_000;

export class TruthStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS truth (position INTEGER PRIMARY KEY, entry TEXT NOT NULL)",
    );
  }

  /** Position of the newest entry; 0 when there is none. */
  get lastPosition(): number {
    const row = this.#sql
      .exec<{ last: number }>("SELECT coalesce(max(position), 0) AS last FROM truth")
      .one();
    return row.last;
  }

  /** Closes the entries of an earlier world: its planned events will not come any more. */
  closeAll(): void {
    this.#sql.exec(
      `UPDATE truth SET entry = json_set(entry, '$.complete', json('true'))
       WHERE json_extract(entry, '$.complete') = 0`,
    );
  }

  /** Stores new entries, and old ones that have grown. */
  save(entries: readonly TruthEntry[]): void {
    let last = 0;
    for (const entry of entries) {
      const text = JSON.stringify(entry);
      this.#sql.exec("INSERT OR REPLACE INTO truth VALUES (?, ?)", entry.position, text);
      last = Math.max(last, entry.position);
    }
    if (last > 0) this.#sql.exec("DELETE FROM truth WHERE position <= ?", last - ENTRIES_MAX);
  }

  /** Entries after a position, oldest first. */
  after(position: number, limit: number): TruthEntry[] {
    const query = "SELECT entry FROM truth WHERE position > ? ORDER BY position LIMIT ?";
    const rows = this.#sql.exec<{ entry: string }>(query, position, limit).toArray();
    return rows.map((row) => JSON.parse(row.entry) as TruthEntry);
  }
}
