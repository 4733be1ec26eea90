/**
 * Limits requests per key and per address. Counted in this isolate's memory: no call, no wait. So a
 * limit holds per isolate, of which Cloudflare runs one or few in a place; it keeps a broken client or
 * a flood from one address away from the Journal, and is no quota to bill by.
 */
import { INGEST_LIMITS } from "../limits.ts";
import { Problem } from "../problem.ts";

const MS_PER_S = 1_000;

export class RateLimit {
  readonly #what: string;
  #windowStartMs = 0;
  readonly #counts = new Map<string, number>();

  /** @param what is limited, in words */
  constructor(what: string) {
    this.#what = what;
  }

  /**
   * Counts a request.
   * @param perSecond 0: no limit
   * @throws Problem `rate_limited`, with the seconds after which to try again
   */
  count(who: string, { perSecond, nowMs }: { perSecond: number; nowMs: number }): void {
    if (perSecond === 0) return;
    const windowMs = INGEST_LIMITS.rateWindowMs;
    if (nowMs >= this.#windowStartMs + windowMs || this.#counts.size > INGEST_LIMITS.rateNamesMax) {
      this.#counts.clear();
      this.#windowStartMs = nowMs;
    }
    const count = (this.#counts.get(who) ?? 0) + 1;
    this.#counts.set(who, count);
    if (count <= (perSecond * windowMs) / MS_PER_S) return;
    const leftMs = this.#windowStartMs + windowMs - nowMs;
    const retryAfter = Math.max(1, Math.ceil(leftMs / MS_PER_S));
    throw new Problem(
      "rate_limited",
      `More than ${perSecond} requests per second came ${this.#what}. Keep the events, wait ${retryAfter} s, and send more of them per request.`,
      { expected: `at most ${perSecond} requests per second`, retry_after: retryAfter },
    );
  }
}
