/**
 * The fingerprints of recent events in flat arrays (open addressing): a million of them cost 24 MB
 * and no work for the garbage collector. It does not forget by itself: the owner makes a new one.
 */
const SLOTS_MIN = 4_096;
/** Slots per fingerprint at least: above half full, probes grow long. */
const LOAD_INVERSE = 2;

export class FingerprintSet {
  #slots = SLOTS_MIN;
  #low = new Uint32Array(SLOTS_MIN);
  #high = new Uint32Array(SLOTS_MIN);
  /** Seconds since the epoch. */
  #seen = new Uint32Array(SLOTS_MIN);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /**
   * Adds a fingerprint.
   * @param sinceS a twin seen before this second is forgotten
   * @returns false when it was there already, a duplicate
   */
  add(low: number, high: number, { nowS, sinceS }: { nowS: number; sinceS: number }): boolean {
    const slot = this.#find(low, high);
    if (this.#seen[slot] === 0) {
      this.#put(slot, { low, high, seenS: nowS });
      this.#size += 1;
      if (this.#size * LOAD_INVERSE > this.#slots) this.#grow();
      return true;
    }
    if ((this.#seen[slot] as number) >= sinceS) return false;
    this.#seen[slot] = nowS;
    return true;
  }

  #find(low: number, high: number): number {
    const mask = this.#slots - 1;
    let slot = (low ^ Math.imul(high, 0x9e3779b1)) & mask;
    while (this.#seen[slot] !== 0 && (this.#low[slot] !== low || this.#high[slot] !== high)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #put(slot: number, entry: { low: number; high: number; seenS: number }): void {
    this.#low[slot] = entry.low;
    this.#high[slot] = entry.high;
    this.#seen[slot] = entry.seenS;
  }

  #grow(): void {
    const low = this.#low;
    const high = this.#high;
    const seen = this.#seen;
    this.#slots *= 2;
    this.#low = new Uint32Array(this.#slots);
    this.#high = new Uint32Array(this.#slots);
    this.#seen = new Uint32Array(this.#slots);
    for (let i = 0; i < seen.length; i += 1) {
      const seenS = seen[i] as number;
      if (seenS === 0) continue;
      const entry = { low: low[i] as number, high: high[i] as number, seenS };
      this.#put(this.#find(entry.low, entry.high), entry);
    }
  }
}
