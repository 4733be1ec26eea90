/**
 * Status, the bare response to Create, Delete and Update:
 * string name, i16 error (+ fields), option string message
 */
import { decodeErrorCode, encodeErrorCode, type ErrorCode } from "./error-code.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

export interface AdminStatus {
  readonly name: string;
  readonly error: ErrorCode;
  readonly message: string | null;
}

export function encodeAdminStatus(writer: Writer, status: AdminStatus): void {
  writer.string(status.name);
  encodeErrorCode(writer, status.error);
  writer.option(status.message, (message) => writer.string(message));
}

export function decodeAdminStatus(reader: Reader): AdminStatus {
  return {
    name: reader.string(),
    error: decodeErrorCode(reader),
    message: reader.option(() => reader.string()),
  };
}
