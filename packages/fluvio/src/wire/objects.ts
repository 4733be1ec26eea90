/**
 * Admin objects in their envelope: requests, and responses of List and Watch, are
 * `string type, u32 length, inner`. An object is `Metadata = string key, spec, status`.
 *
 * A type that is not one of ours still has a readable envelope: its inner bytes are left alone.
 */
import {
  decodePartitionSpec,
  decodePartitionStatus,
  encodePartitionSpec,
  encodePartitionStatus,
  type PartitionSpec,
  type PartitionStatus,
} from "./partition.ts";
import { Reader } from "./reader.ts";
import {
  decodeSpuSpec,
  decodeSpuStatus,
  encodeSpuSpec,
  encodeSpuStatus,
  type SpuSpec,
  type SpuStatus,
} from "./spu.ts";
import {
  decodeTopicSpec,
  decodeTopicStatus,
  encodeTopicSpec,
  encodeTopicStatus,
  type TopicSpec,
  type TopicStatus,
} from "./topic.ts";
import type { Writer } from "./writer.ts";

export interface Metadata<Spec, Status> {
  readonly key: string;
  readonly spec: Spec;
  readonly status: Status;
}

export type TopicObject = Metadata<TopicSpec, TopicStatus>;
export type PartitionObject = Metadata<PartitionSpec, PartitionStatus>;
export type SpuObject = Metadata<SpuSpec, SpuStatus>;

/** The object types whose content this codec reads and writes. */
export interface ObjectByType {
  readonly Topic: TopicObject;
  readonly Partition: PartitionObject;
  readonly SPU: SpuObject;
}
export type ObjectType = keyof ObjectByType;

interface ObjectCodec<Item> {
  readonly encode: (writer: Writer, item: Item, version: number) => void;
  readonly decode: (reader: Reader, version: number) => Item;
}

const OBJECT_CODECS: { readonly [Type in ObjectType]: ObjectCodec<ObjectByType[Type]> } = {
  Topic: {
    encode: (writer, item, version) => {
      writer.string(item.key);
      encodeTopicSpec(writer, item.spec, version);
      encodeTopicStatus(writer, item.status, version);
    },
    decode: (reader, version) => ({
      key: reader.string(),
      spec: decodeTopicSpec(reader, version),
      status: decodeTopicStatus(reader, version),
    }),
  },
  Partition: {
    encode: (writer, item, version) => {
      writer.string(item.key);
      encodePartitionSpec(writer, item.spec, version);
      encodePartitionStatus(writer, item.status, version);
    },
    decode: (reader, version) => ({
      key: reader.string(),
      spec: decodePartitionSpec(reader, version),
      status: decodePartitionStatus(reader, version),
    }),
  },
  SPU: {
    encode: (writer, item) => {
      writer.string(item.key);
      encodeSpuSpec(writer, item.spec);
      encodeSpuStatus(writer, item.status);
    },
    decode: (reader) => ({
      key: reader.string(),
      spec: decodeSpuSpec(reader),
      status: decodeSpuStatus(reader),
    }),
  },
};

/** How objects of one type are written and read. */
export function objectCodec<Type extends ObjectType>(type: Type): ObjectCodec<ObjectByType[Type]> {
  return OBJECT_CODECS[type];
}

export function isObjectType(type: string): type is ObjectType {
  return Object.hasOwn(OBJECT_CODECS, type);
}

export interface Envelope {
  readonly type: string;
  /** Reads exactly the inner bytes. */
  readonly inner: Reader;
}

export function encodeEnvelope(writer: Writer, type: string, inner: () => void): void {
  writer.string(type);
  writer.lengthPrefixed(inner);
}

export function decodeEnvelope(reader: Reader): Envelope {
  const type = reader.string();
  return { type, inner: new Reader(reader.bytes(reader.u32())) };
}
