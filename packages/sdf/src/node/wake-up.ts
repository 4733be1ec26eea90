/** Lets loops wait until something may have changed. */
export class WakeUp {
  #waiting: (() => void)[] = [];

  /** Resolves at the next call of `now`. */
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  now(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
