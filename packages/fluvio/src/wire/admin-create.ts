/**
 * Create, key 1001. Envelope, inner: string name, bool dry_run, option u32 timeout_ms, spec.
 * The response is an AdminStatus. Only topics have a spec that we read; for every other type the
 * name is enough to refuse it by.
 */
import { decodeEnvelope, encodeEnvelope } from "./objects.ts";
import type { Reader } from "./reader.ts";
import { decodeTopicSpec, encodeTopicSpec, type TopicSpec } from "./topic.ts";
import type { Writer } from "./writer.ts";

export interface CreateRequest {
  readonly type: string;
  readonly name: string;
  readonly dryRun: boolean;
  readonly timeoutMs: number | null;
  /** The spec of a topic; `null` for other types. */
  readonly topic: TopicSpec | null;
}

export interface CreateTopicRequest extends CreateRequest {
  readonly type: "Topic";
  readonly topic: TopicSpec;
}

export function encodeCreateRequest(
  writer: Writer,
  request: CreateTopicRequest,
  version: number,
): void {
  encodeEnvelope(writer, request.type, () => {
    writer.string(request.name);
    writer.bool(request.dryRun);
    writer.option(request.timeoutMs, (timeoutMs) => writer.u32(timeoutMs));
    encodeTopicSpec(writer, request.topic, version);
  });
}

export function decodeCreateRequest(reader: Reader, version: number): CreateRequest {
  const { type, inner } = decodeEnvelope(reader);
  return {
    type,
    name: inner.string(),
    dryRun: inner.bool(),
    timeoutMs: inner.option(() => inner.u32()),
    topic: type === "Topic" ? decodeTopicSpec(inner, version) : null,
  };
}
