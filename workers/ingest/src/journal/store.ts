/**
 * The Journal's tables. One row holds a batch of consecutive events, as lines of JSON or as
 * the body they came in, keyed by the position of the first. The positions themselves have a row of
 * their own, so that they survive when every batch was acknowledged and deleted. It may be behind the
 * batches: `heldBehind` tells of those that it does not know of yet.
 */
import { FEED_TOPICS, type FeedTopic } from "@arenaflow/events";

import { INGEST_LIMITS } from "../limits.ts";
import { Acknowledged, type Range } from "./acknowledged.ts";
import type { Batch, CountedTopic, KeptRejection, Rejection } from "./messages.ts";
import { migrate } from "./migrate.ts";

export const TABLE: Readonly<Record<FeedTopic, string>> = {
  "player-events": "batches_player_events",
  purchases: "batches_purchases",
  "server-metrics": "batches_server_metrics",
  "player-tombstones": "batches_player_tombstones",
};

/** A row that is held, without its events. */
export interface HeldRow {
  readonly title: string;
  readonly firstSeq: number;
  readonly count: number;
  readonly receivedMs: number;
  readonly bytes: number;
}

/** Everything known about one topic of one shard. */
export interface TopicState {
  readonly topic: FeedTopic;
  /** The last position given. */
  last: number;
  /** The last position that is on disk for certain: the feed reads no further. */
  durable: number;
  readonly acknowledged: Acknowledged;
  /** Set when the row on disk is behind. */
  dirty: boolean;
  /** Set when there may be batches to delete. */
  deletable: boolean;
}

export class JournalStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    migrate(sql);
    for (const topic of FEED_TOPICS) {
      // The body comes last: what stands behind it is read through all of its pages.
      sql.exec(
        `CREATE TABLE IF NOT EXISTS ${TABLE[topic]} (first_seq INTEGER PRIMARY KEY, count INTEGER NOT NULL, ` +
          `received_ms INTEGER NOT NULL, title TEXT NOT NULL, raw TEXT, body BLOB NOT NULL)`,
      );
    }
    sql.exec(
      "CREATE TABLE IF NOT EXISTS positions (topic TEXT PRIMARY KEY, last INTEGER NOT NULL, " +
        "acknowledged INTEGER NOT NULL, islands TEXT NOT NULL)",
    );
    sql.exec(
      "CREATE TABLE IF NOT EXISTS rejected_events (n INTEGER PRIMARY KEY, title TEXT NOT NULL, topic TEXT NOT NULL, item TEXT NOT NULL)",
    );
    sql.exec("CREATE INDEX IF NOT EXISTS rejected_by_title ON rejected_events (title, n)");
    sql.exec(
      "CREATE TABLE IF NOT EXISTS answered (token TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, duplicates INTEGER NOT NULL) WITHOUT ROWID",
    );
  }

  loadTopic(topic: FeedTopic): TopicState {
    const [row] = this.#sql
      .exec<{ last: number; acknowledged: number; islands: string }>(
        "SELECT last, acknowledged, islands FROM positions WHERE topic = ?",
        topic,
      )
      .toArray();
    const islands = JSON.parse(row?.islands ?? "[]") as Range[];
    return {
      topic,
      last: row?.last ?? 0,
      durable: row?.last ?? 0,
      acknowledged: new Acknowledged({
        position: row?.acknowledged ?? 0,
        islands,
        islandsMax: INGEST_LIMITS.ackRangesMax,
      }),
      dirty: false,
      deletable: false,
    };
  }

  saveTopic(state: TopicState): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO positions (topic, last, acknowledged, islands) VALUES (?, ?, ?, ?)",
      state.topic,
      state.last,
      state.acknowledged.position,
      JSON.stringify(state.acknowledged.islands),
    );
  }

  writeBatch(topic: FeedTopic, batch: Batch, of: { title: string; receivedMs: number }): void {
    this.#sql.exec(
      `INSERT INTO ${TABLE[topic]} (first_seq, count, received_ms, title, raw, body) VALUES (?, ?, ?, ?, ?, ?)`,
      batch.firstSeq,
      batch.count,
      of.receivedMs,
      of.title,
      batch.raw,
      batch.body,
    );
  }

  /** Puts another body into the row that begins at a position. */
  rewriteBatch(topic: FeedTopic, { firstSeq, body, raw }: Batch): void {
    const text = `UPDATE ${TABLE[topic]} SET body = ?, raw = ? WHERE first_seq = ?`;
    this.#sql.exec(text, body, raw, firstSeq);
  }

  /** The rows of a title whose events may hold a text; escapes in raw bodies may hide it. */
  *holding(topic: FeedTopic, title: string, text: string): Generator<Batch> {
    const rows = this.#sql.exec<{ first_seq: number }>(
      `SELECT first_seq FROM ${TABLE[topic]} WHERE title = ?1 AND (instr(body, ?2) > 0 OR ` +
        `(raw IS NOT NULL AND instr(body, ?3) > 0)) ORDER BY first_seq`,
      title,
      new TextEncoder().encode(text),
      new TextEncoder().encode("\\"),
    );
    for (const { first_seq: firstSeq } of rows.toArray()) {
      const [batch] = this.read(topic, firstSeq - 1, (one) =>
        one.firstSeq === firstSeq ? "take" : "stop",
      );
      if (batch !== undefined) yield batch;
    }
  }

  /** The rows that are held, in order; their bodies are not read. */
  held(topic: FeedTopic): readonly HeldRow[] {
    return this.heldBehind(topic, 0);
  }

  /** The same of those behind a position. */
  heldBehind(topic: FeedTopic, position: number): readonly HeldRow[] {
    const rows = this.#sql.exec<{
      title: string;
      first_seq: number;
      count: number;
      received_ms: number;
      bytes: number;
    }>(
      `SELECT title, first_seq, count, received_ms, length(body) AS bytes FROM ${TABLE[topic]} ` +
        "WHERE first_seq > ? ORDER BY first_seq",
      position,
    );
    return Array.from(rows, (row) => ({
      title: row.title,
      firstSeq: row.first_seq,
      count: row.count,
      receivedMs: row.received_ms,
      bytes: row.bytes,
    }));
  }

  /**
   * Deletes the batches that lie wholly within a range of positions.
   * @returns the bytes that this frees
   */
  deleteWithin(topic: FeedTopic, [from, to]: Range): number {
    const rows = this.#sql.exec<{ bytes: number }>(
      `DELETE FROM ${TABLE[topic]} WHERE first_seq BETWEEN ?1 AND ?2 ` +
        `AND first_seq + count - 1 <= ?2 RETURNING length(body) AS bytes`,
      from,
      to,
    );
    let freed = 0;
    for (const row of rows) freed += row.bytes;
    return freed;
  }

  /**
   * Reads batches in order, starting with the one that holds the position after `after`.
   * @param wanted decides for each batch; reading ends at the first "stop"
   */
  read(
    topic: FeedTopic,
    after: number,
    wanted: (batch: Batch) => "take" | "skip" | "stop",
  ): readonly Batch[] {
    const table = TABLE[topic];
    const rows = this.#sql.exec<{
      first_seq: number;
      count: number;
      body: ArrayBuffer;
      raw: string | null;
    }>(
      `SELECT first_seq, count, body, raw FROM ${table} WHERE first_seq >= ` +
        `coalesce((SELECT max(first_seq) FROM ${table} WHERE first_seq <= ?1), 0) ORDER BY first_seq`,
      after + 1,
    );
    const batches: Batch[] = [];
    for (const row of rows) {
      const batch = {
        firstSeq: row.first_seq,
        count: row.count,
        body: new Uint8Array(row.body),
        raw: row.raw,
      };
      const verdict = wanted(batch);
      if (verdict === "stop") break;
      if (verdict === "take") batches.push(batch);
    }
    return batches;
  }

  /** Bytes of all batches held. Reads every row's header: for the start only. */
  backlogBytes(): number {
    let bytes = 0;
    for (const topic of FEED_TOPICS) {
      bytes += this.#sql
        .exec<{ bytes: number }>(
          `SELECT coalesce(sum(length(body)), 0) AS bytes FROM ${TABLE[topic]}`,
        )
        .one().bytes;
    }
    return bytes;
  }

  /** What was answered to a request that is asked again. */
  answered(token: string): number | undefined {
    const [row] = this.#sql
      .exec<{ duplicates: number }>("SELECT duplicates FROM answered WHERE token = ?", token)
      .toArray();
    return row?.duplicates;
  }

  rememberAnswer(token: string, answer: { duplicates: number; nowMs: number }): void {
    const { duplicates, nowMs } = answer;
    this.#sql.exec("DELETE FROM answered WHERE at_ms < ?", nowMs - INGEST_LIMITS.answeredMs);
    this.#sql.exec(
      "INSERT INTO answered (token, at_ms, duplicates) VALUES (?, ?, ?)",
      token,
      nowMs,
      duplicates,
    );
  }

  addRejections(rejections: readonly Rejection[]): void {
    for (const { topic, title, item } of rejections) {
      this.#sql.exec(
        "INSERT INTO rejected_events (title, topic, item) VALUES (?, ?, ?)",
        title,
        topic,
        item,
      );
    }
    for (const title of new Set(rejections.map((rejection) => rejection.title))) {
      this.#sql.exec(
        "DELETE FROM rejected_events WHERE title = ?1 AND n <= " +
          "(SELECT n FROM rejected_events WHERE title = ?1 ORDER BY n DESC LIMIT 1 OFFSET ?2)",
        title,
        INGEST_LIMITS.rejectedKeptMax,
      );
    }
  }

  dropRejections(numbers: readonly number[]): void {
    for (const n of numbers) this.#sql.exec("DELETE FROM rejected_events WHERE n = ?", n);
  }

  /** The newest rejected events of a title, newest first. */
  rejections(
    title: string,
    topic: CountedTopic | undefined,
    limit: number,
  ): readonly KeptRejection[] {
    const rows = this.#sql.exec<{ n: number; topic: string; item: string }>(
      "SELECT n, topic, item FROM rejected_events WHERE title = ?1 AND (?2 IS NULL OR topic = ?2) ORDER BY n DESC LIMIT ?3",
      title,
      topic ?? null,
      limit,
    );
    return Array.from(rows, ({ n, topic: of, item }) => ({
      n,
      title,
      topic: of as CountedTopic,
      item,
    }));
  }
}
