/** The client. */
export type { TopicDescription, TopicInfo, TopicOptions } from "./admin.ts";
export type { ConsumedBatch, ConsumedRecord, Consumer } from "./consumer.ts";
export { Fluvio, type FluvioOptions, type PartitionRange } from "./fluvio.ts";
export { FluvioError, type FluvioErrorCode } from "./fluvio-error.ts";
export type { OutgoingRecord, Producer, ProducerOptions } from "./producer.ts";
export type { SendResult } from "./partition-queue.ts";
export type { ConsumerOptions, StartPosition } from "./start-position.ts";
export { readActiveProfile, type Profile, type TlsOptions } from "./profile.ts";
