/** What all connections share: topics, stored offsets, settings, and the server's own description. */
import type { BufferPool } from "../wire/buffer-pool.ts";
import type { PartitionObject, SpuObject, TopicObject } from "../wire/objects.ts";
import { partitionKey } from "../wire/partition.ts";
import type { Log } from "./log-line.ts";
import type { ServerSettings } from "./settings.ts";
import type { StoredOffsets } from "./stored-offsets.ts";
import type { Topic } from "./topic.ts";
import type { Topics } from "./topics.ts";

/** The one SPU's id; a local Fluvio cluster numbers its first SPU alike. */
export const SPU_ID = 5001;
/** Port of the private endpoint, between SPUs. Nothing listens there: there is one SPU. */
const PRIVATE_PORT = 0;

export interface Broker {
  readonly topics: Topics;
  readonly storedOffsets: StoredOffsets;
  readonly settings: ServerSettings;
  /** For what passes through: long requests and what is read from disk. */
  readonly buffers: BufferPool;
  readonly log: Log;
  readonly now: () => number;
}

export function topicObject(topic: Topic): TopicObject {
  return {
    key: topic.name,
    spec: topic.spec,
    status: {
      resolution: "provisioned",
      replicas: topic.partitions.map((_, partition) => [partition, [SPU_ID]] as const),
      reason: "",
    },
  };
}

export function partitionObjects(topic: Topic): PartitionObject[] {
  const { replicas: _, ...stream } = topic.spec;
  return topic.partitions.map((partition, id) => {
    const leader = { spu: SPU_ID, highWatermark: partition.end, end: partition.end };
    return {
      key: partitionKey(topic.name, id),
      spec: { leader: SPU_ID, replicas: [SPU_ID], ...stream },
      status: {
        resolution: "online",
        leader,
        liveReplicas: 1,
        replicas: [],
        sizeBytes: partition.bytes,
        isBeingDeleted: false,
        baseOffset: partition.start,
      },
    };
  });
}

export function spuObject(address: { readonly host: string; readonly port: number }): SpuObject {
  const { host, port } = address;
  return {
    key: `custom-spu-${SPU_ID}`,
    spec: {
      id: SPU_ID,
      custom: true,
      publicEndpoint: { port, ingress: [{ host, ip: null }], encrypted: false },
      privateEndpoint: { port: PRIVATE_PORT, host, encrypted: false },
      rack: null,
      localEndpoint: null,
    },
    status: { resolution: "online" },
  };
}
