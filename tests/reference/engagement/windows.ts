/** Tumbling windows as the dataflows declare them: closed one second after their end, by the newest time so far. */
const GRACE_MS = 1000;

export class Windows<W> {
  readonly #lengthMs: number;
  readonly #empty: () => W;
  readonly #close: (window: W, startMs: number, endMs: number) => void;
  readonly #open = new Map<number, W>();
  #newestMs = -Infinity;

  constructor(
    lengthMs: number,
    options: { empty: () => W; close: (window: W, startMs: number, endMs: number) => void },
  ) {
    this.#lengthMs = lengthMs;
    this.#empty = options.empty;
    this.#close = options.close;
  }

  /** The open window of a time; `undefined` when the time comes late. */
  at(timeMs: number): W | undefined {
    const startMs = Math.floor(timeMs / this.#lengthMs) * this.#lengthMs;
    if (this.#isClosed(startMs)) return undefined;
    const window = this.#open.get(startMs) ?? this.#empty();
    this.#open.set(startMs, window);
    return window;
  }

  /** Closes what a time closes; to be called when all else is done with what came at it. */
  advance(timeMs: number): void {
    if (timeMs <= this.#newestMs) return;
    this.#newestMs = timeMs;
    this.#closeAll((startMs) => this.#isClosed(startMs));
  }

  finish(): void {
    this.#closeAll(() => true);
  }

  #isClosed(startMs: number): boolean {
    return this.#newestMs >= startMs + this.#lengthMs + GRACE_MS;
  }

  #closeAll(due: (startMs: number) => boolean): void {
    for (const startMs of [...this.#open.keys()].filter(due).toSorted((a, b) => a - b)) {
      const window = this.#open.get(startMs)!;
      this.#open.delete(startMs);
      this.#close(window, startMs, startMs + this.#lengthMs);
    }
  }
}
