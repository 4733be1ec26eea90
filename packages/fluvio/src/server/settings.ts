/**
 * Everything about the server that can be set. Limits protect the process: a breach closes the
 * connection that caused it, with a logged reason, and no other.
 */
export interface ServerSettings {
  /** `fsync`: a record is on disk before its produce is answered. `memory`: the OS may still hold it. */
  readonly durability: "fsync" | "memory";
  /** How long to gather produces before an fsync. 0 gathers only what arrives during the last one. */
  readonly fsyncGroupMs: number;
  /** In `memory` durability, how often files are synced behind the acknowledgements. */
  readonly memorySyncMs: number;
  /** Most bytes that one write and fsync covers; bounds how long the first of them waits. */
  readonly groupBytesMax: number;
  /** A segment that reached this size is closed. Retention deletes whole segments. */
  readonly segmentBytesMax: number;
  /** How often retention is applied. */
  readonly retentionCheckMs: number;
  /** Retention of topics that ask for none. Fluvio's own default is seven days. */
  readonly retentionSecondsDefault: number;
  /** Bytes kept per partition of topics that set no limit. Fluvio's own default is 100 GB. */
  readonly partitionBytesMaxDefault: number;
  /** Longest frame accepted. Fluvio's clients send at most about 1 MiB of batches per request. */
  readonly frameBytesMax: number;
  /** Longest batch accepted; a longer one is answered with MessageTooLarge. */
  readonly batchBytesMax: number;
  /** Most bytes of batches in one push, whatever the consumer asks for. */
  readonly pushBytesMax: number;
  readonly connectionsMax: number;
  readonly streamsPerConnectionMax: number;
  readonly watchesPerConnectionMax: number;
  /** Requests of one connection that may wait for their answers before it is read no further. */
  readonly requestsInFlightMax: number;
  /** Bytes of such requests; bounds what one producer can pile up in front of a slow disk. */
  readonly bytesInFlightMax: number;
  /** Bytes of unread answers after which a connection is read no further. */
  readonly unreadBytesMax: number;
  readonly topicsMax: number;
  readonly partitionsPerTopicMax: number;
  readonly consumerOffsetsMax: number;
  /**
   * Pause before a create is answered. The native client loses a race against its own metadata when
   * the answer comes with the update: 4 failures in 3900 without the pause, none in 1800 with it.
   */
  readonly createReplyDelayMs: number;
  /** Host that clients are told to reach the SPU at; `null`: the address they connected to. */
  readonly advertisedHost: string | null;
  /** Port that clients are told, behind a proxy or a port mapping; `null`: the one listened on. */
  readonly advertisedPort: number | null;
}

const MIB = 1024 * 1024;

export const DEFAULT_SETTINGS: ServerSettings = {
  durability: "fsync",
  fsyncGroupMs: 0,
  memorySyncMs: 1000,
  groupBytesMax: 4 * MIB,
  segmentBytesMax: 64 * MIB,
  retentionCheckMs: 10_000,
  retentionSecondsDefault: 7 * 24 * 3600,
  partitionBytesMaxDefault: 100e9,
  frameBytesMax: 16 * MIB,
  batchBytesMax: 8 * MIB,
  pushBytesMax: 4 * MIB,
  connectionsMax: 1000,
  streamsPerConnectionMax: 1000,
  watchesPerConnectionMax: 100,
  requestsInFlightMax: 1000,
  bytesInFlightMax: 64 * MIB,
  unreadBytesMax: 8 * MIB,
  topicsMax: 1000,
  partitionsPerTopicMax: 100,
  consumerOffsetsMax: 100_000,
  createReplyDelayMs: 5,
  advertisedHost: null,
  advertisedPort: null,
};
