/**
 * The limits that are this room's own; those that all rooms share are in `@arenaflow/events`.
 * What a deployment may want to change is a setting (`settings.ts`), not a limit.
 */
export const INGEST_LIMITS = {
  /** A client's clock that differs by less is right: a slow request takes as long. */
  clockToleranceMs: 10_000,
  /** Requests are counted over this time, so that a short burst is no offence. */
  rateWindowMs: 5_000,
  /** Keys or addresses counted at once; above it counting starts anew. */
  rateNamesMax: 50_000,
  /** Hashes of addresses remembered for one title; above it remembering starts anew. */
  addressHashesMax: 20_000,
  /** Levels of objects and lists within one field; writing JSON needs stack for each. */
  nestingLevelsMax: 32,
  /** Events of a request above which its body is stored as it came; below, lines are as cheap and read faster. */
  rawFromEvents: 16,
  /** Smallest body that is worth a look whether it is so many plain events: their fields alone take more. */
  plainBytesMin: 1_024,
  /** Orders of a topic's fields that are remembered, so that events that have them need not be parsed. */
  patternsMax: 16,
  /** How long the feed repeats that a player was forgotten, when nobody acknowledges it. */
  tombstoneMs: 24 * 3_600_000,
  /** How long a shard remembers what it answered to a request that may be asked again. */
  answeredMs: 600_000,
  /** Times that a shard is asked to store its part of a request whose other parts may be stored. */
  appendAttemptsMax: 4,
  appendRetryMs: 150,
  /** Waiting bytes that are worth a commit of their own at once. */
  groupCommitBytes: 1024 * 1024,
  /** Largest row of the Journal: Durable Object rows end at 2 MB, and one event may exceed a full row. */
  rowBytesMax: 1024 * 1024,
  /** Bytes that one read of the feed gathers; enough that the hop between objects costs little. */
  feedReadBytes: 512 * 1024,
  /** Pause before a feed that cannot be served ends: http-source reconnects without waiting. */
  feedErrorPauseMs: 1_000,
  /** Acknowledged ranges ahead of the first gap that a shard remembers; the rest is sent again. */
  ackRangesMax: 1_000,
  /** Ranges in one acknowledgement. */
  ackRangesPerRequestMax: 100_000,
  /** Bytes of an acknowledgement or of one insight. */
  sinkBodyBytesMax: 1024 * 1024,
  /** Rejected events that one request may add to `/v1/rejected`: one broken client must not flush it. */
  rejectedKeptPerRequestMax: 20,
  /** Rejected events that one shard keeps of a title. */
  rejectedKeptMax: 1_000,
  /** Characters kept of a rejected event. */
  rejectedCharsMax: 2_048,
  /** Bytes of one title's journaled batches that a shard holds in memory for `/v1/recent`, and titles. */
  recentBytesMax: 256 * 1024,
  recentTitlesMax: 32,
  /** Items in an answer of `/v1/recent`, `/v1/rejected`. */
  recentItemsMax: 500,
  /** Insights in one answer when the caller names no limit, and at most. */
  insightsDefault: 1_000,
  insightsMax: 5_000,
  /** Insights of one window that are served whole, whatever the limit asked for. */
  insightsPerWindowMax: 20_000,
  /** Insights sent to a WebSocket that resumes; one that missed more reads the history instead. */
  liveResumeMax: 5_000,
  /** Characters sent to a WebSocket that its reader has not seen yet, above which it is dropped. */
  liveUnreadCharsMax: 8 * 1024 * 1024,
  /** How long insights are gathered into one WebSocket frame. */
  liveFrameMs: 10,
  /** Titles that the register remembers; further ones are served, and not listed. */
  titlesMax: 10_000,
  /** Insights between two prunings of the history. */
  pruneEvery: 500,
} as const;
