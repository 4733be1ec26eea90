/**
 * Which positions of one topic were acknowledged. Acknowledgements come in any order and more than
 * once; everything up to `position` is done, and beyond it there are islands.
 *
 * Invariants: islands are sorted, apart by at least one position, and all beyond `position + 1`.
 */
export type Range = readonly [from: number, to: number];

export class Acknowledged {
  #position: number;
  #islands: Range[];
  readonly #islandsMax: number;

  /** @param islandsMax the farthest islands above this many are forgotten: their events are sent again */
  constructor(options: { position: number; islands: readonly Range[]; islandsMax: number }) {
    this.#position = options.position;
    this.#islands = [...options.islands];
    this.#islandsMax = options.islandsMax;
  }

  get position(): number {
    return this.#position;
  }

  get islands(): readonly Range[] {
    return this.#islands;
  }

  /**
   * Adds acknowledged ranges, ends inclusive.
   * @param last the last position that was ever given: what lies beyond was never sent and is ignored
   * @returns true when anything changed
   */
  add(ranges: readonly Range[], last: number): boolean {
    const wanted: Range[] = [];
    for (const [from, to] of ranges) {
      const end = Math.min(to, last);
      if (end > this.#position && from <= end) wanted.push([from, end]);
    }
    if (wanted.length === 0) return false;
    const before = JSON.stringify(this.#islands);
    const position = this.#position;
    this.#merge(wanted);
    return position !== this.#position || before !== JSON.stringify(this.#islands);
  }

  /** Whether every position from `from` to `to` is acknowledged. */
  covers(from: number, to: number): boolean {
    if (to <= this.#position) return true;
    const start = Math.max(from, this.#position + 1);
    return this.#islands.some((island) => island[0] <= start && to <= island[1]);
  }

  /** How many of the positions from `from` to `to` are acknowledged. */
  within(from: number, to: number): number {
    let count = overlap([1, this.#position], from, to);
    for (const island of this.#islands) {
      if (island[0] > to) break;
      count += overlap(island, from, to);
    }
    return count;
  }

  /**
   * The last position that may be sent when at most `window` positions may be unacknowledged. One
   * event that is never acknowledged takes one place of the window, and stops nothing else.
   */
  windowEnd(window: number): number {
    let end = this.#position + window;
    for (const [from, to] of this.#islands) {
      if (from > end) break;
      end += to - from + 1;
    }
    return end;
  }

  #merge(wanted: readonly Range[]): void {
    const sorted = [...this.#islands, ...wanted].toSorted((a, b) => a[0] - b[0]);
    const islands: Range[] = [];
    for (const [from, to] of sorted) {
      const previous = islands.at(-1);
      if (from <= this.#position + 1) {
        this.#position = Math.max(this.#position, to);
      } else if (previous !== undefined && from <= previous[1] + 1) {
        islands[islands.length - 1] = [previous[0], Math.max(previous[1], to)];
      } else {
        islands.push([from, to]);
      }
    }
    this.#islands = islands.slice(0, this.#islandsMax);
  }
}

function overlap([first, last]: Range, from: number, to: number): number {
  return Math.max(0, Math.min(last, to) - Math.max(first, from) + 1);
}
