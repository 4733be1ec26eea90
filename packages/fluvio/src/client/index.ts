/** The client. */
export type { TopicDescription, TopicInfo, TopicOptions } from "./admin.ts";
export type { ConsumedBatch, ConsumedRecord, Consumer, ProducerRun } from "./consumer.ts";
export { Fluvio, type FluvioOptions, type PartitionRange } from "./fluvio.ts";
export { FluvioError, type FluvioErrorCode } from "./fluvio-error.ts";
export {
  RECORD_BYTES_MAX,
  type OutgoingRecord,
  type Producer,
  type ProducerIdentity,
  type ProducerOptions,
  type SendOutcome,
} from "./producer.ts";
export type { SendResult } from "./partition-queue.ts";
export { partitionForKey } from "../wire/partitioner.ts";
export { SEQUENCE_END } from "../wire/batch.ts";
export { RECORD_OVERHEAD_BYTES_MAX } from "../wire/records.ts";
export type { ConsumerOptions, StartPosition } from "./start-position.ts";
export { readActiveProfile, type Profile, type TlsOptions } from "./profile.ts";
