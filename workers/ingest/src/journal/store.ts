/**
 * The Journal's tables. One row holds a batch of consecutive events, as lines of JSON or as
 * the body they came in, keyed by the position of the first; the positions themselves have a row of their own, so that they survive when
 * every batch was acknowledged and deleted.
 */
import { EVENT_TOPICS, type EventTopic } from "@arenaflow/events";

import { INGEST_LIMITS } from "../limits.ts";
import { Acknowledged, type Range } from "./acknowledged.ts";
import type { Batch, CountedTopic, KeptRejection, Rejection } from "./messages.ts";

const TABLE: Readonly<Record<EventTopic, string>> = {
  "player-events": "batches_player_events",
  purchases: "batches_purchases",
  "server-metrics": "batches_server_metrics",
};

/** Everything known about one topic of one shard. */
export interface TopicState {
  readonly topic: CountedTopic;
  /** The last position given. */
  last: number;
  /** The last position that is on disk for certain: the feed reads no further. */
  durable: number;
  readonly acknowledged: Acknowledged;
  duplicates: number;
  rejected: number;
  /** Set when the row on disk is behind. */
  dirty: boolean;
  /** Set when there may be batches to delete. */
  deletable: boolean;
}

export class JournalStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    for (const topic of EVENT_TOPICS) {
      sql.exec(
        `CREATE TABLE IF NOT EXISTS ${TABLE[topic]} (first_seq INTEGER PRIMARY KEY, ` +
          `count INTEGER NOT NULL, received_ms INTEGER NOT NULL, body BLOB NOT NULL, raw TEXT)`,
      );
      this.#addColumnRaw(TABLE[topic]);
    }
    sql.exec(
      "CREATE TABLE IF NOT EXISTS positions (topic TEXT PRIMARY KEY, last INTEGER NOT NULL, " +
        "acknowledged INTEGER NOT NULL, islands TEXT NOT NULL, duplicates INTEGER NOT NULL, rejected INTEGER NOT NULL)",
    );
    sql.exec("CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, count INTEGER NOT NULL)");
    sql.exec(
      "CREATE TABLE IF NOT EXISTS rejected (n INTEGER PRIMARY KEY, topic TEXT NOT NULL, item TEXT NOT NULL)",
    );
  }

  /** Tables made before bodies were stored as they came have no such column. */
  #addColumnRaw(table: string): void {
    const columns = this.#sql.exec<{ name: string }>(
      `SELECT name FROM pragma_table_info('${table}')`,
    );
    if (Array.from(columns).some(({ name }) => name === "raw")) return;
    this.#sql.exec(`ALTER TABLE ${table} ADD COLUMN raw TEXT`);
  }

  loadTopic(topic: CountedTopic): TopicState {
    const [row] = this.#sql
      .exec<{
        last: number;
        acknowledged: number;
        islands: string;
        duplicates: number;
        rejected: number;
      }>(
        "SELECT last, acknowledged, islands, duplicates, rejected FROM positions WHERE topic = ?",
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
      duplicates: row?.duplicates ?? 0,
      rejected: row?.rejected ?? 0,
      dirty: false,
      deletable: false,
    };
  }

  saveTopic(state: TopicState): void {
    this.#sql.exec(
      "INSERT INTO positions (topic, last, acknowledged, islands, duplicates, rejected) VALUES (?, ?, ?, ?, ?, ?) " +
        "ON CONFLICT (topic) DO UPDATE SET last = excluded.last, acknowledged = excluded.acknowledged, " +
        "islands = excluded.islands, duplicates = excluded.duplicates, rejected = excluded.rejected",
      state.topic,
      state.last,
      state.acknowledged.position,
      JSON.stringify(state.acknowledged.islands),
      state.duplicates,
      state.rejected,
    );
  }

  writeBatch(topic: EventTopic, batch: Batch, receivedMs: number): void {
    this.#sql.exec(
      `INSERT INTO ${TABLE[topic]} (first_seq, count, received_ms, body, raw) VALUES (?, ?, ?, ?, ?)`,
      batch.firstSeq,
      batch.count,
      receivedMs,
      batch.body,
      batch.raw,
    );
  }

  /**
   * Deletes the batches that lie wholly within a range of positions.
   * @returns the bytes that this frees
   */
  deleteWithin(topic: EventTopic, [from, to]: Range): number {
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
    topic: EventTopic,
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

  /** When the oldest event arrived that is still held, epoch ms. */
  oldestMs(topic: EventTopic): number | null {
    const [row] = this.#sql
      .exec<{ received_ms: number }>(
        `SELECT received_ms FROM ${TABLE[topic]} ORDER BY first_seq LIMIT 1`,
      )
      .toArray();
    return row?.received_ms ?? null;
  }

  /** Bytes of all batches held. Reads every row's header: for the start only. */
  backlogBytes(): number {
    let bytes = 0;
    for (const topic of EVENT_TOPICS) {
      bytes += this.#sql
        .exec<{ bytes: number }>(
          `SELECT coalesce(sum(length(body)), 0) AS bytes FROM ${TABLE[topic]}`,
        )
        .one().bytes;
    }
    return bytes;
  }

  count(name: string): number {
    const [row] = this.#sql
      .exec<{ count: number }>("SELECT count FROM counters WHERE name = ?", name)
      .toArray();
    return row?.count ?? 0;
  }

  addCount(name: string, count: number): void {
    this.#sql.exec(
      "INSERT INTO counters (name, count) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET count = count + ?2",
      name,
      count,
    );
  }

  addRejections(rejections: readonly Rejection[]): void {
    for (const { topic, item } of rejections) {
      this.#sql.exec("INSERT INTO rejected (topic, item) VALUES (?, ?)", topic, item);
    }
    this.#sql.exec(
      "DELETE FROM rejected WHERE n <= (SELECT max(n) FROM rejected) - ?",
      INGEST_LIMITS.rejectedKeptMax,
    );
  }

  dropRejections(numbers: readonly number[]): void {
    for (const n of numbers) this.#sql.exec("DELETE FROM rejected WHERE n = ?", n);
  }

  /** The newest rejected events, newest first. */
  rejections(topic: CountedTopic | undefined, limit: number): readonly KeptRejection[] {
    const rows = this.#sql.exec<{ n: number; topic: string; item: string }>(
      "SELECT n, topic, item FROM rejected WHERE ?1 IS NULL OR topic = ?1 ORDER BY n DESC LIMIT ?2",
      topic ?? null,
      limit,
    );
    return Array.from(rows, ({ n, topic: of, item }) => ({ n, topic: of as CountedTopic, item }));
  }
}
