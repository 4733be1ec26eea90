/**
 * Topic objects.
 *
 * Spec:   u8 tag: 0 assigned vec{ u32 id, vec i32 spus, option mirror (v14) }
 *                 1 computed { u32 partitions, u32 replication_factor, bool ignore_rack }
 *                 2 mirror
 *         option cleanup { u8 0, u32 retention_seconds }
 *         option storage { option u32 segment_bytes, option u64 partition_bytes_max }
 *         u8 compression (0 none, 1 gzip, 2 snappy, 3 lz4, 4 any, 5 zstd)
 *         option deduplication (v12), bool system (v13)
 * Status: u8 resolution (4 = provisioned), map<u32 partition, vec i32 spus>,
 *         map<u32, mirror> (v14), string reason
 *
 * Tag 2 is a mirror (v14), and so are the two optional ones: see mirror.ts.
 */
import {
  decodePartitionMirror,
  decodeTopicMirror,
  encodePartitionMirror,
  encodeTopicMirror,
  mirrorPartitionCount,
  type PartitionMirror,
  type TopicMirror,
} from "./mirror.ts";
import type { Reader } from "./reader.ts";
import { WireError } from "./wire-error.ts";
import type { Writer } from "./writer.ts";

const DEDUPLICATION_VERSION_MIN = 12;
const SYSTEM_VERSION_MIN = 13;
const MIRROR_VERSION_MIN = 14;

export const TOPIC_COMPRESSION = ["none", "gzip", "snappy", "lz4", "any", "zstd"] as const;
export type TopicCompression = (typeof TOPIC_COMPRESSION)[number];

export const TOPIC_RESOLUTION = [
  "init",
  "pending",
  "insufficientResources",
  "invalidConfig",
  "provisioned",
  "deleting",
] as const;
export type TopicResolution = (typeof TOPIC_RESOLUTION)[number];

export type ReplicaSpec =
  | {
      readonly kind: "computed";
      readonly partitions: number;
      readonly replicationFactor: number;
      readonly ignoreRack: boolean;
    }
  | { readonly kind: "assigned"; readonly maps: readonly PartitionMap[] }
  | { readonly kind: "mirror"; readonly mirror: TopicMirror };

export interface PartitionMap {
  readonly id: number;
  readonly spus: readonly number[];
  readonly mirror?: PartitionMirror;
}

export interface StorageSpec {
  readonly segmentBytes: number | null;
  readonly partitionBytesMax: number | null;
}

export interface Deduplication {
  readonly count: number;
  readonly ageSeconds: number | null;
  readonly uses: string;
  readonly with: readonly (readonly [string, string])[];
}

/** What a topic and each of its partitions have in common. */
export interface StreamSpec {
  readonly retentionSeconds: number | null;
  readonly storage: StorageSpec | null;
  readonly compression: TopicCompression;
  readonly deduplication: Deduplication | null;
  readonly system: boolean;
}

export interface TopicSpec extends StreamSpec {
  readonly replicas: ReplicaSpec;
}

export interface TopicStatus {
  readonly resolution: TopicResolution;
  readonly replicas: readonly (readonly [number, readonly number[]])[];
  readonly mirrors?: readonly (readonly [number, PartitionMirror])[];
  readonly reason: string;
}

export function encodeTopicSpec(writer: Writer, spec: TopicSpec, version: number): void {
  const { replicas } = spec;
  if (replicas.kind === "computed") {
    writer.u8(1);
    writer.u32(replicas.partitions);
    writer.u32(replicas.replicationFactor);
    writer.bool(replicas.ignoreRack);
  } else if (replicas.kind === "mirror") {
    writer.u8(2);
    encodeTopicMirror(writer, replicas.mirror, version);
  } else {
    writer.u8(0);
    writer.vec(replicas.maps, (map) => {
      writer.u32(map.id);
      writer.vec(map.spus, (spu) => writer.i32(spu));
      encodeMirror(writer, map.mirror, version);
    });
  }
  encodeStreamSpec(writer, spec, version);
}

export function decodeTopicSpec(reader: Reader, version: number): TopicSpec {
  const replicas = decodeReplicas(reader, version);
  return { replicas, ...decodeStreamSpec(reader, version) };
}

/** How many partitions a topic's spec asks for. */
export function partitionCountOf(replicas: ReplicaSpec): number {
  switch (replicas.kind) {
    case "computed":
      return replicas.partitions;
    case "assigned":
      return replicas.maps.length;
    case "mirror":
      return mirrorPartitionCount(replicas.mirror);
  }
}

function decodeReplicas(reader: Reader, version: number): ReplicaSpec {
  const tag = reader.u8();
  switch (tag) {
    case 0:
      return {
        kind: "assigned",
        maps: reader.vec(() => {
          const id = reader.u32();
          const spus = reader.vec(() => reader.i32(), 4);
          return { id, spus, ...decodeMirror(reader, version) };
        }, 8),
      };
    case 1:
      return {
        kind: "computed",
        partitions: reader.u32(),
        replicationFactor: reader.u32(),
        ignoreRack: reader.bool(),
      };
    case 2:
      return { kind: "mirror", mirror: decodeTopicMirror(reader, version) };
    default:
      throw new WireError("unsupported", `topics of kind ${tag} are not known`);
  }
}

export function encodeStreamSpec(writer: Writer, spec: StreamSpec, version: number): void {
  writer.option(spec.retentionSeconds, (seconds) => {
    writer.u8(0);
    writer.u32(seconds);
  });
  writer.option(spec.storage, (storage) => {
    writer.option(storage.segmentBytes, (bytes) => writer.u32(bytes));
    writer.option(storage.partitionBytesMax, (bytes) => writer.u64(bytes));
  });
  writer.u8(TOPIC_COMPRESSION.indexOf(spec.compression));
  if (version >= DEDUPLICATION_VERSION_MIN) {
    writer.option(spec.deduplication, (rule) => encodeDeduplication(writer, rule));
  }
  if (version >= SYSTEM_VERSION_MIN) writer.bool(spec.system);
}

export function decodeStreamSpec(reader: Reader, version: number): StreamSpec {
  return {
    retentionSeconds: reader.option(() => {
      const policy = reader.u8();
      if (policy !== 0) throw new WireError("unsupported", `cleanup policy ${policy}`);
      return reader.u32();
    }),
    storage: reader.option(() => ({
      segmentBytes: reader.option(() => reader.u32()),
      partitionBytesMax: reader.option(() => reader.u64()),
    })),
    compression: decodeTag(reader, TOPIC_COMPRESSION, "compression"),
    deduplication:
      version >= DEDUPLICATION_VERSION_MIN
        ? reader.option(() => decodeDeduplication(reader))
        : null,
    system: version >= SYSTEM_VERSION_MIN ? reader.bool() : false,
  };
}

export function encodeTopicStatus(writer: Writer, status: TopicStatus, version: number): void {
  writer.u8(TOPIC_RESOLUTION.indexOf(status.resolution));
  writer.map(
    status.replicas,
    (partition) => writer.u32(partition),
    (spus) => writer.vec(spus, (spu) => writer.i32(spu)),
  );
  if (version >= MIRROR_VERSION_MIN) {
    writer.map(
      status.mirrors ?? [],
      (partition) => writer.u32(partition),
      (mirror) => encodePartitionMirror(writer, mirror, version),
    );
  }
  writer.string(status.reason);
}

export function decodeTopicStatus(reader: Reader, version: number): TopicStatus {
  const resolution = decodeTag(reader, TOPIC_RESOLUTION, "topic resolution");
  const replicas = reader.map(
    () => reader.u32(),
    () => reader.vec(() => reader.i32(), 4),
  );
  const mirrors =
    version >= MIRROR_VERSION_MIN
      ? reader.map(
          () => reader.u32(),
          () => decodePartitionMirror(reader, version),
        )
      : [];
  const reason = reader.string();
  return { resolution, replicas, ...(mirrors.length > 0 ? { mirrors } : {}), reason };
}

/** Reads a u8 tag as one of `names`. */
export function decodeTag<Name extends string>(
  reader: Reader,
  names: readonly Name[],
  what: string,
): Name {
  const tag = reader.u8();
  const name = names[tag];
  if (name === undefined) throw new WireError("unsupported", `${what} ${tag} is not known`);
  return name;
}

/** Writes a partition's optional mirror, in versions that have it. */
export function encodeMirror(
  writer: Writer,
  mirror: PartitionMirror | undefined,
  version: number,
): void {
  if (version < MIRROR_VERSION_MIN) return;
  writer.option(mirror ?? null, (present) => encodePartitionMirror(writer, present, version));
}

/** Reads a partition's optional mirror, in versions that have it. */
export function decodeMirror(reader: Reader, version: number): { mirror?: PartitionMirror } {
  if (version < MIRROR_VERSION_MIN) return {};
  const mirror = reader.option(() => decodePartitionMirror(reader, version));
  return mirror === null ? {} : { mirror };
}

function encodeDeduplication(writer: Writer, rule: Deduplication): void {
  writer.u64(rule.count);
  writer.option(rule.ageSeconds, (seconds) => {
    writer.u64(Math.floor(seconds));
    writer.u32(Math.round((seconds % 1) * 1e9));
  });
  writer.string(rule.uses);
  writer.map(
    rule.with,
    (key) => writer.string(key),
    (value) => writer.string(value),
  );
}

function decodeDeduplication(reader: Reader): Deduplication {
  return {
    count: reader.u64(),
    ageSeconds: reader.option(() => reader.u64() + reader.u32() / 1e9),
    uses: reader.string(),
    with: reader.map(
      () => reader.string(),
      () => reader.string(),
    ),
  };
}
