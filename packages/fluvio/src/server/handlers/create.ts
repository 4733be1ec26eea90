/** Create: topics. Everything else is refused with Fluvio's own code and a sentence. */
import { setTimeout as delay } from "node:timers/promises";
import { decodeCreateRequest } from "../../wire/admin-create.ts";
import { encodeAdminStatus, type AdminStatus } from "../../wire/admin-status.ts";
import { errorCode, NO_ERROR } from "../../wire/error-code.ts";
import type { TopicSpec } from "../../wire/topic.ts";
import { partitionCountOf } from "../../wire/topic.ts";
import type { Broker } from "../broker.ts";
import { SPU_ID } from "../broker.ts";
import type { RequestContext } from "../session.ts";
import { checkTopicName } from "../topic-name.ts";

/** Fluvio's own lower bounds. */
const RETENTION_SECONDS_MIN = 10;
const SEGMENT_BYTES_MIN = 1024;
const PARTITION_BYTES_MIN = 2048;

export async function handleCreate(context: RequestContext): Promise<void> {
  const { broker, header, reader, respond } = context;
  const { type, name, dryRun, topic } = decodeCreateRequest(reader, header.version);
  let status: AdminStatus;
  if (topic === null) {
    const message = `${type} objects are not supported by the embedded server`;
    status = { name, error: errorCode("InvalidCreateRequest"), message };
  } else {
    status =
      checkTopic(broker, name, topic) ?? (await createTopic(broker, { name, topic, dryRun }));
  }
  respond((writer) => encodeAdminStatus(writer, status));
}

async function createTopic(
  broker: Broker,
  request: { readonly name: string; readonly topic: TopicSpec; readonly dryRun: boolean },
): Promise<AdminStatus> {
  const { name, topic, dryRun } = request;
  if (dryRun) return { name, error: NO_ERROR, message: null };
  const partitions = partitionCountOf(topic.replicas);
  const spec: TopicSpec = {
    ...topic,
    system: false,
    replicas: { kind: "computed", partitions, replicationFactor: 1, ignoreRack: false },
  };
  try {
    const created = await broker.topics.create(name, spec);
    if (created === undefined) return alreadyExists(name);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    broker.log({ level: "error", message: "could not create a topic", fields: { name, reason } });
    return { name, error: errorCode("StorageError"), message: `Topic '${name}': ${reason}` };
  }
  await delay(broker.settings.createReplyDelayMs);
  return { name, error: NO_ERROR, message: null };
}

/** @returns what is wrong with the request, or `undefined` */
function checkTopic(broker: Broker, name: string, spec: TopicSpec): AdminStatus | undefined {
  const badName = checkTopicName(name);
  if (badName !== undefined) {
    return { name, error: errorCode("TopicInvalidName"), message: badName };
  }
  if (broker.topics.get(name) !== undefined) return alreadyExists(name);
  if (spec.deduplication !== null) {
    const message = "Deduplication needs SmartModules, which the embedded server does not run";
    return { name, error: errorCode("DeduplicationSmartModuleNotLoaded"), message };
  }
  const message = checkReplicas(broker, spec) ?? checkStorage(spec) ?? checkRoom(broker);
  if (message === undefined) return undefined;
  return { name, error: errorCode("TopicInvalidConfig"), message };
}

function checkReplicas(broker: Broker, { replicas }: TopicSpec): string | undefined {
  if (replicas.kind === "mirror") return "mirrors are not supported by the embedded server";
  const { partitionsPerTopicMax } = broker.settings;
  const partitions = partitionCountOf(replicas);
  if (partitions < 1) return "partition must be greater than 0";
  if (partitions > partitionsPerTopicMax) {
    return `${partitions} partitions; this server allows ${partitionsPerTopicMax} per topic`;
  }
  if (replicas.kind === "computed") {
    const { replicationFactor } = replicas;
    if (replicationFactor === 1) return undefined;
    return `replication factor ${replicationFactor}; this server has one SPU, so it must be 1`;
  }
  const isInOrder = replicas.maps.every((map, index) => map.id === index);
  if (!isInOrder) return "assigned partition ids must be in sequence and without gaps";
  const hasMirror = replicas.maps.some(({ mirror }) => mirror !== undefined);
  if (hasMirror) return "mirrors are not supported by the embedded server";
  const isOurs = replicas.maps.every((map) => map.spus.length === 1 && map.spus[0] === SPU_ID);
  return isOurs ? undefined : `partitions can only be assigned to the one SPU, ${SPU_ID}`;
}

function checkStorage({ retentionSeconds, storage }: TopicSpec): string | undefined {
  if (retentionSeconds !== null && retentionSeconds < RETENTION_SECONDS_MIN) {
    return `retention_secs ${retentionSeconds} is less than minimum ${RETENTION_SECONDS_MIN}`;
  }
  const segmentBytes = storage?.segmentBytes ?? null;
  if (segmentBytes !== null && segmentBytes < SEGMENT_BYTES_MIN) {
    return `segment_size ${segmentBytes} is less than minimum ${SEGMENT_BYTES_MIN}`;
  }
  const partitionBytes = storage?.partitionBytesMax ?? null;
  if (partitionBytes !== null && partitionBytes < PARTITION_BYTES_MIN) {
    return `max_partition_size ${partitionBytes} is less than minimum ${PARTITION_BYTES_MIN}`;
  }
  if (partitionBytes !== null && segmentBytes !== null && partitionBytes < segmentBytes) {
    return `max_partition_size ${partitionBytes} is less than segment size ${segmentBytes}`;
  }
  return undefined;
}

function checkRoom({ topics, settings }: Broker): string | undefined {
  if (topics.size < settings.topicsMax) return undefined;
  return `this server allows ${settings.topicsMax} topics; delete one first`;
}

function alreadyExists(name: string): AdminStatus {
  const message = `Topic '${name}' already exists`;
  return { name, error: errorCode("TopicAlreadyExists"), message };
}
