/** Sends the clients' requests as careful clients do: in order, bounded, and again until settled. */
import { setTimeout as sleep } from "node:timers/promises";
import type { PlannedRequest } from "./game-clients.ts";
import type { EventsAnswer, PostAccount } from "./post-report.ts";

const ATTEMPT_MS_MAX = 15_000;
const BACKOFF_MS_MIN = 200;
const BACKOFF_MS_MAX = 5000;
/** How long `Retry-After` is believed. */
const RETRY_AFTER_MS_MAX = 30_000;
/** A request that is not settled by then is given up: an API that is restarted is back sooner. */
const GIVE_UP_MS = 120_000;
/** Requests that wait or are under way, per connection, before the world waits for them. */
const OPEN_PER_CONNECTION_MAX = 32;

/** The API refuses what every further request would carry too. */
class RefusedError extends Error {
  override readonly name = "RefusedError";
}

interface Attempt {
  /** Settled, or to be tried again after at least so long. */
  readonly retryAfterMs?: number;
}

export class Poster {
  readonly #base: string;
  readonly #key: string;
  readonly #connectionsMax: number;
  readonly #account: PostAccount;
  readonly #stop = new AbortController();
  /** The end of each client's line of requests. */
  readonly #lines = new Map<string, Promise<void>>();
  readonly #waitingForSlot: (() => void)[] = [];
  #slotsTaken = 0;
  #open = 0;
  #whenLessOpen = Promise.withResolvers<void>();
  #failure: { error: unknown } | undefined;

  constructor(options: { base: string; key: string; connections: number; account: PostAccount }) {
    this.#base = options.base;
    this.#key = options.key;
    this.#connectionsMax = options.connections;
    this.#account = options.account;
  }

  /** Takes requests; resolves when there is room for more. @throws when the API refuses them all */
  async post(requests: readonly PlannedRequest[]): Promise<void> {
    for (const request of requests) {
      while (this.#open >= this.#connectionsMax * OPEN_PER_CONNECTION_MAX) await this.#lessOpen();
      this.#throwFailure();
      this.#account.planned(request);
      this.#append(request);
    }
    this.#throwFailure();
  }

  /** Waits until every request is settled or given up. */
  async finish(): Promise<void> {
    while (this.#open > 0) await this.#lessOpen();
    this.#throwFailure();
  }

  /** Ends what is still under way. */
  close(): void {
    this.#stop.abort();
  }

  #append(request: PlannedRequest): void {
    this.#open += 1;
    const before = this.#lines.get(request.client) ?? Promise.resolve();
    const line = before
      .then(() => this.#deliver(request))
      .catch((error: unknown) => void (this.#failure ??= { error }))
      .finally(() => {
        this.#open -= 1;
        if (this.#lines.get(request.client) === line) this.#lines.delete(request.client);
        this.#whenLessOpen.resolve();
        this.#whenLessOpen = Promise.withResolvers();
      });
    this.#lines.set(request.client, line);
  }

  async #lessOpen(): Promise<void> {
    await this.#whenLessOpen.promise;
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #deliver(request: PlannedRequest): Promise<void> {
    const deadline = performance.now() + GIVE_UP_MS;
    let backoffMs = BACKOFF_MS_MIN;
    while (this.#failure === undefined) {
      const { retryAfterMs } = await this.#withSlot(() => this.#attempt(request));
      if (retryAfterMs === undefined) return;
      // Spread, so that clients that were turned away together do not come back together.
      const waitMs = Math.max(retryAfterMs, backoffMs * (0.5 + Math.random()));
      backoffMs = Math.min(backoffMs * 2, BACKOFF_MS_MAX);
      if (performance.now() + waitMs > deadline || this.#stop.signal.aborted) break;
      this.#account.retry();
      await sleep(waitMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
    this.#account.giveUp(request);
  }

  async #attempt(request: PlannedRequest): Promise<Attempt> {
    const startedMs = performance.now();
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${this.#base}/v1/events/${request.topic}`, {
        method: "POST",
        headers: { "content-type": request.contentType, authorization: `Bearer ${this.#key}` },
        body: request.body,
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(ATTEMPT_MS_MAX)]),
      });
      text = await response.text();
    } catch {
      this.#account.noAnswer();
      return { retryAfterMs: 0 };
    }
    this.#account.status(response.status, performance.now() - startedMs);
    return this.#settle(request, response, text);
  }

  #settle(request: PlannedRequest, response: Response, text: string): Attempt {
    const { status } = response;
    if (status === 429 || status >= 500) return { retryAfterMs: askedWaitMs(response) };
    const answer = readAnswer(text);
    if ((status === 202 || status === 400) && answer !== undefined) {
      this.#account.settle(request, answer);
      return {};
    }
    const said = text.slice(0, 300);
    if (status === 401 || status === 403 || status === 404) {
      throw new RefusedError(`the API answers ${status}: ${said}. Look at the address and --key.`);
    }
    this.#account.problem(`a request to ${request.topic} was answered ${status}: ${said}`);
    this.#account.giveUp(request);
    return {};
  }

  async #withSlot<T>(work: () => Promise<T>): Promise<T> {
    if (this.#slotsTaken >= this.#connectionsMax) {
      await new Promise<void>((resolve) => this.#waitingForSlot.push(resolve));
    } else {
      this.#slotsTaken += 1;
    }
    try {
      return await work();
    } finally {
      // The slot goes straight to whoever has waited longest.
      const next = this.#waitingForSlot.shift();
      if (next === undefined) this.#slotsTaken -= 1;
      else next();
    }
  }
}

/** How long the API asks to be left alone; 0 when it does not say. */
function askedWaitMs(response: Response): number {
  const seconds = Number(response.headers.get("retry-after") ?? 0);
  return seconds > 0 ? Math.min(seconds * 1000, RETRY_AFTER_MS_MAX) : 0;
}

/** @returns `undefined` when the answer does not say what became of the events */
function readAnswer(text: string): EventsAnswer | undefined {
  try {
    const { accepted, duplicates, rejected } = JSON.parse(text) as Partial<EventsAnswer>;
    if (typeof accepted !== "number" || typeof duplicates !== "number") return undefined;
    return Array.isArray(rejected) ? { accepted, duplicates, rejected } : undefined;
  } catch {
    return undefined;
  }
}
