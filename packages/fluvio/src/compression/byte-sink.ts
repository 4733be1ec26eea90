/** Output of a decompressor: grows as needed up to a limit, and copies from its own past. */
import { WireError } from "../wire/wire-error.ts";

const BYTES_INITIAL = 64 * 1024;

export class ByteSink {
  #bytes: Uint8Array;
  #at = 0;
  readonly #bytesMax: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#bytes = new Uint8Array(Math.min(BYTES_INITIAL, bytesMax));
  }

  get length(): number {
    return this.#at;
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  push(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** Repeats `length` bytes that were written `distance` bytes ago; the two may overlap. */
  repeat(distance: number, length: number, from = 0): void {
    if (distance < 1 || distance > this.#at - from) {
      throw new WireError("invalid", "compressed bytes refer to before their beginning");
    }
    this.#reserve(length);
    const bytes = this.#bytes;
    const at = this.#at;
    if (distance >= length) bytes.copyWithin(at, at - distance, at - distance + length);
    else
      for (let index = 0; index < length; index += 1)
        bytes[at + index] = bytes[at + index - distance] as number;
    this.#at = at + length;
  }

  #reserve(length: number): void {
    const needed = this.#at + length;
    if (needed <= this.#bytes.length) return;
    if (needed > this.#bytesMax) {
      throw new WireError("too_large", `a batch inflates to more than ${this.#bytesMax} bytes`);
    }
    const grown = new Uint8Array(
      Math.min(this.#bytesMax, Math.max(needed, this.#bytes.length * 2)),
    );
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
  }
}
