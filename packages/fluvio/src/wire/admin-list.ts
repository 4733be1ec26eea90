/**
 * List, key 1003 on the SC.
 * Request envelope, inner:  vec string filters, bool summary, bool system
 * Response envelope, inner: vec Metadata
 */
import {
  decodeEnvelope,
  encodeEnvelope,
  isObjectType,
  objectCodec,
  type ObjectByType,
  type ObjectType,
} from "./objects.ts";
import type { Reader } from "./reader.ts";
import { WireError } from "./wire-error.ts";
import type { Writer } from "./writer.ts";

export interface ListRequest {
  readonly type: string;
  /** Names wanted; all when empty. */
  readonly filters: readonly string[];
  readonly summary: boolean;
  /** True lists system objects only, false lists all others. */
  readonly system: boolean;
}

export function encodeListRequest(writer: Writer, request: ListRequest): void {
  encodeEnvelope(writer, request.type, () => {
    writer.vec(request.filters, (filter) => writer.string(filter));
    writer.bool(request.summary);
    writer.bool(request.system);
  });
}

export function decodeListRequest(reader: Reader): ListRequest {
  const { type, inner } = decodeEnvelope(reader);
  return {
    type,
    filters: inner.vec(() => inner.string(), 2),
    summary: inner.bool(),
    system: inner.bool(),
  };
}

export function encodeListResponse<Type extends ObjectType>(
  writer: Writer,
  response: { readonly type: Type; readonly items: readonly ObjectByType[Type][] },
  version: number,
): void {
  const codec = objectCodec(response.type);
  encodeEnvelope(writer, response.type, () => {
    writer.vec(response.items, (item) => codec.encode(writer, item, version));
  });
}

/** The answer for a type of which we have none: an empty list. */
export function encodeEmptyListResponse(writer: Writer, type: string): void {
  encodeEnvelope(writer, type, () => writer.u32(0));
}

export function decodeListResponse<Type extends ObjectType>(
  reader: Reader,
  type: Type,
  version: number,
): ObjectByType[Type][] {
  const envelope = decodeEnvelope(reader);
  if (!isObjectType(envelope.type) || envelope.type !== type) {
    throw new WireError("invalid", `asked for ${type}, got ${envelope.type}`);
  }
  const codec = objectCodec(type);
  return envelope.inner.vec(() => codec.decode(envelope.inner, version), 2);
}
