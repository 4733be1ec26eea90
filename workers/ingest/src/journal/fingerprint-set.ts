/**
 * The fingerprints of recent events in one flat array (open addressing): a million of them cost 25 MB,
 * one visit to memory each, and no work for the garbage collector.
 *
 * There are two generations. When the young one is full it becomes the old one, and what was the old
 * one is forgotten at once: no pause to sort out who may stay.
 */
const SLOTS_MIN = 4_096;
/** A slot's words: low, high, and the second it was seen (0: empty). They lie together. */
const WORDS = 3;
/** Share of the slots that may be taken: above it, probes grow long. */
const LOAD_MAX = 0.75;

/** Since when a fingerprint counts as seen, and what is noted for it now. Seconds since the epoch. */
export interface Span {
  readonly nowS: number;
  readonly sinceS: number;
}

export class FingerprintSet {
  readonly #generationMax: number;
  #young = new Generation();
  #old = new Generation();

  /** @param sizeMax at least half as many are remembered, at most as many */
  constructor(sizeMax: number) {
    this.#generationMax = Math.ceil(sizeMax / 2);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /**
   * Brings the places of fingerprints into the processor's cache: visited one after another without
   * looking at what is there, many of these visits to memory go on at once.
   * @param fingerprints pairs of words
   */
  touch(fingerprints: Uint32Array): number {
    return this.#young.touch(fingerprints) | this.#old.touch(fingerprints);
  }

  /**
   * Adds a fingerprint; one seen before the span is forgotten and added anew.
   * @returns false when it was there already, a duplicate
   */
  add(low: number, high: number, span: Span): boolean {
    if (this.#old.has(low, high, span.sinceS)) return false;
    if (!this.#young.add(low, high, span)) return false;
    if (this.#young.size >= this.#generationMax) {
      this.#old = this.#young;
      // It will be as full as this one.
      this.#young = new Generation(this.#old.slots);
    }
    return true;
  }
}

class Generation {
  #slots: number;
  #table: Uint32Array;
  size = 0;

  constructor(slots = SLOTS_MIN) {
    this.#slots = slots;
    this.#table = new Uint32Array(slots * WORDS);
  }

  get slots(): number {
    return this.#slots;
  }

  touch(fingerprints: Uint32Array): number {
    if (this.size === 0) return 0;
    const table = this.#table;
    const mask = this.#slots - 1;
    let seen = 0;
    for (let i = 0; i + 1 < fingerprints.length; i += 2) {
      seen |= table[home(fingerprints[i] as number, fingerprints[i + 1] as number, mask)] as number;
    }
    return seen;
  }

  has(low: number, high: number, sinceS: number): boolean {
    if (this.size === 0) return false;
    const seenS = this.#table[this.#find(low, high) + 2] as number;
    return seenS !== 0 && seenS >= sinceS;
  }

  add(low: number, high: number, { nowS, sinceS }: Span): boolean {
    const at = this.#find(low, high);
    const seenS = this.#table[at + 2] as number;
    if (seenS !== 0 && seenS >= sinceS) return false;
    this.#table[at] = low;
    this.#table[at + 1] = high;
    this.#table[at + 2] = nowS;
    if (seenS !== 0) return true;
    this.size += 1;
    if (this.size > this.#slots * LOAD_MAX) this.#grow();
    return true;
  }

  /** Where the fingerprint is, or where it would be put. */
  #find(low: number, high: number): number {
    const table = this.#table;
    const last = table.length - WORDS;
    let at = home(low, high, this.#slots - 1);
    while (table[at + 2] !== 0 && (table[at] !== low || table[at + 1] !== high)) {
      at = at === last ? 0 : at + WORDS;
    }
    return at;
  }

  #grow(): void {
    const before = this.#table;
    this.#slots *= 2;
    this.#table = new Uint32Array(this.#slots * WORDS);
    for (let from = 0; from < before.length; from += WORDS) {
      if (before[from + 2] === 0) continue;
      const at = this.#find(before[from] as number, before[from + 1] as number);
      this.#table[at] = before[from] as number;
      this.#table[at + 1] = before[from + 1] as number;
      this.#table[at + 2] = before[from + 2] as number;
    }
  }
}

/** Where a fingerprint is, unless others are in its place. */
function home(low: number, high: number, mask: number): number {
  return ((low ^ Math.imul(high, 0x9e3779b1)) & mask) * WORDS;
}
