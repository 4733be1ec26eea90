/** What the routes and the Journal say to each other. Lines are JSON, each ended by "\n". */
import type { EventTopic, FeedTopic } from "@arenaflow/events";

import type { Stamp } from "../body/write-line.ts";

/** Counters are kept per topic; events whose topic could not be told count under the last one. */
export type CountedTopic = EventTopic | "unknown";

/** Events of one topic from one request. */
export interface Parcel {
  readonly topic: EventTopic;
  readonly count: number;
  /** `count` lines; with `raw` the body of the request as it came. */
  readonly body: Uint8Array;
  /** JSON of a `RawForm`: a text crosses to the Journal, and goes to disk, as it is. */
  readonly raw?: string;
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
  readonly title: string;
  /** JSON of the whole item, ready to be served. */
  readonly item: string;
}

/** A rejected event that is kept. */
export interface KeptRejection extends Rejection {
  /** Names it within its shard. */
  readonly n: number;
}

export interface AppendRequest {
  /** The title of all its events. */
  readonly title: string;
  readonly receivedMs: number;
  readonly parcels: readonly Parcel[];
  /** How many events of the request were rejected, by topic. Told to one shard only; absent when none was. */
  readonly rejected?: readonly { readonly topic: CountedTopic; readonly count: number }[];
  readonly rejections?: readonly Rejection[];
  /** Events of another vocabulary that none of our topics can hold. */
  readonly notMapped?: number;
  /**
   * Names a request that the shard may be asked to store again, when its answer was lost: it stores it
   * once and answers the same. Set when the shard has said that it has room: it takes the events, even
   * if others were faster.
   */
  readonly token?: string;
}

export type AppendResult =
  /** On disk: accepted = sent − duplicates. */
  | { readonly outcome: "stored"; readonly duplicates: number }
  /** Nothing was taken. */
  | { readonly outcome: "backlog_full" };

export interface FeedRequest {
  readonly topic: FeedTopic;
  /** The last position that was sent on this response; absent on the first read. */
  readonly after: number | undefined;
  /** How long to wait for something to send. */
  readonly waitMs: number;
}

/** What a shard did to forget a player. */
export interface Erased {
  /** Events that wait in the Journal and were made anonymous. */
  readonly events: number;
  /** Rejected events that were deleted. */
  readonly rejected: number;
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

/** What became of one title's events of one topic. */
export interface LaneStatus {
  readonly title: string;
  readonly topic: CountedTopic;
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  /** Events of another vocabulary that no topic can hold. */
  readonly notMapped: number;
  /** Accepted events that were not acknowledged yet. */
  readonly backlog: number;
  /** When the oldest batch arrived that is not wholly acknowledged, epoch ms. */
  readonly oldestMs: number | null;
  /** Bytes of the batches held. */
  readonly bytes: number;
}
