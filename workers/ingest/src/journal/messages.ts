/** What the routes and the Journal say to each other. Bodies are lines of JSON, each ended by "\n". */
import type { EventTopic } from "@arenaflow/events";

/** Counters are kept per topic; events whose topic could not be told count under the last one. */
export type CountedTopic = EventTopic | "unknown";

/** Events of one topic from one request. */
export interface Parcel {
  readonly topic: EventTopic;
  readonly count: number;
  /** `count` lines. */
  readonly body: Uint8Array;
  /**
   * Two words per line: the fingerprint of the id that the event came with, or 0, 0 where it came
   * without one. Absent when none of the events has one.
   */
  readonly fingerprints?: Uint32Array;
}

/** A rejected event, for `/v1/rejected`. */
export interface Rejection {
  readonly topic: CountedTopic;
  /** JSON of the whole item, ready to be served. */
  readonly item: string;
}

export interface AppendRequest {
  readonly receivedMs: number;
  readonly parcels: readonly Parcel[];
  /** How many events of the request were rejected, by topic. Told to one shard only. */
  readonly rejected: readonly { readonly topic: CountedTopic; readonly count: number }[];
  readonly rejections: readonly Rejection[];
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

/** One row of the Journal: `count` lines at positions `firstSeq`, `firstSeq + 1`, … */
export interface Batch {
  readonly firstSeq: number;
  readonly count: number;
  readonly body: Uint8Array;
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
  readonly topics: Readonly<Record<CountedTopic, TopicStatus>>;
}
