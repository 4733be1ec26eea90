/** Windows as the insights use them: `[start, end)`, aligned to the epoch. */

/** Length of every insight window, as the dataflows declare it. */
const WINDOW_MS = 5000;

export interface WindowBounds {
  readonly window_start: number;
  readonly window_end: number;
}

export function windowOf(timeMs: number): WindowBounds {
  const start = Math.floor(timeMs / WINDOW_MS) * WINDOW_MS;
  return { window_start: start, window_end: start + WINDOW_MS };
}

/** Items by the text of their key, in order of first appearance. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

/** To one decimal, half up, as the insights are written. */
export function oneDecimal(value: number): number {
  return Math.round(value * 10) / 10;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
