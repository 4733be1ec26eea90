/**
 * Buffers of batches that the server has, for the next batches: memory that is already there and
 * already in the cache. Any size will do, as a batch grows when it must.
 */
const POOLED_BYTES_MAX = 8 * 1024 * 1024;

export class BufferPool {
  readonly #free: Uint8Array[] = [];
  #freeBytes = 0;

  /** The buffer that was given last; `undefined` when there is none. */
  take(): Uint8Array | undefined {
    const buffer = this.#free.pop();
    if (buffer !== undefined) this.#freeBytes -= buffer.length;
    return buffer;
  }

  /** Takes over a buffer, to which nobody else may refer any more. */
  give(buffer: Uint8Array): void {
    if (this.#freeBytes + buffer.length > POOLED_BYTES_MAX) return;
    this.#free.push(buffer);
    this.#freeBytes += buffer.length;
  }
}
