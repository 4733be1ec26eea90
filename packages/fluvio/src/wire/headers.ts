/**
 * Request header:  u16 api_key, i16 api_version, i32 correlation_id, string client_id
 * Response header: i32 correlation_id
 */
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

export interface RequestHeader {
  readonly apiKey: number;
  readonly version: number;
  readonly correlationId: number;
  readonly clientId: string;
}

export function encodeRequestHeader(writer: Writer, header: RequestHeader): void {
  writer.u16(header.apiKey);
  writer.i16(header.version);
  writer.i32(header.correlationId);
  writer.string(header.clientId);
}

export function decodeRequestHeader(reader: Reader): RequestHeader {
  return {
    apiKey: reader.u16(),
    version: reader.i16(),
    correlationId: reader.i32(),
    clientId: reader.string(),
  };
}
