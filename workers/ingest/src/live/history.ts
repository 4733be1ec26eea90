/**
 * The insights kept for those who come later. One row per insight key: a replayed insight takes the
 * place of its twin. Every stored insight gets the next position, also a replayed one, so that
 * readers learn of it.
 */
import { INSIGHT_TOPICS, type InsightTopic } from "@arenaflow/events";

import { INGEST_LIMITS } from "../limits.ts";

/** One stored insight; `value` is JSON as it came. */
export interface StoredInsight {
  readonly topic: InsightTopic;
  readonly position: number;
  readonly windowEnd: number;
  readonly value: string;
}

export interface InsightToStore {
  readonly topic: InsightTopic;
  readonly key: string;
  readonly windowEnd: number;
  readonly value: string;
}

interface Row extends Record<string, SqlStorageValue> {
  topic: string;
  position: number;
  window_end: number;
  value: string;
}

const COLUMNS = "topic, position, window_end, value";

export class History {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  /** The last position given. Kept in a row of its own: pruning may delete every insight. */
  #position: number;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.#sql.exec(
      "CREATE TABLE IF NOT EXISTS insights (topic TEXT NOT NULL, key TEXT NOT NULL, " +
        "position INTEGER NOT NULL UNIQUE, window_end INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (topic, key))",
    );
    this.#sql.exec(
      "CREATE INDEX IF NOT EXISTS insights_by_window ON insights (topic, window_end, position)",
    );
    this.#sql.exec(
      "CREATE TABLE IF NOT EXISTS last_position (one INTEGER PRIMARY KEY, position INTEGER NOT NULL)",
    );
    const [row] = this.#sql
      .exec<{ position: number }>("SELECT position FROM last_position")
      .toArray();
    this.#position = row?.position ?? 0;
  }

  get position(): number {
    return this.#position;
  }

  /** @returns the insight with its position */
  put(insight: InsightToStore): StoredInsight {
    const position = this.#position + 1;
    this.#storage.transactionSync(() => {
      this.#sql.exec(
        "INSERT INTO insights (topic, key, position, window_end, value) VALUES (?, ?, ?, ?, ?) " +
          "ON CONFLICT (topic, key) DO UPDATE SET position = excluded.position, " +
          "window_end = excluded.window_end, value = excluded.value",
        insight.topic,
        insight.key,
        position,
        insight.windowEnd,
        insight.value,
      );
      this.#sql.exec(
        "INSERT INTO last_position (one, position) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET position = ?1",
        position,
      );
    });
    this.#position = position;
    const { topic, windowEnd, value } = insight;
    return { topic, position, windowEnd, value };
  }

  /** The insights of windows that end from `since` to before `until`, oldest first. */
  between(
    topic: InsightTopic,
    span: { since: number; until: number; limit: number },
  ): readonly StoredInsight[] {
    return this.#rows(
      `SELECT ${COLUMNS} FROM insights WHERE topic = ? AND window_end >= ? AND window_end < ? ` +
        "ORDER BY window_end, position LIMIT ?",
      [topic, span.since, span.until, span.limit],
    );
  }

  /** The newest insights of windows that end before `until`, oldest first. */
  newest(topic: InsightTopic, span: { until: number; limit: number }): readonly StoredInsight[] {
    return this.#rows(
      `SELECT ${COLUMNS} FROM insights WHERE topic = ? AND window_end < ? ` +
        "ORDER BY window_end DESC, position DESC LIMIT ?",
      [topic, span.until, span.limit],
    ).toReversed();
  }

  /** The insights stored after a position, in the order of their storing. */
  after(position: number, limit: number): readonly StoredInsight[] {
    return this.#rows(
      `SELECT ${COLUMNS} FROM insights WHERE position > ? ORDER BY position LIMIT ?`,
      [position, limit],
    );
  }

  /** Every insight whose text holds a text, oldest first. */
  holding(text: string): readonly (StoredInsight & { readonly key: string })[] {
    const rows = this.#sql.exec<Row & { key: string }>(
      `SELECT ${COLUMNS}, key FROM insights WHERE instr(value, ?) > 0 ORDER BY position`,
      text,
    );
    return Array.from(rows, (row) => ({ ...insightOf(row), key: row.key }));
  }

  delete(topic: InsightTopic, key: string): void {
    this.#sql.exec("DELETE FROM insights WHERE topic = ? AND key = ?", topic, key);
  }

  count(topic: InsightTopic): number {
    return this.#sql
      .exec<{ count: number }>("SELECT count(*) AS count FROM insights WHERE topic = ?", topic)
      .one().count;
  }

  /** Forgets what is too old, and per topic what is too much. */
  prune(limits: { beforeMs: number; rowsMax: number }): void {
    for (const topic of INSIGHT_TOPICS) {
      this.#sql.exec(
        "DELETE FROM insights WHERE topic = ? AND window_end < ?",
        topic,
        limits.beforeMs,
      );
      this.#sql.exec(
        "DELETE FROM insights WHERE topic = ?1 AND window_end <= (SELECT window_end FROM insights " +
          "WHERE topic = ?1 ORDER BY window_end DESC LIMIT 1 OFFSET ?2)",
        topic,
        limits.rowsMax,
      );
    }
  }

  #rows(query: string, parameters: readonly SqlStorageValue[]): readonly StoredInsight[] {
    const rows = this.#sql.exec<Row>(query, ...parameters);
    return Array.from(rows, insightOf);
  }
}

function insightOf({ topic, position, window_end, value }: Row): StoredInsight {
  return { topic: topic as InsightTopic, position, windowEnd: window_end, value };
}

/** A page of the history. */
export interface Page {
  readonly items: readonly StoredInsight[];
  /** The `since` of the next page; null after the last one. */
  readonly next: number | null;
}

/**
 * Reads one page. Pages end between windows, so that `next` skips and repeats nothing; a single
 * window with more insights than the limit comes whole.
 */
export function readPage(
  history: History,
  topic: InsightTopic,
  query: { since: number | undefined; until: number; limit: number },
): Page {
  const { since, until, limit } = query;
  if (since === undefined) return { items: history.newest(topic, { until, limit }), next: null };
  const rows = history.between(topic, { since, until, limit: limit + 1 });
  const last = rows.at(-1);
  if (rows.length <= limit || last === undefined) return { items: rows, next: null };
  const items = rows.filter((row) => row.windowEnd < last.windowEnd);
  if (items.length > 0) return { items, next: last.windowEnd };
  const window = { since, until: last.windowEnd + 1, limit: INGEST_LIMITS.insightsPerWindowMax };
  return { items: history.between(topic, window), next: last.windowEnd + 1 };
}
