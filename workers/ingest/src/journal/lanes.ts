/**
 * What became of the events that came in, by title and topic (a lane). Kept in memory, and on disk with
 * the events they count: `save` belongs into the transaction that stores the events. It may wait while
 * `isToldByBatches`: whoever loads the counters then counts the batches that came since.
 */
import type { CountedTopic } from "./messages.ts";

/** The counters of one title and topic: received = accepted + duplicates + rejected. */
export interface Lane {
  readonly title: string;
  readonly topic: CountedTopic;
  accepted: number;
  duplicates: number;
  rejected: number;
  /** Events of another vocabulary that no topic can hold. */
  notMapped: number;
}

interface Row extends Record<string, SqlStorageValue> {
  title: string;
  topic: string;
  accepted: number;
  duplicates: number;
  rejected: number;
  not_mapped: number;
}

type Counter = "accepted" | "duplicates" | "rejected" | "notMapped";

export class Lanes {
  readonly #sql: SqlStorage;
  /** By topic, then title. */
  #lanes = new Map<CountedTopic, Map<string, Lane>>();
  readonly #dirty = new Set<Lane>();
  #isToldByBatches = true;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS lanes (title TEXT NOT NULL, topic TEXT NOT NULL, accepted INTEGER NOT NULL, " +
        "duplicates INTEGER NOT NULL, rejected INTEGER NOT NULL, not_mapped INTEGER NOT NULL, " +
        "PRIMARY KEY (title, topic)) WITHOUT ROWID",
    );
  }

  /** Starts again from what is on disk. */
  load(): void {
    this.#lanes = new Map();
    this.#saved();
    for (const row of this.#sql.exec<Row>("SELECT * FROM lanes")) {
      const lane = this.#lane(row.title, row.topic as CountedTopic);
      lane.accepted = row.accepted;
      lane.duplicates = row.duplicates;
      lane.rejected = row.rejected;
      lane.notMapped = row.not_mapped;
    }
  }

  /** Whether only accepted events were counted since the last save: the batches that hold them tell as much. */
  get isToldByBatches(): boolean {
    return this.#isToldByBatches;
  }

  count(counter: Counter, events: number, { title, topic }: Pick<Lane, "title" | "topic">): void {
    if (events === 0) return;
    const lane = this.#lane(title, topic);
    lane[counter] += events;
    this.#dirty.add(lane);
    if (counter !== "accepted") this.#isToldByBatches = false;
  }

  save(): void {
    for (const lane of this.#dirty) {
      this.#sql.exec(
        "INSERT OR REPLACE INTO lanes (title, topic, accepted, duplicates, rejected, not_mapped) VALUES (?, ?, ?, ?, ?, ?)",
        lane.title,
        lane.topic,
        lane.accepted,
        lane.duplicates,
        lane.rejected,
        lane.notMapped,
      );
    }
    this.#saved();
  }

  #saved(): void {
    this.#dirty.clear();
    this.#isToldByBatches = true;
  }

  all(): readonly Lane[] {
    return [...this.#lanes.values()].flatMap((titles) => [...titles.values()]);
  }

  #lane(title: string, topic: CountedTopic): Lane {
    let titles = this.#lanes.get(topic);
    if (titles === undefined) {
      titles = new Map();
      this.#lanes.set(topic, titles);
    }
    let lane = titles.get(title);
    if (lane === undefined) {
      lane = { title, topic, accepted: 0, duplicates: 0, rejected: 0, notMapped: 0 };
      titles.set(title, lane);
    }
    return lane;
  }
}
