/**
 * Buffers that are used again: memory that is already there, already in the cache, and none of the
 * garbage collector's business. Only who owns a buffer alone may give it.
 */
const MIB = 1024 * 1024;
const POOLED_BYTES_MAX = 8 * MIB;
const POOLED_COUNT_MAX = 64;
/** Shorter ones cost less to make than to keep. */
const BUFFER_BYTES_MIN = 4096;
/** A buffer is not wasted on a use that needs less than a part of it. */
const WASTE_MAX = 8;

export class BufferPool {
  readonly #free: Uint8Array[] = [];
  readonly #allocate: (bytes: number) => Uint8Array;
  #freeBytes = 0;

  /** @param allocate makes a buffer; it need not be zeroed */
  constructor(allocate: (bytes: number) => Uint8Array) {
    this.#allocate = allocate;
  }

  /** A buffer of at least `bytesMin`, holding whatever it held before. */
  take(bytesMin: number): Uint8Array {
    const fits = ({ length }: Uint8Array): boolean =>
      length >= bytesMin && length <= bytesMin * WASTE_MAX;
    const index = this.#free.findLastIndex(fits);
    const [buffer] = index < 0 ? [] : this.#free.splice(index, 1);
    if (buffer === undefined) return this.#allocate(bytesMin);
    this.#freeBytes -= buffer.length;
    return buffer;
  }

  /** Takes over the memory that `bytes` are in, to which nobody else may refer any more. */
  give(bytes: Uint8Array): void {
    const buffer = new Uint8Array(bytes.buffer);
    if (buffer.length < BUFFER_BYTES_MIN || buffer.length > POOLED_BYTES_MAX) return;
    this.#free.push(buffer);
    this.#freeBytes += buffer.length;
    // The oldest go first: what is asked for now is what was given last.
    while (this.#freeBytes > POOLED_BYTES_MAX || this.#free.length > POOLED_COUNT_MAX) {
      this.#freeBytes -= this.#free.shift()?.length ?? 0;
    }
  }
}
