/**
 * Seeded randomness. Every concern of the world draws from a stream of its own, so that more
 * purchases do not change where players walk. Not for secrets.
 */

const UINT32 = 4_294_967_296;
/** Rounds before the first number is used: the generator needs some to spread a small seed. */
const WARM_UP_ROUNDS = 16;

/** The sfc32 generator: 32 bits at a time, a period far beyond anything a game needs, and fast. */
export class Rng {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /**
   * @param seed any integer
   * @param stream names the concern; different names give unrelated numbers
   */
  constructor(seed: number, stream: string) {
    this.#a = seed | 0;
    this.#b = Math.trunc(seed / UINT32) | 0;
    this.#c = hashText(stream);
    for (let round = 0; round < WARM_UP_ROUNDS; round += 1) this.next();
  }

  /** A number in [0, 1). */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / UINT32;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  /** A number in [low, high). */
  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** An integer from low to high, both included. */
  integer(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A waiting time with this mean, as between independent events. */
  exponential(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }

  /** A number around 0 with standard deviation 1; the sum of four is close enough to normal. */
  normal(): number {
    return (this.next() + this.next() + this.next() + this.next() - 2) * Math.sqrt(3);
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    const found = list[this.below(list.length)];
    if (found === undefined) throw new RangeError("pick: the list is empty");
    return found;
  }
}

/** FNV-1a, 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash | 0;
}

/** Picks an index by weight: Walker's alias method, so the choice costs the same for any length. */
export class WeightedChoice {
  readonly #share: Float64Array;
  readonly #alias: Int32Array;

  /** @param weights at least one, none negative, not all zero */
  constructor(weights: readonly number[]) {
    const size = weights.length;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (!(total > 0)) throw new RangeError("WeightedChoice: needs a weight above 0");
    this.#share = new Float64Array(size);
    this.#alias = new Int32Array(size);
    const scaled = weights.map((weight) => (weight * size) / total);
    const small = indexesWhere(scaled, (weight) => weight < 1);
    const large = indexesWhere(scaled, (weight) => weight >= 1);
    while (small.length > 0 && large.length > 0) {
      const low = small.pop() ?? 0;
      const high = large.at(-1) ?? 0;
      this.#share[low] = scaled[low] ?? 0;
      this.#alias[low] = high;
      const left = (scaled[high] ?? 0) - 1 + (scaled[low] ?? 0);
      scaled[high] = left;
      if (left < 1) {
        large.pop();
        small.push(high);
      }
    }
    for (const index of [...small, ...large]) this.#share[index] = 1;
  }

  pick(rng: Rng): number {
    const spot = rng.next() * this.#share.length;
    const index = Math.floor(spot);
    return spot - index < (this.#share[index] ?? 1) ? index : (this.#alias[index] ?? index);
  }
}

function indexesWhere(values: readonly number[], test: (value: number) => boolean): number[] {
  return values.flatMap((value, index) => (test(value) ? [index] : []));
}

/** Weights of a list ordered by popularity: the k-th is 1 / k^exponent. */
export function zipfWeights(size: number, exponent: number): number[] {
  return Array.from({ length: size }, (_, rank) => (rank + 1) ** -exponent);
}
