/**
 * Produce: answered when every batch of the request is as durable as the settings ask, or refused.
 * A batch is stored as it came; only its base offset is written.
 */
import { isBatchIntact, readBatchHeaders, type BatchHeader } from "../../wire/batch.ts";
import { errorCode, NO_ERROR, type ErrorCode } from "../../wire/error-code.ts";
import {
  decodeProduceRequest,
  encodeProduceResponse,
  type ProduceEntry,
  type ProduceRequest,
  type ProduceResult,
} from "../../wire/produce.ts";
import { WireError } from "../../wire/wire-error.ts";
import type { Broker } from "../broker.ts";
import type { RequestContext } from "../session.ts";
import type { Topic } from "../topic.ts";

export async function handleProduce(context: RequestContext): Promise<void> {
  const { broker, reader, respond, recycle } = context;
  const request = decodeProduceRequest(reader);
  const kept = new Set<ProduceEntry>();
  const topics = await Promise.all(
    request.topics.map(async ({ topic: name, entries }) => {
      const topic = broker.topics.get(name);
      const appends = entries.map((entry) => append({ broker, topic, entry, request, kept }));
      return { topic: name, results: await Promise.all(appends) };
    }),
  );
  respond((writer) => encodeProduceResponse(writer, { topics, throttleMs: 0 }));
  if (kept.size === 0) recycle();
}

interface AppendContext {
  readonly broker: Broker;
  readonly topic: Topic | undefined;
  readonly entry: ProduceEntry;
  readonly request: ProduceRequest;
  /** Entries whose bytes are still in use when they have been appended, or may be. */
  readonly kept: Set<ProduceEntry>;
}

async function append(context: AppendContext): Promise<ProduceResult> {
  const { broker, topic, entry, request } = context;
  const { partition, batches } = entry;
  if (topic === undefined) return refusal(partition, errorCode("TopicNotFound"));
  if (request.smartModule !== null) {
    return refusal(partition, errorCode("SmartModuleNotFound", request.smartModule.name));
  }
  const log = topic.partitions[partition];
  if (log === undefined) return refusal(partition, errorCode("PartitionNotLeader"));
  const headers = readBatchHeaders(batches);
  const refused = checkBatches(context, headers);
  if (refused !== undefined) return refusal(partition, refused);
  if (headers.length === 0) {
    return { ...refusal(partition, NO_ERROR), baseOffset: log.end, logStart: log.start };
  }
  try {
    const { baseOffset, isKept } = await log.append(batches, headers);
    if (isKept) context.kept.add(entry);
    return { partition, error: NO_ERROR, baseOffset, logAppendTimeMs: -1, logStart: log.start };
  } catch {
    context.kept.add(entry);
    // The log has said why. A topic deleted meanwhile is its own answer.
    const isDeleted = broker.topics.get(topic.name) !== topic;
    return refusal(partition, errorCode(isDeleted ? "TopicNotFound" : "StorageError"));
  }
}

function checkBatches(
  { broker, topic, entry }: AppendContext,
  headers: readonly BatchHeader[],
): ErrorCode | undefined {
  const compression = topic?.spec.compression ?? "any";
  for (const header of headers) {
    if (header.bytes > broker.settings.batchBytesMax) return errorCode("MessageTooLarge");
    if (compression !== "any" && header.codec !== compression) {
      return errorCode("CompressionError");
    }
    if (!isBatchIntact(entry.batches, header)) {
      throw new WireError("invalid", "a batch's checksum does not match its bytes");
    }
  }
  return undefined;
}

function refusal(partition: number, error: ErrorCode): ProduceResult {
  return { partition, error, baseOffset: -1, logAppendTimeMs: -1, logStart: -1 };
}
