/**
 * Reads Fluvio's primitives (big-endian) from one message. Every read is checked against the end
 * of the message, and every count against the bytes that are left, so a hostile length can neither
 * read outside of the message nor allocate more than the message could hold.
 */
import { WireError } from "./wire-error.ts";

const DECODER = new TextDecoder("utf-8", { fatal: true });
const TWO_32 = 0x1_0000_0000;
/** Fluvio's decoder reads a string's length as i16. */
export const STRING_BYTES_MAX = 32767;

export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, range?: { readonly from: number; readonly to: number }) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = range?.from ?? 0;
    this.#end = range?.to ?? bytes.length;
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  i8(): number {
    return this.#view.getInt8(this.#take(1));
  }

  bool(): boolean {
    const value = this.u8();
    if (value > 1) throw new WireError("invalid", `a boolean must be 0 or 1, got ${value}`);
    return value === 1;
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  i16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  /** A 64-bit integer as a JS number; offsets and times beyond 2^53 are refused, never rounded. */
  i64(): number {
    const at = this.#take(8);
    return toSafe(this.#view.getInt32(at) * TWO_32 + this.#view.getUint32(at + 4));
  }

  u64(): number {
    const at = this.#take(8);
    return toSafe(this.#view.getUint32(at) * TWO_32 + this.#view.getUint32(at + 4));
  }

  string(): string {
    const length = this.i16();
    if (length < 0) throw new WireError("invalid", `a string's length is ${length}`);
    const at = this.#take(length);
    try {
      return DECODER.decode(this.#bytes.subarray(at, at + length));
    } catch {
      throw new WireError("invalid", "a string is not UTF-8");
    }
  }

  /** A view of the next bytes, not a copy. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  option<T>(read: () => T): T | null {
    return this.bool() ? read() : null;
  }

  /** The count of a vector whose elements take at least `elementBytesMin` each. */
  count(elementBytesMin = 1): number {
    const count = this.u32();
    if (count * elementBytesMin > this.left) {
      throw new WireError("truncated", `a list of ${count} does not fit ${this.left} bytes`);
    }
    return count;
  }

  vec<T>(read: () => T, elementBytesMin = 1): T[] {
    const count = this.count(elementBytesMin);
    const items: T[] = [];
    for (let index = 0; index < count; index += 1) items.push(read());
    return items;
  }

  /** A map's entries; Fluvio writes a map's count as u16. */
  map<K, V>(readKey: () => K, readValue: () => V): [K, V][] {
    const count = this.u16();
    const entries: [K, V][] = [];
    for (let index = 0; index < count; index += 1) entries.push([readKey(), readValue()]);
    return entries;
  }

  #take(length: number): number {
    const at = this.#at;
    if (length < 0 || length > this.#end - at) {
      throw new WireError("truncated", `${length} bytes wanted, ${this.#end - at} left`);
    }
    this.#at = at + length;
    return at;
  }
}

function toSafe(value: number): number {
  if (!Number.isSafeInteger(value)) {
    throw new WireError("invalid", "a 64-bit integer is beyond 2^53");
  }
  return value;
}
