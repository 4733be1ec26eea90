/** What a network does to events: most wait less than a window's grace, some much longer, some come twice. */
import { seededRandom } from "../e2e/known-events.ts";

const SHORT_MS_MAX = 900;
const LONG_MS_MAX = 15_000;
const LONG_SHARE = 0.005;
const TWICE_SHARE = 0.01;

export class Disorder {
  readonly #random: () => number;
  #waiting: { readonly atMs: number; readonly line: string }[] = [];

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** Takes what was sent at a time. */
  send(lines: readonly string[], nowMs: number): void {
    for (const line of lines) {
      const copies = this.#random() < TWICE_SHARE ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) {
        const most = this.#random() < LONG_SHARE ? LONG_MS_MAX : SHORT_MS_MAX;
        this.#waiting.push({ atMs: nowMs + this.#random() * most, line });
      }
    }
  }

  /** What has arrived by a time, in the order of arrival. */
  receive(nowMs: number): string[] {
    const arrived = this.#waiting.filter(({ atMs }) => atMs <= nowMs);
    this.#waiting = this.#waiting.filter(({ atMs }) => atMs > nowMs);
    return arrived.toSorted((a, b) => a.atMs - b.atMs).map(({ line }) => line);
  }
}
