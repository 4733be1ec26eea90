/**
 * Update, key 1006 on the SC. Envelope, inner for a topic: string name, u8 action, and for action 0
 * (add partitions) u32 count. The response is an AdminStatus.
 */
import { decodeEnvelope, encodeEnvelope } from "./objects.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

const ADD_PARTITIONS = 0;

export interface UpdateRequest {
  readonly type: string;
  readonly name: string;
  /** Partitions to add to a topic; `null` for any other action. */
  readonly addPartitions: number | null;
}

export function encodeUpdateRequest(
  writer: Writer,
  request: { readonly name: string; readonly addPartitions: number },
): void {
  encodeEnvelope(writer, "Topic", () => {
    writer.string(request.name);
    writer.u8(ADD_PARTITIONS);
    writer.u32(request.addPartitions);
  });
}

export function decodeUpdateRequest(reader: Reader): UpdateRequest {
  const { type, inner } = decodeEnvelope(reader);
  const name = inner.string();
  const addsPartitions = type === "Topic" && inner.u8() === ADD_PARTITIONS;
  return { type, name, addPartitions: addsPartitions ? inner.u32() : null };
}
