/**
 * History beyond what the page keeps: read when the reader scrubs back, into a state of its own.
 * Spans that were read once are not asked for again as long as that state lives.
 */
import type { Config } from "../config.ts";
import type { Span } from "../model/windows.ts";
import { readHistory } from "./history.ts";
import { SHOWN_TOPICS, type ShownMessage } from "./shown-topics.ts";

/** Read in pieces of this length, so that scrubbing by small steps does not ask for each step. */
const PIECE_MS = 5 * 60_000;

/** The span in whole pieces. */
export function piecesOf(span: Span): number[] {
  const pieces: number[] = [];
  const first = Math.floor(span.fromMs / PIECE_MS) * PIECE_MS;
  for (let startMs = first; startMs < span.toMs; startMs += PIECE_MS) pieces.push(startMs);
  return pieces;
}

export class Archive {
  readonly #config: Config;
  readonly #onMessages: (messages: readonly ShownMessage[]) => void;
  readonly #read = new Set<number>();
  readonly #closed = new AbortController();
  #reading = 0;
  #failure = "";

  constructor(config: Config, onMessages: (messages: readonly ShownMessage[]) => void) {
    this.#config = config;
    this.#onMessages = onMessages;
  }

  /** True while an answer is awaited. */
  get reading(): boolean {
    return this.#reading > 0;
  }

  /** Why the last reading failed; empty when it did not. */
  get failure(): string {
    return this.#failure;
  }

  /** Reads what of the span has not been read yet. Returns at once. */
  want(span: Span): void {
    for (const startMs of piecesOf(span)) {
      if (this.#read.has(startMs)) continue;
      this.#read.add(startMs);
      void this.#readPiece(startMs);
    }
  }

  close(): void {
    this.#closed.abort();
  }

  async #readPiece(startMs: number): Promise<void> {
    this.#reading += 1;
    try {
      const span = { sinceMs: startMs, untilMs: startMs + PIECE_MS };
      await Promise.all(
        SHOWN_TOPICS.map((topic) =>
          readHistory(
            this.#config,
            { topic, ...span },
            ({ messages }) => this.#onMessages(messages),
            this.#closed.signal,
          ),
        ),
      );
      this.#failure = "";
    } catch (error) {
      if (this.#closed.signal.aborted) return;
      this.#failure = error instanceof Error ? error.message : String(error);
      this.#read.delete(startMs);
    } finally {
      this.#reading -= 1;
    }
  }
}

/** The start of the oldest window that the API still has, or `undefined` when it has none. */
export async function oldestKept(config: Config, signal: AbortSignal): Promise<number | undefined> {
  let oldestMs: number | undefined;
  // A first page is as large as a window; it is all that is asked for.
  const first = new AbortController();
  await readHistory(
    config,
    { topic: "revenue", sinceMs: 0, limit: 1 },
    ({ messages }) => {
      oldestMs ??= messages[0]?.value.window_start;
      first.abort();
    },
    AbortSignal.any([signal, first.signal]),
  ).catch((error: unknown) => {
    if (!first.signal.aborted) throw error;
  });
  return oldestMs;
}
