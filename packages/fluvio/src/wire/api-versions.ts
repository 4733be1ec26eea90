/**
 * ApiVersions, key 18, version 2: what the other side speaks.
 *
 * Request:  string client_version, string os, string arch
 * Response: i16 error, vec{ i16 key, i16 min, i16 max }, string platform_version
 */
import { decodeErrorCode, encodeErrorCode, type ErrorCode } from "./error-code.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

export interface ApiVersionsRequest {
  readonly clientVersion: string;
  readonly os: string;
  readonly arch: string;
}

export interface ApiVersionRange {
  readonly key: number;
  readonly min: number;
  readonly max: number;
}

export interface ApiVersionsResponse {
  readonly error: ErrorCode;
  readonly ranges: readonly ApiVersionRange[];
  readonly platformVersion: string;
}

export function encodeApiVersionsRequest(writer: Writer, request: ApiVersionsRequest): void {
  writer.string(request.clientVersion);
  writer.string(request.os);
  writer.string(request.arch);
}

export function decodeApiVersionsRequest(reader: Reader): ApiVersionsRequest {
  return { clientVersion: reader.string(), os: reader.string(), arch: reader.string() };
}

export function encodeApiVersionsResponse(writer: Writer, response: ApiVersionsResponse): void {
  encodeErrorCode(writer, response.error);
  writer.vec(response.ranges, (range) => {
    writer.i16(range.key);
    writer.i16(range.min);
    writer.i16(range.max);
  });
  writer.string(response.platformVersion);
}

export function decodeApiVersionsResponse(reader: Reader): ApiVersionsResponse {
  return {
    error: decodeErrorCode(reader),
    ranges: reader.vec(() => ({ key: reader.i16(), min: reader.i16(), max: reader.i16() }), 6),
    platformVersion: reader.string(),
  };
}
