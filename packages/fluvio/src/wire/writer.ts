/**
 * Writes Fluvio's primitives (big-endian) into a buffer that grows as needed. Long byte strings can
 * be written by reference: they are not copied, and come out as pieces of their own.
 */
import { STRING_BYTES_MAX } from "./reader.ts";
import { WireError } from "./wire-error.ts";

const ENCODER = new TextEncoder();
const TWO_32 = 0x1_0000_0000;
const INITIAL_BYTES = 256;

export class Writer {
  #bytes: Uint8Array;
  #view: DataView;
  #at = 0;
  /** Bytes written by reference, each with the position in the buffer that it comes before. */
  readonly #references: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  #referencedBytes = 0;

  constructor(bytesExpected = INITIAL_BYTES) {
    this.#bytes = new Uint8Array(bytesExpected);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written so far, those by reference included. */
  get length(): number {
    return this.#at + this.#referencedBytes;
  }

  /** What was written, in one piece: a view, later writes may or may not show in it. */
  finish(): Uint8Array {
    const [first, ...others] = this.pieces();
    if (first !== undefined && others.length === 0) return first;
    const whole = new Uint8Array(this.length);
    let at = 0;
    for (const piece of this.pieces()) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  /** What was written, in pieces that follow one another. */
  pieces(): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let from = 0;
    for (const { at, bytes } of this.#references) {
      pieces.push(this.#bytes.subarray(from, at), bytes);
      from = at;
    }
    pieces.push(this.#bytes.subarray(from, this.#at));
    return pieces;
  }

  u8(value: number): void {
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
  }

  bool(value: boolean): void {
    this.u8(value ? 1 : 0);
  }

  u16(value: number): void {
    const at = this.#grow(2);
    this.#view.setUint16(at, value);
  }

  i16(value: number): void {
    const at = this.#grow(2);
    this.#view.setInt16(at, value);
  }

  u32(value: number): void {
    const at = this.#grow(4);
    this.#view.setUint32(at, value);
  }

  i32(value: number): void {
    const at = this.#grow(4);
    this.#view.setInt32(at, value);
  }

  /** A safe integer as i64; negative ones in two's complement. */
  i64(value: number): void {
    const at = this.#grow(8);
    this.#view.setInt32(at, Math.floor(value / TWO_32));
    this.#view.setUint32(at + 4, value >>> 0);
  }

  u64(value: number): void {
    this.i64(value);
  }

  string(value: string): void {
    const bytes = ENCODER.encode(value);
    if (bytes.length > STRING_BYTES_MAX) {
      throw new WireError("too_large", `a string of ${bytes.length} bytes; 32767 is the most`);
    }
    this.u16(bytes.length);
    this.bytes(bytes);
  }

  bytes(value: Uint8Array): void {
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
  }

  /** Writes bytes without copying them; they must not change until the message has left. */
  reference(value: Uint8Array): void {
    this.#references.push({ at: this.#at, bytes: value });
    this.#referencedBytes += value.length;
  }

  option<T>(value: T | null, write: (value: T) => void): void {
    this.bool(value !== null);
    if (value !== null) write(value);
  }

  vec<T>(items: readonly T[], write: (item: T) => void): void {
    this.u32(items.length);
    for (const item of items) write(item);
  }

  map<K, V>(
    entries: readonly (readonly [K, V])[],
    writeKey: (key: K) => void,
    writeValue: (value: V) => void,
  ): void {
    this.u16(entries.length);
    for (const [key, value] of entries) {
      writeKey(key);
      writeValue(value);
    }
  }

  /** Writes `body` after its own length in bytes as u32. */
  lengthPrefixed(body: () => void): void {
    const at = this.#grow(4);
    const before = this.length;
    body();
    this.#view.setUint32(at, this.length - before);
  }

  #grow(length: number): number {
    const at = this.#at;
    const needed = at + length;
    if (needed > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      bytes.set(this.#bytes.subarray(0, at));
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer);
    }
    this.#at = needed;
    return at;
  }
}
