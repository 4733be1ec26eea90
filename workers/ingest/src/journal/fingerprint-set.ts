/**
 * The fingerprints of recent events in flat arrays: a million of them cost 20 MB, and no work for the
 * garbage collector. They stand in a log in the order of their coming; a table of one word per slot
 * (open addressing) says where in the log. For an id that is new one visit to the table is all.
 *
 * There are two generations. When the young one is full it becomes the old one, and what was the old
 * one is forgotten at once: no pause to sort out who may stay.
 */
const SLOTS_MIN = 4_096;
/** Share of the slots that may be taken: above it, probes grow long. */
const LOAD_MAX = 0.5;
/** A full table grows so many times over: every growth visits the place of each fingerprint anew. */
const GROWTH = 8;
/** Words of an entry of the log: low, high, and the second it was seen. */
const WORDS = 3;
/** A slot holds the place in the log, counted from 1 (0: the slot is empty), below some bits of the fingerprint. */
const PLACE_BITS = 24;
const PLACE_MASK = (1 << PLACE_BITS) - 1;

/** Since when a fingerprint counts as seen, and what is noted for it now. Seconds since the epoch. */
export interface Span {
  readonly nowS: number;
  readonly sinceS: number;
}

export class FingerprintSet {
  readonly #generationMax: number;
  #young: Generation;
  #old: Generation;

  /** @param sizeMax at least half as many are remembered, at most as many; up to 32 million */
  constructor(sizeMax: number) {
    this.#generationMax = Math.min(Math.ceil(sizeMax / 2), PLACE_MASK);
    this.#young = new Generation(this.#generationMax);
    this.#old = new Generation(this.#generationMax);
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
      this.#young = new Generation(this.#generationMax, this.#old.slots);
    }
    return true;
  }
}

class Generation {
  #slots: Uint32Array;
  #log: Uint32Array;
  readonly #slotsMax: number;
  size = 0;

  /** @param sizeMax it is never asked to hold more */
  constructor(sizeMax: number, slots = SLOTS_MIN) {
    this.#slotsMax = 2 ** Math.ceil(Math.log2(sizeMax / LOAD_MAX + 1));
    this.#slots = new Uint32Array(slots);
    this.#log = new Uint32Array(slots * LOAD_MAX * WORDS);
  }

  get slots(): number {
    return this.#slots.length;
  }

  touch(fingerprints: Uint32Array): number {
    if (this.size === 0) return 0;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let seen = 0;
    for (let i = 0; i + 1 < fingerprints.length; i += 2) {
      seen |= slots[home(fingerprints[i] as number, fingerprints[i + 1] as number, mask)] as number;
    }
    return seen;
  }

  has(low: number, high: number, sinceS: number): boolean {
    if (this.size === 0) return false;
    const place = (this.#slots[this.#find(low, high)] as number) & PLACE_MASK;
    return place !== 0 && (this.#log[place * WORDS - 1] as number) >= sinceS;
  }

  add(low: number, high: number, { nowS, sinceS }: Span): boolean {
    const slot = this.#find(low, high);
    const place = (this.#slots[slot] as number) & PLACE_MASK;
    if (place !== 0) {
      if ((this.#log[place * WORDS - 1] as number) >= sinceS) return false;
      this.#log[place * WORDS - 1] = nowS;
      return true;
    }
    const log = this.#log;
    const at = this.size * WORDS;
    log[at] = low;
    log[at + 1] = high;
    log[at + 2] = nowS;
    this.size += 1;
    this.#slots[slot] = marksOf(high) | this.size;
    if (this.size === this.#slots.length * LOAD_MAX) this.#grow();
    return true;
  }

  /** The slot of the fingerprint, or the empty one that it would be put into. */
  #find(low: number, high: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const marks = marksOf(high);
    let slot = home(low, high, mask);
    for (let found = slots[slot] as number; found !== 0; found = slots[slot] as number) {
      // The marks are compared first: the log lies elsewhere in memory.
      if ((found & ~PLACE_MASK) === marks) {
        const at = ((found & PLACE_MASK) - 1) * WORDS;
        if (this.#log[at] === low && this.#log[at + 1] === high) break;
      }
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const { length } = this.#slots;
    const slots = new Uint32Array(Math.max(length * 2, Math.min(length * GROWTH, this.#slotsMax)));
    const log = new Uint32Array(slots.length * LOAD_MAX * WORDS);
    log.set(this.#log);
    const mask = slots.length - 1;
    for (let place = 1; place <= this.size; place += 1) {
      const at = (place - 1) * WORDS;
      const high = log[at + 1] as number;
      let slot = home(log[at] as number, high, mask);
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = marksOf(high) | place;
    }
    this.#slots = slots;
    this.#log = log;
  }
}

/** The bits of a fingerprint that stand in its slot. */
function marksOf(high: number): number {
  return high & ~PLACE_MASK;
}

/** Where a fingerprint is, unless others are in its place. */
function home(low: number, high: number, mask: number): number {
  return (low ^ Math.imul(high, 0x9e3779b1)) & mask;
}
