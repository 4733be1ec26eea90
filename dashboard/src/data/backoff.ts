/** Pauses between attempts: doubling, bounded, spread so that a thousand walls do not return at once. */
export const BACKOFF = { firstMs: 500, maxMs: 5_000 } as const;

/**
 * @param attempt 0 for the first retry
 * @param random in [0, 1)
 */
export function backoffMs(attempt: number, random: number): number {
  const full = Math.min(BACKOFF.maxMs, BACKOFF.firstMs * 2 ** Math.min(attempt, 16));
  return Math.round(full * (0.5 + random / 2));
}
