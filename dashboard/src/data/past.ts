/**
 * What is on show while the page is paused: the insights as they were, and whatever older history
 * the reader scrubs back to.
 */
import type { Config } from "../config.ts";
import type { Span } from "../model/windows.ts";
import { Archive } from "./archive.ts";
import { PUNCTUAL_TOPICS, type ShownMessage } from "./shown-topics.ts";
import { applyMessages, EMPTY_STATE, type InsightState } from "./store.ts";

/** Length of history kept while scrubbing; beyond it the page begins anew where the reader is. */
const KEPT_MS_MAX = 2 * 60 * 60_000;

export class Past {
  readonly #config: Config;
  #state: InsightState;
  #archive: Archive;
  #held: Span;
  #version = 0;

  constructor(config: Config, state: InsightState) {
    this.#config = config;
    this.#state = state;
    this.#archive = this.#newArchive();
    this.#held = heldSpan(state);
  }

  get state(): InsightState {
    return this.#state;
  }

  /** Grows whenever the state has changed. */
  get version(): number {
    return this.#version;
  }

  get reading(): boolean {
    return this.#archive.reading;
  }

  get failure(): string {
    return this.#archive.failure;
  }

  /** Sees to it that the span can be shown. Returns at once. */
  want(span: Span): void {
    const all = {
      fromMs: Math.min(this.#held.fromMs, span.fromMs),
      toMs: Math.max(this.#held.toMs, span.toMs),
    };
    if (all.toMs - all.fromMs > KEPT_MS_MAX) {
      this.close();
      this.#state = EMPTY_STATE;
      this.#archive = this.#newArchive();
      this.#held = span;
    } else {
      if (span.fromMs >= this.#held.fromMs && span.toMs <= this.#held.toMs) return;
      this.#held = all;
    }
    this.#archive.want(span);
  }

  close(): void {
    this.#archive.close();
  }

  #newArchive(): Archive {
    return new Archive(this.#config, (messages) => this.#take(messages));
  }

  #take(messages: readonly ShownMessage[]): void {
    const nowMs = Date.now();
    this.#state = applyMessages(this.#state, messages, { nowMs, retentionMs: KEPT_MS_MAX * 2 });
    this.#version += 1;
  }
}

/** From the oldest to the newest window that a state has. */
function heldSpan(state: InsightState): Span {
  const slices = PUNCTUAL_TOPICS.map((topic) => state[topic]).filter(
    (slice) => slice.newestEndMs > 0,
  );
  if (slices.length === 0) return { fromMs: Number.POSITIVE_INFINITY, toMs: 0 };
  return {
    fromMs: Math.max(...slices.map((slice) => Math.min(...slice.windows.keys()))),
    toMs: Math.max(...slices.map((slice) => slice.newestEndMs)),
  };
}
