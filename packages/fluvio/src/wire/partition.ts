/**
 * Partition objects. Their key is `<topic>-<partition>`.
 *
 * Spec:   i32 leader, vec i32 replicas, then as in a topic's spec: option cleanup, option storage,
 *         u8 compression, option deduplication (v12), bool system (v13); option mirror (v14)
 * Status: u8 resolution, replica leader, u32 live_replicas, vec replica, i64 size_bytes,
 *         bool is_being_deleted, i64 base_offset (v16);  replica = i32 spu, i64 high_watermark, i64 end
 */
import type { PartitionMirror } from "./mirror.ts";
import type { Reader } from "./reader.ts";
import {
  decodeMirror,
  decodeStreamSpec,
  decodeTag,
  encodeMirror,
  encodeStreamSpec,
  type StreamSpec,
} from "./topic.ts";
import type { Writer } from "./writer.ts";

const BASE_OFFSET_VERSION_MIN = 16;

export const PARTITION_RESOLUTION = [
  "offline",
  "online",
  "leaderOffline",
  "electionLeaderFound",
  "outOfStorage",
] as const;
export type PartitionResolution = (typeof PARTITION_RESOLUTION)[number];

export interface PartitionSpec extends StreamSpec {
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly mirror?: PartitionMirror;
}

export interface ReplicaStatus {
  readonly spu: number;
  readonly highWatermark: number;
  readonly end: number;
}

export interface PartitionStatus {
  readonly resolution: PartitionResolution;
  readonly leader: ReplicaStatus;
  readonly liveReplicas: number;
  readonly replicas: readonly ReplicaStatus[];
  readonly sizeBytes: number;
  readonly isBeingDeleted: boolean;
  readonly baseOffset: number;
}

export function encodePartitionSpec(writer: Writer, spec: PartitionSpec, version: number): void {
  writer.i32(spec.leader);
  writer.vec(spec.replicas, (spu) => writer.i32(spu));
  encodeStreamSpec(writer, spec, version);
  encodeMirror(writer, spec.mirror, version);
}

export function decodePartitionSpec(reader: Reader, version: number): PartitionSpec {
  const leader = reader.i32();
  const replicas = reader.vec(() => reader.i32(), 4);
  const stream = decodeStreamSpec(reader, version);
  return { leader, replicas, ...stream, ...decodeMirror(reader, version) };
}

export function encodePartitionStatus(
  writer: Writer,
  status: PartitionStatus,
  version: number,
): void {
  writer.u8(PARTITION_RESOLUTION.indexOf(status.resolution));
  encodeReplica(writer, status.leader);
  writer.u32(status.liveReplicas);
  writer.vec(status.replicas, (replica) => encodeReplica(writer, replica));
  writer.i64(status.sizeBytes);
  writer.bool(status.isBeingDeleted);
  if (version >= BASE_OFFSET_VERSION_MIN) writer.i64(status.baseOffset);
}

export function decodePartitionStatus(reader: Reader, version: number): PartitionStatus {
  return {
    resolution: decodeTag(reader, PARTITION_RESOLUTION, "partition resolution"),
    leader: decodeReplica(reader),
    liveReplicas: reader.u32(),
    replicas: reader.vec(() => decodeReplica(reader), 20),
    sizeBytes: reader.i64(),
    isBeingDeleted: reader.bool(),
    baseOffset: version >= BASE_OFFSET_VERSION_MIN ? reader.i64() : 0,
  };
}

/** The object key of a partition. */
export function partitionKey(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}

function encodeReplica(writer: Writer, replica: ReplicaStatus): void {
  writer.i32(replica.spu);
  writer.i64(replica.highWatermark);
  writer.i64(replica.end);
}

function decodeReplica(reader: Reader): ReplicaStatus {
  return { spu: reader.i32(), highWatermark: reader.i64(), end: reader.i64() };
}
