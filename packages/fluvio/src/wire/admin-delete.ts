/**
 * Delete, key 1002 on the SC. Envelope, inner: string name, bool force (v13).
 * The response is an AdminStatus.
 */
import { decodeEnvelope, encodeEnvelope } from "./objects.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

const FORCE_VERSION_MIN = 13;

export interface DeleteRequest {
  readonly type: string;
  /** Empty for types whose key is not a name. */
  readonly name: string;
  readonly force: boolean;
}

export function encodeDeleteRequest(writer: Writer, request: DeleteRequest, version: number): void {
  encodeEnvelope(writer, request.type, () => {
    writer.string(request.name);
    if (version >= FORCE_VERSION_MIN) writer.bool(request.force);
  });
}

export function decodeDeleteRequest(reader: Reader, version: number): DeleteRequest {
  const { type, inner } = decodeEnvelope(reader);
  if (type === "CustomSpu") return { type, name: "", force: false };
  const name = inner.string();
  const force = version >= FORCE_VERSION_MIN ? inner.bool() : false;
  return { type, name, force };
}
