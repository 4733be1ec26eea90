/**
 * Watch, key 1004 on the SC: a subscription. Every push repeats the request's correlation id.
 * Request envelope, inner: i64 epoch, bool summary
 * Push envelope, inner:    i64 epoch, vec{ u8 (0 update, 1 delete), Metadata } changes,
 *                          vec Metadata all
 * A push with a non-empty `all` is a full sync; its `changes` are ignored.
 */
import {
  decodeEnvelope,
  encodeEnvelope,
  objectCodec,
  type ObjectByType,
  type ObjectType,
} from "./objects.ts";
import type { Reader } from "./reader.ts";
import { WireError } from "./wire-error.ts";
import type { Writer } from "./writer.ts";

export interface WatchRequest {
  readonly type: string;
  readonly epoch: number;
  readonly summary: boolean;
}

export interface WatchChange<Item> {
  readonly kind: "update" | "delete";
  readonly item: Item;
}

export interface WatchPush<Item> {
  readonly epoch: number;
  readonly changes: readonly WatchChange<Item>[];
  readonly all: readonly Item[];
}

export function encodeWatchRequest(writer: Writer, request: WatchRequest): void {
  encodeEnvelope(writer, request.type, () => {
    writer.i64(request.epoch);
    writer.bool(request.summary);
  });
}

export function decodeWatchRequest(reader: Reader): WatchRequest {
  const { type, inner } = decodeEnvelope(reader);
  return { type, epoch: inner.i64(), summary: inner.bool() };
}

export function encodeWatchPush<Type extends ObjectType>(
  writer: Writer,
  push: { readonly type: Type; readonly body: WatchPush<ObjectByType[Type]> },
  version: number,
): void {
  const codec = objectCodec(push.type);
  encodeEnvelope(writer, push.type, () => {
    writer.i64(push.body.epoch);
    writer.vec(push.body.changes, (change) => {
      writer.u8(change.kind === "delete" ? 1 : 0);
      codec.encode(writer, change.item, version);
    });
    writer.vec(push.body.all, (item) => codec.encode(writer, item, version));
  });
}

/** The first push for a type of which we have none: an empty sync. */
export function encodeEmptyWatchPush(writer: Writer, type: string): void {
  encodeEnvelope(writer, type, () => {
    writer.i64(0);
    writer.u32(0);
    writer.u32(0);
  });
}

export function decodeWatchPush<Type extends ObjectType>(
  reader: Reader,
  type: Type,
  version: number,
): WatchPush<ObjectByType[Type]> {
  const envelope = decodeEnvelope(reader);
  if (envelope.type !== type) {
    throw new WireError("invalid", `asked for ${type}, got ${envelope.type}`);
  }
  const codec = objectCodec(type);
  const { inner } = envelope;
  return {
    epoch: inner.i64(),
    changes: inner.vec(() => {
      const kind = inner.bool() ? "delete" : "update";
      return { kind, item: codec.decode(inner, version) };
    }, 3),
    all: inner.vec(() => codec.decode(inner, version), 2),
  };
}
