/**
 * The same work in plain JavaScript, as one would write it for speed: JSON.parse of a Latin-1 slice
 * (the events are ASCII, so that is the fastest way to a string), a Map per window, a sort, JSON.stringify.
 */
import type { Chunk } from "./events.ts";

const WINDOW_MS = 5_000;

interface GameEvent {
  readonly player_id: string;
  readonly at_ms: number;
}

export class JavaScriptCounts {
  readonly #windows = new Map<number, Map<string, { count: number }>>();
  #watermark = Number.NEGATIVE_INFINITY;
  readonly outputs: string[] = [];

  process({ bytes, ends }: Chunk): void {
    let from = 0;
    for (const to of ends) {
      const event = JSON.parse(bytes.toString("latin1", from, to)) as GameEvent;
      from = to;
      const start = event.at_ms - (event.at_ms % WINDOW_MS);
      if (this.#watermark >= start + WINDOW_MS) continue;
      let counts = this.#windows.get(start);
      if (counts === undefined) this.#windows.set(start, (counts = new Map()));
      const row = counts.get(event.player_id);
      if (row === undefined) counts.set(event.player_id, { count: 1 });
      else row.count += 1;
      if (event.at_ms > this.#watermark) {
        this.#watermark = event.at_ms;
        if (this.#windows.size > 1) this.#flushDue();
      }
    }
  }

  finish(): void {
    this.#watermark = Number.POSITIVE_INFINITY;
    this.#flushDue();
  }

  #flushDue(): void {
    for (const [start, counts] of this.#windows) {
      if (this.#watermark < start + WINDOW_MS) continue;
      this.#windows.delete(start);
      const rows = Array.from(counts, ([player, { count }]) => ({ player, count }));
      rows.sort((a, b) => b.count - a.count);
      this.outputs.push(JSON.stringify(rows));
    }
  }
}
