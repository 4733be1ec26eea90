/**
 * Takes a connection's bytes where the socket can put them: short frames into a common chunk, a long
 * one into a buffer of its own from its first bytes on, so that it is not copied again. Frames are
 * views, and whoever holds one holds its memory; no memory is used twice.
 */
import { WireError } from "../wire/wire-error.ts";

const CHUNK_BYTES = 64 * 1024;
/** With less room than this a new chunk is begun. */
const CHUNK_BYTES_LEFT_MIN = 4 * 1024;
const LENGTH_BYTES = 4;

export class FrameReceiver {
  readonly #frameBytesMax: number;
  #chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  /** The part of the chunk that was received and not handed over. */
  #from = 0;
  #to = 0;
  /** A frame, length included, that does not fit the chunk. */
  #long: Buffer | undefined;
  #longFilled = 0;

  /** @param limits `frameBytesMax`: longest frame accepted, without its length field */
  constructor(limits: { readonly frameBytesMax: number }) {
    this.#frameBytesMax = limits.frameBytesMax;
  }

  /** Where to put the next bytes; never empty. */
  room(): Uint8Array {
    if (this.#long !== undefined) return this.#long.subarray(this.#longFilled);
    if (CHUNK_BYTES - this.#to < CHUNK_BYTES_LEFT_MIN) {
      const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      chunk.set(this.#chunk.subarray(this.#from, this.#to));
      this.#chunk = chunk;
      this.#to -= this.#from;
      this.#from = 0;
    }
    return this.#chunk.subarray(this.#to);
  }

  /**
   * Says that the first `count` bytes of the room were filled, and hands over what they complete.
   * @throws WireError when the next frame is longer than accepted
   */
  received(count: number, onFrame: (frame: Uint8Array) => void): void {
    if (this.#long === undefined) {
      this.#to += count;
      this.#handOver(onFrame);
      return;
    }
    this.#longFilled += count;
    if (this.#longFilled < this.#long.length) return;
    const frame = this.#long.subarray(LENGTH_BYTES);
    this.#long = undefined;
    onFrame(frame);
  }

  /** For bytes that came elsewhere: copies them into the room, as often as it takes. */
  push(bytes: Uint8Array, onFrame: (frame: Uint8Array) => void): void {
    for (let at = 0; at < bytes.length;) {
      const room = this.room();
      const count = Math.min(room.length, bytes.length - at);
      room.set(bytes.subarray(at, at + count));
      at += count;
      this.received(count, onFrame);
    }
  }

  #handOver(onFrame: (frame: Uint8Array) => void): void {
    while (this.#to - this.#from >= LENGTH_BYTES) {
      const chunk = this.#chunk;
      const from = this.#from;
      const total = LENGTH_BYTES + this.#lengthAt(from);
      if (this.#to - from >= total) {
        this.#from += total;
        onFrame(chunk.subarray(from + LENGTH_BYTES, from + total));
        continue;
      }
      if (total > CHUNK_BYTES - from) {
        this.#long = Buffer.allocUnsafeSlow(total);
        this.#longFilled = chunk.copy(this.#long, 0, from, this.#to);
        // Its bytes have moved, so their place can be filled again.
        this.#to = from;
      }
      return;
    }
  }

  #lengthAt(at: number): number {
    const length = this.#chunk.readInt32BE(at);
    if (length >= 0 && length <= this.#frameBytesMax) return length;
    const message = `a frame's length is ${length}; at most ${this.#frameBytesMax} is accepted`;
    throw new WireError(length < 0 ? "invalid" : "too_large", message);
  }
}
