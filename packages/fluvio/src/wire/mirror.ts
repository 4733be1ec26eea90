/**
 * Mirrors: topics whose partitions are copies of, or copied to, another cluster's. They exist from
 * version 14 on; the direction bits came with version 18.
 *
 * Topic:     u8 0 remote { string home_cluster, vec{ i32 id, string key, string endpoint }, bool target (v18) }
 *               1 home { vec home partition, bool source (v18) }
 * Partition: u8 0 remote { string home_cluster, string home_spu_key, i32 home_spu_id,
 *                          string home_spu_endpoint, bool target (v18) }
 *               1 home { string remote_cluster, string remote_replica, bool source (v18) }
 */
import type { Reader } from "./reader.ts";
import { WireError } from "./wire-error.ts";
import type { Writer } from "./writer.ts";

const DIRECTION_VERSION_MIN = 18;
const REMOTE = 0;
const HOME = 1;
const STRING_BYTES_MIN = 2;
const SPU_BYTES_MIN = 4 + 2 * STRING_BYTES_MIN;

export interface RemotePartitionMirror {
  readonly kind: "remote";
  readonly homeCluster: string;
  readonly homeSpuKey: string;
  readonly homeSpuId: number;
  readonly homeSpuEndpoint: string;
  /** The home is the source, this cluster gets the copy. */
  readonly isTarget: boolean;
}

export interface HomePartitionMirror {
  readonly kind: "home";
  readonly remoteCluster: string;
  readonly remoteReplica: string;
  /** This cluster is the source, the remote one gets the copy. */
  readonly isSource: boolean;
}

export type PartitionMirror = RemotePartitionMirror | HomePartitionMirror;

export interface MirrorSpu {
  readonly id: number;
  readonly key: string;
  readonly endpoint: string;
}

/** One partition per SPU of the home cluster, or per remote cluster. */
export type TopicMirror =
  | {
      readonly kind: "remote";
      readonly homeCluster: string;
      readonly homeSpus: readonly MirrorSpu[];
      readonly isTarget: boolean;
    }
  | {
      readonly kind: "home";
      readonly partitions: readonly HomePartitionMirror[];
      readonly isSource: boolean;
    };

/** How many partitions a mirror topic has. */
export function mirrorPartitionCount(mirror: TopicMirror): number {
  return mirror.kind === "remote" ? mirror.homeSpus.length : mirror.partitions.length;
}

export function encodePartitionMirror(
  writer: Writer,
  mirror: PartitionMirror,
  version: number,
): void {
  if (mirror.kind === "home") {
    writer.u8(HOME);
    encodeHome(writer, mirror, version);
    return;
  }
  writer.u8(REMOTE);
  writer.string(mirror.homeCluster);
  writer.string(mirror.homeSpuKey);
  writer.i32(mirror.homeSpuId);
  writer.string(mirror.homeSpuEndpoint);
  if (version >= DIRECTION_VERSION_MIN) writer.bool(mirror.isTarget);
}

export function decodePartitionMirror(reader: Reader, version: number): PartitionMirror {
  if (decodeKind(reader) === HOME) return decodeHome(reader, version);
  return {
    kind: "remote",
    homeCluster: reader.string(),
    homeSpuKey: reader.string(),
    homeSpuId: reader.i32(),
    homeSpuEndpoint: reader.string(),
    isTarget: decodeDirection(reader, version),
  };
}

export function encodeTopicMirror(writer: Writer, mirror: TopicMirror, version: number): void {
  const isHome = mirror.kind === "home";
  writer.u8(isHome ? HOME : REMOTE);
  if (isHome) {
    writer.vec(mirror.partitions, (partition) => encodeHome(writer, partition, version));
  } else {
    writer.string(mirror.homeCluster);
    writer.vec(mirror.homeSpus, (spu) => {
      writer.i32(spu.id);
      writer.string(spu.key);
      writer.string(spu.endpoint);
    });
  }
  const direction = isHome ? mirror.isSource : mirror.isTarget;
  if (version >= DIRECTION_VERSION_MIN) writer.bool(direction);
}

export function decodeTopicMirror(reader: Reader, version: number): TopicMirror {
  if (decodeKind(reader) === HOME) {
    const partitions = reader.vec(() => decodeHome(reader, version), 2 * STRING_BYTES_MIN);
    return { kind: "home", partitions, isSource: decodeDirection(reader, version) };
  }
  const homeCluster = reader.string();
  const homeSpus = reader.vec(
    () => ({ id: reader.i32(), key: reader.string(), endpoint: reader.string() }),
    SPU_BYTES_MIN,
  );
  return { kind: "remote", homeCluster, homeSpus, isTarget: decodeDirection(reader, version) };
}

function encodeHome(writer: Writer, mirror: HomePartitionMirror, version: number): void {
  writer.string(mirror.remoteCluster);
  writer.string(mirror.remoteReplica);
  if (version >= DIRECTION_VERSION_MIN) writer.bool(mirror.isSource);
}

function decodeHome(reader: Reader, version: number): HomePartitionMirror {
  return {
    kind: "home",
    remoteCluster: reader.string(),
    remoteReplica: reader.string(),
    isSource: decodeDirection(reader, version),
  };
}

function decodeDirection(reader: Reader, version: number): boolean {
  return version >= DIRECTION_VERSION_MIN && reader.bool();
}

function decodeKind(reader: Reader): number {
  const tag = reader.u8();
  if (tag === REMOTE || tag === HOME) return tag;
  throw new WireError("unsupported", `a mirror of kind ${tag} is not known`);
}
