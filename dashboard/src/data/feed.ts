/**
 * Keeps the store fed: the WebSocket for what happens, history for what happened before it opened.
 * The socket is opened first and history read after, so nothing falls between them; what comes
 * twice overwrites itself. Recovers by itself; never gives up.
 */
import { FIRST_TOPICS, SHOWN_TOPICS, type ShownMessage, type ShownTopic } from "./shown-topics.ts";
import { liveUrl, type Config } from "../config.ts";
import { backoffMs } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import { HistoryError, readHistory, type HistoryPage } from "./history.ts";
import { parseFrame } from "./parse-message.ts";
import { STORE_LIMITS } from "./store.ts";

/** History that is read before anything else, so that the page has something to show at once. */
const FIRST_LOOK_MS = 5 * 60 * 1000;
/** Read again before the newest window known: its last insights may be missing. */
const OVERLAP_MS = 30_000;
/** With nothing heard for this long the socket is suspected dead and history is asked. */
const QUIET_MS_MAX = 20_000;
/** A connection that lives this long was a good one: the next backoff starts from the bottom. */
const GOOD_AFTER_MS = 10_000;
const OPEN_TIMEOUT_MS = 10_000;

export interface FeedOptions {
  readonly config: Config;
  readonly pageOrigin: string;
  readonly onMessages: (messages: readonly ShownMessage[]) => void;
  readonly onConnection: (connection: Connection) => void;
  /** The server's clock minus this one's. */
  readonly onClock: (aheadMs: number) => void;
  /** End of the newest window known of a topic, or of any topic; 0 without one. */
  readonly newestEndMs: (topic?: ShownTopic) => number;
  /** The time on the server's clock. */
  readonly now: () => number;
}

export interface Feed {
  /** Do not wait for the backoff: the network is back, or the reader asks. */
  retryNow(): void;
  close(): void;
}

/** Starts feeding; returns at once. */
export function startFeed(options: FeedOptions): Feed {
  const closed = new AbortController();
  let wake: (() => void) | undefined;
  const pause = async (ms: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    wake = resolve;
    await promise;
    clearTimeout(timer);
  };
  void run(options, closed.signal, pause);
  return {
    retryNow: () => wake?.(),
    close: () => {
      closed.abort();
      wake?.();
    },
  };
}

async function run(
  options: FeedOptions,
  closed: AbortSignal,
  pause: (ms: number) => Promise<void>,
): Promise<void> {
  let attempt = 0;
  let everLive = false;
  options.onConnection({ kind: "connecting" });
  while (!closed.aborted) {
    const startedMs = options.now();
    const reason = await liveUntilLost(options, closed, { complete: !everLive }, () => {
      everLive = true;
      options.onConnection({ kind: "live" });
    });
    if (closed.aborted) return;
    const lostAtMs = options.now();
    attempt = lostAtMs - startedMs > GOOD_AFTER_MS ? 0 : attempt + 1;
    const waitMs = backoffMs(attempt, Math.random());
    const retryAtMs = lostAtMs + waitMs;
    options.onConnection(
      everLive && reason.recoverable
        ? { kind: "reconnecting", lostAtMs, retryAtMs, reason: reason.words }
        : { kind: "error", retryAtMs, reason: reason.words },
    );
    await pause(waitMs);
  }
}

interface Loss {
  readonly words: string;
  /** False when waiting alone will not help, such as a refused key. */
  readonly recoverable: boolean;
}

/** One connection, from opening to its end. Resolves with why it ended; never rejects. */
async function liveUntilLost(
  options: FeedOptions,
  closed: AbortSignal,
  history: { complete: boolean },
  onLive: () => void,
): Promise<Loss> {
  const ended = new AbortController();
  const signal = AbortSignal.any([closed, ended.signal]);
  const socket = new LiveSocket(options, signal);
  try {
    const nowMs = options.now();
    const gap = (topic: ShownTopic): number =>
      (options.newestEndMs(topic) || nowMs - FIRST_LOOK_MS) - OVERLAP_MS;
    const first = history.complete ? () => nowMs - FIRST_LOOK_MS : gap;
    // Asked in parallel with the handshake: it also tells why a handshake fails, which a browser hides.
    await readAll(options, { topics: FIRST_TOPICS, sinceMs: first }, signal);
    await socket.opened;
    // What was stored between the first answer and the opening of the socket.
    await readAll(options, { topics: FIRST_TOPICS, sinceMs: gap }, signal);
    onLive();
    const later = SHOWN_TOPICS.filter((topic) => !isFirst(topic));
    await readAll(options, { topics: later, sinceMs: first }, signal);
    if (history.complete) {
      const untilMs = nowMs - FIRST_LOOK_MS + OVERLAP_MS;
      const sinceMs = (): number => nowMs - STORE_LIMITS.retentionMs;
      await readAll(options, { topics: SHOWN_TOPICS, sinceMs, untilMs }, signal);
    }
    for (;;) {
      const quiet = await socket.lostOrQuiet();
      if (!quiet) return { words: "The live connection was lost.", recoverable: true };
      const sinceMs = (): number => options.newestEndMs() + 1;
      const heard = await readAll(options, { topics: FIRST_TOPICS, sinceMs }, signal);
      if (heard > 0) return { words: "The live connection went silent.", recoverable: true };
    }
  } catch (error) {
    if (error instanceof HistoryError) {
      return { words: error.message, recoverable: error.code === "unreachable" };
    }
    return { words: error instanceof Error ? error.message : String(error), recoverable: true };
  } finally {
    ended.abort();
  }
}

function isFirst(topic: ShownTopic): boolean {
  return (FIRST_TOPICS as readonly ShownTopic[]).includes(topic);
}

/** Reads a span of topics into the store. Returns the number of insights read. */
async function readAll(
  options: FeedOptions,
  span: {
    readonly topics: readonly ShownTopic[];
    readonly sinceMs: (topic: ShownTopic) => number;
    readonly untilMs?: number;
  },
  signal: AbortSignal,
): Promise<number> {
  let heard = 0;
  const onPage = (page: HistoryPage): void => {
    heard += page.messages.length;
    options.onClock(page.clockAheadMs);
    options.onMessages(page.messages);
  };
  const { untilMs } = span;
  await Promise.all(
    span.topics.map((topic) => {
      const sinceMs = Math.max(0, span.sinceMs(topic));
      const request = { topic, sinceMs, ...(untilMs === undefined ? {} : { untilMs }) };
      return readHistory(options.config, request, onPage, signal);
    }),
  );
  return heard;
}

/** The WebSocket as promises. */
class LiveSocket {
  readonly opened: Promise<void>;
  readonly #socket: WebSocket;
  readonly #now: () => number;
  #heardMs: number;

  constructor(options: FeedOptions, signal: AbortSignal) {
    this.#now = options.now;
    this.#heardMs = options.now();
    const socket = new WebSocket(liveUrl(options.config, options.pageOrigin), [
      "arenaflow.v1",
      `bearer.${options.config.readKey}`,
    ]);
    this.#socket = socket;
    this.opened = new Promise((resolve, reject) => {
      socket.addEventListener("open", () => resolve(), { once: true });
      const fail = (): void => reject(new Error("The live connection could not be opened."));
      socket.addEventListener("close", fail, { once: true });
      signal.addEventListener("abort", fail, { once: true });
      setTimeout(fail, OPEN_TIMEOUT_MS);
    });
    // Looked at later or never: history may fail first.
    this.opened.catch(() => undefined);
    socket.addEventListener("message", (event: MessageEvent<unknown>) => {
      this.#heardMs = this.#now();
      if (typeof event.data !== "string") return;
      const { messages } = parseFrame(event.data);
      options.onMessages(messages);
      const last = messages.at(-1);
      // Says how far this page has read: one that says nothing for long is taken to be too slow.
      if (last !== undefined && socket.readyState === WebSocket.OPEN) {
        socket.send(`{"seen":${last.position}}`);
      }
    });
    signal.addEventListener("abort", () => socket.close(), { once: true });
  }

  /** Waits until the socket is lost (false) or nothing was heard for a while (true). */
  async lostOrQuiet(): Promise<boolean> {
    const socket = this.#socket;
    for (;;) {
      if (socket.readyState !== WebSocket.OPEN) return false;
      const waitMs = this.#heardMs + QUIET_MS_MAX - this.#now();
      if (waitMs <= 0) {
        this.#heardMs = this.#now();
        return true;
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, waitMs);
        function done(): void {
          clearTimeout(timer);
          socket.removeEventListener("close", done);
          resolve();
        }
        socket.addEventListener("close", done);
      });
    }
  }
}
