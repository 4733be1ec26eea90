/** The part of the native client's interface that works, as measured; see the protocol notes. */

export interface NativeModule {
  readonly default: { connect(options: { host: string; port: number }): Promise<NativeClient> };
  readonly Offset: { FromBeginning(): NativeOffset; FromEnd(): NativeOffset };
}

/** Made by the module only. */
export interface NativeOffset {
  readonly index: number;
  readonly from?: string;
}

export interface NativeClient {
  admin(): Promise<NativeAdmin>;
  topicProducer(topic: string): Promise<NativeProducer>;
  partitionConsumer(topic: string, partition: number): Promise<NativeConsumer>;
}

export interface NativeAdmin {
  createTopic(topic: string, spec?: { partitions: number }): Promise<string>;
  deleteTopic(topic: string): Promise<string>;
  /** JSON text. */
  listTopic(): Promise<string>;
  listPartitions(): Promise<string>;
  listSpu(): Promise<string>;
}

/** `send` resolves when the record is queued: only `flush` says that it has left. */
export interface NativeProducer {
  send(key: string | Uint8Array, value: string | Uint8Array): Promise<void>;
  sendAll(records: [string | Uint8Array, string | Uint8Array][]): Promise<void>;
  flush(): Promise<void>;
}

export interface NativeConsumer {
  createStream(offset: NativeOffset): Promise<AsyncIterator<NativeRecord>>;
  stream(offset: NativeOffset, onRecord: (record: NativeRecord) => void): Promise<void>;
}

export interface NativeRecord {
  keyString(): string;
  valueString(): string;
}
