/** Walks the batches of a segment file without holding more than a few of them in memory. */
import type { FileHandle } from "node:fs/promises";
import {
  peekBatch,
  BATCH_HEADER_BYTES,
  readBatchHeader,
  type BatchHeader,
} from "../../wire/batch.ts";
import { WireError } from "../../wire/wire-error.ts";

const CHUNK_BYTES = 1024 * 1024;

interface ScannedBatch {
  readonly header: BatchHeader;
  /** Holds the batch at `header.at`; reused by the next step. */
  readonly bytes: Uint8Array;
  /** Position in the file. */
  readonly position: number;
}

/**
 * Calls `onBatch` for every whole batch from the start of the file.
 * @param onBatch returns false to stop before this batch
 * @returns where the walk ended: the size of the whole, good part
 */
export async function scanBatches(
  file: FileHandle,
  fileBytes: number,
  onBatch: (batch: ScannedBatch) => boolean,
): Promise<number> {
  let buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, Math.max(fileBytes, 1)));
  let position = 0;
  while (fileBytes - position >= BATCH_HEADER_BYTES) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead < BATCH_HEADER_BYTES) return position;
    const walked = walkChunk(buffer.subarray(0, bytesRead), position, onBatch);
    position += walked.bytes;
    if (walked.stopped) return position;
    if (walked.bytes > 0) continue;
    const size = peekBatch(buffer, 0, bytesRead)?.bytes ?? 0;
    if (size > fileBytes - position || size <= buffer.length) return position;
    buffer = Buffer.allocUnsafeSlow(size);
  }
  return position;
}

function walkChunk(
  chunk: Uint8Array,
  chunkPosition: number,
  onBatch: (batch: ScannedBatch) => boolean,
): { bytes: number; stopped: boolean } {
  let at = 0;
  while (at < chunk.length) {
    let header: BatchHeader;
    try {
      header = readBatchHeader(chunk, at);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return { bytes: at, stopped: error.code !== "truncated" };
    }
    if (!onBatch({ header, bytes: chunk, position: chunkPosition + at })) {
      return { bytes: at, stopped: true };
    }
    at += header.bytes;
  }
  return { bytes: at, stopped: false };
}
