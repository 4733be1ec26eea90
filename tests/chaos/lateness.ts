/**
 * Which records came in time for their window. By the newest time so far that is certain; silence closes
 * windows as well, and how long the dataflow saw a topic silent is known only to within a margin. So some
 * may have been in time or not: what was told has to lie between both.
 */
import { windowStart } from "../reference/arrivals.ts";
import type { ArrivalTime } from "./arrival-times.ts";

const GRACE_MS = 1000;
const IDLENESS_MS = 500;
/** The dataflow looks a little later than the run does, and not always equally late. */
const MARGIN_MS = 400;

/** A record as its topic holds it, and when it came there. */
export interface Arrived<E> extends ArrivalTime {
  readonly event: E;
  /** The event's time. */
  readonly timeMs: number;
}

export type Timeliness = "in time" | "perhaps" | "late";

/** When a window closed, as numbers of records: after the first of them at the earliest. */
export interface Closing {
  readonly earliest: number;
  readonly latest: number;
}

export class Lateness {
  readonly #lengthMs: number;
  readonly of: readonly Timeliness[];
  /** How far the watermark had come before each record: surely, and at most. */
  readonly #surely: number[] = [];
  readonly #atMost: number[] = [];

  constructor(arrived: readonly Arrived<unknown>[], lengthMs: number) {
    this.#lengthMs = lengthMs;
    let newestMs = -Infinity;
    let atMostMs = -Infinity;
    let before: Arrived<unknown> | undefined;
    for (const record of arrived) {
      if (before !== undefined) {
        const silentMs = record.arrivedMs - before.notBeforeMs + MARGIN_MS;
        const closingMs = windowStart(newestMs, lengthMs) + lengthMs + GRACE_MS;
        const reachedMs = silentMs >= IDLENESS_MS ? Math.min(closingMs, newestMs + silentMs) : 0;
        atMostMs = Math.max(atMostMs, newestMs, reachedMs);
      }
      this.#surely.push(newestMs);
      this.#atMost.push(atMostMs);
      newestMs = Math.max(newestMs, record.timeMs);
      before = record;
    }
    // At the end silence closes what is open.
    this.#surely.push(newestMs);
    this.#atMost.push(Infinity);
    this.of = arrived.map(({ timeMs }, index) => this.#timelinessOf(timeMs, index));
  }

  #closesAt(startMs: number): number {
    return startMs + this.#lengthMs + GRACE_MS;
  }

  #timelinessOf(timeMs: number, index: number): Timeliness {
    const closesMs = this.#closesAt(windowStart(timeMs, this.#lengthMs));
    if (this.#surely[index]! >= closesMs) return "late";
    return this.#atMost[index]! >= closesMs ? "perhaps" : "in time";
  }

  closingOf(startMs: number): Closing {
    const closesMs = this.#closesAt(startMs);
    const first = (marks: readonly number[]): number => {
      const index = marks.findIndex((mark) => mark >= closesMs);
      return index < 0 ? marks.length - 1 : index;
    };
    return { earliest: first(this.#atMost), latest: first(this.#surely) };
  }

  /** Whether it is certain at which record the window closed. */
  isCertain(startMs: number): boolean {
    const { earliest, latest } = this.closingOf(startMs);
    return earliest === latest;
  }
}
