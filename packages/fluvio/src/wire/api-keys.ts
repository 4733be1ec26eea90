/**
 * Api keys and the versions we speak. SC and SPU number some keys alike; their versions are
 * disjoint, so one port can serve both roles and tell them apart by the version.
 */
export const API_KEY = {
  produce: 0,
  apiVersions: 18,
  /** SC */
  create: 1001,
  /** SC: delete; SPU (version >= 22): fetch offsets */
  delete: 1002,
  fetchOffsets: 1002,
  /** SC: list; SPU (version >= 22): stream fetch */
  list: 1003,
  streamFetch: 1003,
  /** SC */
  watch: 1004,
  /** SPU only */
  updateOffsets: 1005,
  /** SC: update (add partitions); SPU (version >= 22): update consumer offset */
  update: 1006,
  updateConsumerOffset: 1006,
  deleteConsumerOffset: 1007,
  fetchConsumerOffsets: 1008,
} as const;

/** Versions from here on belong to the SPU's meaning of a key that both roles use. */
export const SPU_VERSION_MIN = 22;

/** The newest versions that this codec writes; a server that speaks only older ones gets those. */
export const VERSION = {
  apiVersions: 2,
  admin: 16,
  spu: 25,
  updateOffsets: 0,
  /** Consumer offsets exist in the newer generation only; the filter needs 24, the name 25. */
  consumerOffsets: 25,
} as const;

/** Fluvio's platform version that we present; clients want the SC's to be at least 0.9.0. */
export const PLATFORM_VERSION = "0.11.11";
