/** ApiVersions: one list for both roles; their version ranges do not overlap. */
import { API_KEY, PLATFORM_VERSION } from "../../wire/api-keys.ts";
import { encodeApiVersionsResponse, type ApiVersionRange } from "../../wire/api-versions.ts";
import { NO_ERROR } from "../../wire/error-code.ts";
import type { RequestContext } from "../session.ts";

/**
 * A client takes the first range of a key that overlaps its own. The SPU's 1006 (consumer offsets,
 * asked for from version 0 on) must therefore stand before the SC's (add partitions), or a client
 * would send an offset as an update of a topic. The SPU's 1007 and 1008 are served but not listed:
 * one that finds 1008 listed below version 24 leaves out the filter and takes the first row as its own.
 */
const RANGES: readonly ApiVersionRange[] = [
  { key: API_KEY.create, min: 11, max: 16 },
  { key: API_KEY.delete, min: 11, max: 16 },
  { key: API_KEY.list, min: 15, max: 16 },
  { key: API_KEY.watch, min: 15, max: 16 },
  { key: API_KEY.produce, min: 0, max: 23 },
  { key: API_KEY.fetchOffsets, min: 22, max: 23 },
  { key: API_KEY.streamFetch, min: 22, max: 23 },
  { key: API_KEY.updateOffsets, min: 0, max: 0 },
  { key: API_KEY.updateConsumerOffset, min: 22, max: 25 },
  { key: API_KEY.update, min: 1, max: 19 },
];

export function handleApiVersions({ respond }: RequestContext): void {
  respond((writer) => {
    encodeApiVersionsResponse(writer, {
      error: NO_ERROR,
      ranges: RANGES,
      platformVersion: PLATFORM_VERSION,
    });
  });
}
