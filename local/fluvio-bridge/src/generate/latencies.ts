/** Percentiles of many times in little memory: counted in buckets that are 2 % wide. */

const WIDTH = Math.log(1.02);
/** Anything faster counts as this. */
const MS_MIN = 0.05;

export class Latencies {
  readonly #buckets: number[] = [];
  #count = 0;
  #maxMs = 0;

  add(ms: number): void {
    const bucket = Math.floor(Math.log(Math.max(ms, MS_MIN) / MS_MIN) / WIDTH);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count += 1;
    this.#maxMs = Math.max(this.#maxMs, ms);
  }

  get maxMs(): number {
    return tenths(this.#maxMs);
  }

  /**
   * The time that a share of all were not above, to 2 %; 0 without any.
   * @param share from 0 to 1
   */
  percentile(share: number): number {
    let left = share * this.#count;
    for (const [bucket, count] of this.#buckets.entries()) {
      left -= count ?? 0;
      if (left <= 0 && count !== undefined) {
        return tenths(Math.min(this.#maxMs, MS_MIN * Math.exp((bucket + 1) * WIDTH)));
      }
    }
    return 0;
  }
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
