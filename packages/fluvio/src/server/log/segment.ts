/**
 * A segment: one file of batches, named by its first offset. Only the last segment of a log is
 * written. Bytes beyond `bytes` are not committed and never read.
 */
import { open, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { BATCH_HEADER_BYTES, peekBatch } from "../../wire/batch.ts";
import type { BufferPool } from "../../wire/buffer-pool.ts";
import { scanBatches } from "./scan.ts";
import { SparseIndex } from "./sparse-index.ts";

const NAME_DIGITS = 20;
const NOTHING = new Uint8Array(0);
/** Read beyond what was asked for, to reach the asked batch from the index entry before it. */
const INDEX_STRETCH_BYTES = 20 * 1024;

export class Segment {
  readonly base: number;
  readonly path: string;
  /** Committed size. */
  bytes = 0;
  /** When it was first and last written, by the server's clock. */
  firstWriteMs = 0;
  lastWriteMs = 0;
  /** Reads in progress; retention leaves a segment alone while there are any. */
  readers = 0;
  #file: Promise<FileHandle> | undefined;
  #index: Promise<SparseIndex> | SparseIndex | undefined;

  constructor(dir: string, base: number) {
    this.base = base;
    this.path = join(dir, segmentName(base));
  }

  /** The file, opened on first use and kept open. */
  file(): Promise<FileHandle> {
    this.#file ??= open(this.path, "r+").catch((error: unknown) => {
      // Too many open files, for one, may pass: the next call tries again.
      this.#file = undefined;
      throw error;
    });
    return this.#file;
  }

  async create(): Promise<void> {
    this.#file = open(this.path, "w+");
    this.#index = new SparseIndex();
    await this.#file;
  }

  /** Takes over an index that was built while recovering the file. */
  adoptIndex(index: SparseIndex): void {
    this.#index = index;
  }

  /** Notes a batch that was committed to this segment. */
  indexBatch(baseOffset: number, position: number): void {
    if (this.#index instanceof SparseIndex) this.#index.add(baseOffset, position);
  }

  /**
   * Whole batches from the one that holds `offset` on, at most `bytesMax` unless the first alone is
   * longer. Empty when the segment ends before `offset`. In a buffer of the pool.
   */
  async read(offset: number, bytesMax: number, buffers: BufferPool): Promise<Uint8Array> {
    this.readers += 1;
    try {
      const index = await this.#loadIndex();
      let position = index.positionBefore(offset);
      while (this.bytes - position >= BATCH_HEADER_BYTES) {
        const length = bytesMax + INDEX_STRETCH_BYTES;
        const chunk = await this.#readAt({ position, length }, buffers);
        const found = find(chunk, offset);
        if (found.isHere) {
          const long = longerBatch(chunk, found.at);
          if (long === undefined) return wholeBatches(chunk, found.at, bytesMax);
          return await this.#readAt({ position: position + found.at, length: long }, buffers);
        }
        if (found.at === 0) break;
        position += found.at;
      }
      return NOTHING;
    } finally {
      this.readers -= 1;
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) await (await file).close();
  }

  async remove(): Promise<void> {
    await this.close();
    await unlink(this.path);
  }

  /** Committed bytes from `position` on, at most `length`. */
  async #readAt(
    { position, length }: { readonly position: number; readonly length: number },
    buffers: BufferPool,
  ): Promise<Uint8Array> {
    const wanted = Math.min(length, this.bytes - position);
    const file = await this.file();
    const buffer = buffers.take(wanted);
    let done = 0;
    while (done < wanted) {
      const { bytesRead } = await file.read(buffer, done, wanted - done, position + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return buffer.subarray(0, done);
  }

  #loadIndex(): Promise<SparseIndex> | SparseIndex {
    this.#index ??= this.#buildIndex();
    return this.#index;
  }

  async #buildIndex(): Promise<SparseIndex> {
    const index = new SparseIndex();
    const file = await this.file();
    await scanBatches(file, this.bytes, ({ header, position }) => {
      index.add(header.baseOffset, position);
      return true;
    });
    this.#index = index;
    return index;
  }
}

/**
 * Looks for the batch that holds `offset`.
 * @returns where it begins, or where to go on looking behind the chunk
 */
function find(chunk: Uint8Array, offset: number): { isHere: boolean; at: number } {
  let at = 0;
  for (;;) {
    const batch = at < chunk.length ? peekBatch(chunk, at, chunk.length) : undefined;
    if (batch === undefined || batch.bytes < BATCH_HEADER_BYTES) return { isHere: false, at };
    if (batch.nextOffset > offset) return { isHere: true, at };
    at += batch.bytes;
  }
}

/** Size of the batch at `at` when the chunk holds only its beginning. */
function longerBatch(chunk: Uint8Array, at: number): number | undefined {
  const bytes = peekBatch(chunk, at, chunk.length)?.bytes ?? 0;
  return at + bytes > chunk.length ? bytes : undefined;
}

/** The batches from `from` on that lie whole in the chunk: the first one, and more up to `bytesMax`. */
function wholeBatches(chunk: Uint8Array, from: number, bytesMax: number): Uint8Array {
  let end = from;
  for (;;) {
    const batch = peekBatch(chunk, end, chunk.length);
    const next = end + (batch?.bytes ?? 0);
    const isTooMuch = next > chunk.length || (end > from && next - from > bytesMax);
    if (batch === undefined || isTooMuch) return chunk.subarray(from, end);
    end = next;
  }
}

/** File name of the segment that begins at `base`. */
function segmentName(base: number): string {
  return `${String(base).padStart(NAME_DIGITS, "0")}.log`;
}

/** First offset of the segment in a file; `undefined` for files that are no segments. */
export function segmentBase(name: string): number | undefined {
  return /^\d{20}\.log$/.test(name) ? Number(name.slice(0, NAME_DIGITS)) : undefined;
}
