/**
 * Where in a segment an offset is: one entry per stretch of bytes, so a read scans at most one
 * stretch of headers before it finds its batch.
 */

/** A stretch; small enough to scan in microseconds, large enough to keep 64 MiB in 4096 entries. */
const STRETCH_BYTES = 16 * 1024;

export class SparseIndex {
  readonly #offsets: number[] = [];
  readonly #positions: number[] = [];

  /** Notes a batch. Batches come in order. */
  add(baseOffset: number, position: number): void {
    const last = this.#positions.at(-1);
    if (last !== undefined && position - last < STRETCH_BYTES) return;
    this.#offsets.push(baseOffset);
    this.#positions.push(position);
  }

  /** A position at or before the batch that holds `offset`. */
  positionBefore(offset: number): number {
    let low = 0;
    let high = this.#offsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#offsets[middle] as number) <= offset) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : (this.#positions[low - 1] as number);
  }
}
