/** Windows as the insights use them: `[start, end)`, aligned to the epoch. */

/** Length of every insight window, as the dataflows declare it. */
export const WINDOW_MS = 5000;

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

/** Half away from zero, at the given number of decimals; written so that 1.005 is not lost to floats. */
export function round(value: number, decimals: number): number {
  const scaled = Math.round(Number(`${value}e${decimals}`));
  return Number(`${scaled}e-${decimals}`);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
