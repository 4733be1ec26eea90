/** What the routes and the Journal say to each other. Lines are JSON, each ended by "\n". */
import type { EventTopic } from "@arenaflow/events";

import type { Stamp } from "../body/write-line.ts";

/** Counters are kept per topic; events whose topic could not be told count under the last one. */
export type CountedTopic = EventTopic | "unknown";

/** Events of one topic from one request. */
export interface Parcel {
  readonly topic: EventTopic;
  readonly count: number;
  /** `count` lines; with `raw` the body of the request as it came. */
  readonly body: Uint8Array;
  readonly raw?: RawForm;
  /**
   * Two words per line: the fingerprint of the id that the event came with, or 0, 0 where it came
   * without one; with `raw` for every event of the body. Absent when none of the events has one.
   */
  readonly fingerprints?: Uint32Array;
}

/**
 * How lines are made of a request's own body when they are read. Writing lines costs more than
 * parsing, so the edge leaves it to the feed, and a large batch is stored with one copy.
 */
export interface RawForm {
  readonly topic: EventTopic;
  /** Whether the body is NDJSON by its type. */
  readonly lines: boolean;
  /**
   * Whether the body is a list or lines of flat objects, all of which only lack what `arrivalOf` adds:
   * then they need not be parsed again.
   */
  readonly flat: boolean;
  readonly stamp: Stamp;
  /** Places in the body that are not stored (rejected, repeats), ascending. */
  readonly leftOut: readonly number[];
}

/** A rejected event, for `/v1/rejected`. */
export interface Rejection {
  readonly topic: CountedTopic;
  /** JSON of the whole item, ready to be served. */
  readonly item: string;
}

/** A rejected event that is kept. */
export interface KeptRejection extends Rejection {
  /** Names it within its shard. */
  readonly n: number;
}

export interface AppendRequest {
  readonly receivedMs: number;
  readonly parcels: readonly Parcel[];
  /** How many events of the request were rejected, by topic. Told to one shard only. */
  readonly rejected: readonly { readonly topic: CountedTopic; readonly count: number }[];
  readonly rejections: readonly Rejection[];
  /** Events of another vocabulary that none of our topics can hold. */
  readonly notMapped?: number;
  /** Set when the shard has said that it has room: it takes the events, even if others were faster. */
  readonly promised?: boolean;
}

export type AppendResult =
  /** On disk: accepted = sent − duplicates. */
  | { readonly outcome: "stored"; readonly duplicates: number }
  /** Nothing was taken. */
  | { readonly outcome: "backlog_full" };

export interface FeedRequest {
  readonly topic: EventTopic;
  /** The last position that was sent on this response; absent on the first read. */
  readonly after: number | undefined;
  /** How long to wait for something to send. */
  readonly waitMs: number;
}

/** One row of the Journal: `count` events at positions `firstSeq`, `firstSeq + 1`, … */
export interface Batch {
  readonly firstSeq: number;
  readonly count: number;
  readonly body: Uint8Array;
  /** JSON of a `RawForm`; null when the body is lines. */
  readonly raw: string | null;
}

export interface FeedRead {
  /** The position to read on from. */
  readonly position: number;
  /** In order. The first one may begin at or before `after`. */
  readonly batches: readonly Batch[];
  /** The position that `batches` is to be sent from: lines up to it are skipped. */
  readonly after: number;
}

export interface TopicStatus {
  /** Also the last position given. */
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  /** Everything up to here was acknowledged. */
  readonly acknowledged: number;
  /** Accepted events that were not acknowledged yet. */
  readonly backlog: number;
  /** When the oldest batch arrived that is not wholly acknowledged, epoch ms. */
  readonly oldestMs: number | null;
}

export interface JournalStatus {
  readonly backlogBytes: number;
  readonly notMapped: number;
  readonly topics: Readonly<Record<CountedTopic, TopicStatus>>;
}
