/**
 * Frames: `i32 length` (without itself), then that many bytes.
 * The parser takes chunks as a socket gives them, cut anywhere.
 */
import { BufferPool } from "./buffer-pool.ts";
import { WireError } from "./wire-error.ts";
import { Writer } from "./writer.ts";

/**
 * First buffer for a frame that came cut, so that a usual one is assembled without a second copy.
 * Longer ones double from here: a lying length costs no more than this, mostly untouched memory.
 */
const ASSEMBLY_BYTES_INITIAL = 2 * 1024 * 1024;
const LENGTH_BYTES = 4;

/** Takes a frame. It lies in a buffer of the pool, alone, when `isPooled`; else others may too. */
export type OnFrame = (frame: Uint8Array, isPooled: boolean) => void;

export class FrameParser {
  readonly #frameBytesMax: number;
  readonly #buffers: BufferPool;
  /** The frame (with its length) that is not complete yet. */
  #partial: Uint8Array = new Uint8Array(0);
  #partialLength = 0;

  /**
   * @param options `frameBytesMax`: longest frame accepted, without its length field; `buffers`: where
   *   frames that came cut are put together
   */
  constructor(options: { readonly frameBytesMax: number; readonly buffers?: BufferPool }) {
    this.#frameBytesMax = options.frameBytesMax;
    this.#buffers = options.buffers ?? new BufferPool((bytes) => new Uint8Array(bytes));
  }

  /**
   * Takes the next bytes of the connection and hands over every frame that they complete.
   * A frame is a view of `chunk` when it lies in it whole.
   */
  push(chunk: Uint8Array, onFrame: OnFrame): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#partialLength > 0) {
        at = this.#resume(chunk, at, onFrame);
        continue;
      }
      const left = chunk.length - at;
      const length = left >= LENGTH_BYTES ? this.#lengthAt(chunk, at) : undefined;
      if (length === undefined || left < LENGTH_BYTES + length) {
        this.#hold(chunk.subarray(at), LENGTH_BYTES + (length ?? 0));
        return;
      }
      const start = at + LENGTH_BYTES;
      at = start + length;
      onFrame(chunk.subarray(start, at), false);
    }
  }

  #resume(chunk: Uint8Array, at: number, onFrame: OnFrame): number {
    let next = at;
    if (this.#partialLength < LENGTH_BYTES) {
      next = Math.min(chunk.length, at + LENGTH_BYTES - this.#partialLength);
      this.#hold(chunk.subarray(at, next), LENGTH_BYTES);
      if (this.#partialLength < LENGTH_BYTES) return next;
    }
    const total = LENGTH_BYTES + this.#lengthAt(this.#partial, 0);
    const end = Math.min(chunk.length, next + total - this.#partialLength);
    this.#hold(chunk.subarray(next, end), total);
    if (this.#partialLength === total) {
      const frame = this.#partial.subarray(LENGTH_BYTES, total);
      this.#partial = new Uint8Array(0);
      this.#partialLength = 0;
      onFrame(frame, true);
    }
    return end;
  }

  #hold(bytes: Uint8Array, total: number): void {
    const needed = this.#partialLength + bytes.length;
    if (needed > this.#partial.length) {
      const doubled = Math.max(needed, this.#partial.length * 2, ASSEMBLY_BYTES_INITIAL);
      const grown = this.#buffers.take(Math.max(needed, Math.min(total, doubled)));
      grown.set(this.#partial.subarray(0, this.#partialLength));
      this.#partial = grown;
    }
    this.#partial.set(bytes, this.#partialLength);
    this.#partialLength = needed;
  }

  #lengthAt(bytes: Uint8Array, at: number): number {
    const length = new DataView(bytes.buffer, bytes.byteOffset + at, LENGTH_BYTES).getInt32(0);
    if (length < 0) throw new WireError("invalid", `a frame's length is ${length}`);
    if (length > this.#frameBytesMax) {
      throw new WireError(
        "too_large",
        `a frame of ${length} bytes; at most ${this.#frameBytesMax} are accepted`,
      );
    }
    return length;
  }
}

/** Builds one frame: the length, then whatever `body` writes. */
export function encodeFrame(body: (writer: Writer) => void, bytesExpected?: number): Uint8Array {
  return frameWriter(body, bytesExpected).finish();
}

/** As `encodeFrame`, with bytes written by reference as pieces of their own. */
export function encodeFramePieces(body: (writer: Writer) => void): Uint8Array[] {
  return frameWriter(body).pieces();
}

function frameWriter(body: (writer: Writer) => void, bytesExpected?: number): Writer {
  const writer = new Writer(bytesExpected);
  writer.lengthPrefixed(() => body(writer));
  return writer;
}
