/**
 * The world's agenda: who acts next. A binary heap in typed arrays, ordered by time and then by
 * order of entry, so that equal times never depend on the heap's layout.
 */

const FIRST_CAPACITY = 1024;

/** What a timer is for; its `index` says for whom. */
export const TIMER = {
  session: 0,
  server: 1,
  arrivals: 2,
  purchases: 3,
  plannedPurchase: 4,
  fraud: 5,
  lookAlike: 6,
  spike: 7,
  /** An account that meant to come back another time. */
  comeback: 8,
  /** An account whose connection broke a moment ago. */
  reconnect: 9,
  crash: 10,
} as const;

export type TimerKind = (typeof TIMER)[keyof typeof TIMER];

/** Kind and index share one 32-bit integer: room for 134 million sessions. */
const INDEX_BITS = 27;
const INDEX_MASK = 2 ** INDEX_BITS - 1;

export class Timers {
  #size = 0;
  #entered = 0;
  #time = new Float64Array(FIRST_CAPACITY);
  #order = new Float64Array(FIRST_CAPACITY);
  #entry = new Int32Array(FIRST_CAPACITY);

  get size(): number {
    return this.#size;
  }

  /** Time of the next timer in epoch milliseconds; infinite when there is none. */
  get nextMs(): number {
    return this.#size === 0 ? Infinity : (this.#time[0] ?? Infinity);
  }

  get nextKind(): TimerKind {
    return ((this.#entry[0] ?? 0) >>> INDEX_BITS) as TimerKind;
  }

  get nextIndex(): number {
    return (this.#entry[0] ?? 0) & INDEX_MASK;
  }

  add(timeMs: number, kind: TimerKind, index: number): void {
    if (this.#size === this.#time.length) this.#grow();
    this.#size += 1;
    this.#rise(this.#size - 1, timeMs, (kind << INDEX_BITS) | index);
  }

  /** Removes the next timer. */
  drop(): void {
    const last = this.#size - 1;
    this.#size = last;
    if (last > 0) {
      const order = this.#order[last] ?? 0;
      this.#sink(this.#time[last] ?? 0, order, this.#entry[last] ?? 0);
    }
  }

  /** Gives the next timer a later time: cheaper than removing and adding it. */
  postpone(timeMs: number): void {
    this.#entered += 1;
    this.#sink(timeMs, this.#entered, this.#entry[0] ?? 0);
  }

  clear(): void {
    this.#size = 0;
  }

  #rise(from: number, timeMs: number, entry: number): void {
    this.#entered += 1;
    const time = this.#time;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      // The newcomer entered last, so it passes a parent only with a smaller time.
      if (!(timeMs < (time[parent] ?? 0))) break;
      this.#copy(parent, at);
      at = parent;
    }
    this.#put(at, timeMs, this.#entered, entry);
  }

  #sink(timeMs: number, order: number, entry: number): void {
    const time = this.#time;
    const size = this.#size;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (
        child + 1 < size &&
        this.#precedes(child + 1, time[child] ?? 0, this.#order[child] ?? 0)
      ) {
        child += 1;
      }
      if (!this.#precedes(child, timeMs, order)) break;
      this.#copy(child, at);
      at = child;
    }
    this.#put(at, timeMs, order, entry);
  }

  #precedes(at: number, timeMs: number, order: number): boolean {
    const time = this.#time[at] ?? 0;
    return time < timeMs || (time === timeMs && (this.#order[at] ?? 0) < order);
  }

  #copy(from: number, to: number): void {
    this.#time[to] = this.#time[from] ?? 0;
    this.#order[to] = this.#order[from] ?? 0;
    this.#entry[to] = this.#entry[from] ?? 0;
  }

  #put(at: number, timeMs: number, order: number, entry: number): void {
    this.#time[at] = timeMs;
    this.#order[at] = order;
    this.#entry[at] = entry;
  }

  #grow(): void {
    const capacity = this.#time.length * 2;
    this.#time = copyInto(new Float64Array(capacity), this.#time);
    this.#order = copyInto(new Float64Array(capacity), this.#order);
    this.#entry = copyInto(new Int32Array(capacity), this.#entry);
  }
}

function copyInto<T extends Float64Array | Int32Array>(target: T, source: T): T {
  target.set(source);
  return target;
}
