/**
 * Writes a dataflow's outputs to one topic, in order, and keeps each until the server has
 * acknowledged it. A send that fails is tried again with growing pauses until it succeeds or the
 * writer is stopped: outputs wait, they are not lost. So an output may arrive twice, never not at all.
 */
/** Outputs under way at once; the next chunk starts when this one is acknowledged. */
const CHUNK_RECORDS_MAX = 1_000;
const RETRY_MS_FIRST = 100;
const RETRY_MS_MAX = 5_000;

export interface Output {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array;
  /** Where it goes; without it the producer chooses. */
  readonly partition?: number;
}

/** Where outputs go. Resolves when the server has the record on disk. */
export interface OutputProducer {
  send(record: Output): Promise<unknown>;
}

export interface SinkWriterOptions {
  readonly producer: OutputProducer;
  /** Called after each failed chunk, before the pause. */
  readonly onFailure: (error: unknown, failed: number) => void;
  /** An error that no repetition will cure, such as a record too long; that output is given up. */
  readonly isHopeless: (error: unknown) => boolean;
  readonly onGivenUp: (error: unknown) => void;
  /** Awaited before each chunk: outputs may not leave before what made them is on disk. */
  readonly isReady?: () => Promise<void>;
  /** Called when outputs were acknowledged. */
  readonly onProgress: () => void;
}

export class SinkWriter {
  readonly #options: SinkWriterOptions;
  #queue: Output[] = [];
  #pushed = 0;
  #settled = 0;
  #waiters: { mark: number; resolve: (acknowledged: boolean) => void }[] = [];
  #running = false;
  #stopped = false;
  #wake: (() => void) | undefined;

  constructor(options: SinkWriterOptions) {
    this.#options = options;
  }

  /** Outputs not acknowledged yet. */
  get pending(): number {
    return this.#pushed - this.#settled;
  }

  /** Outputs given to it. */
  get total(): number {
    return this.#pushed;
  }

  push(record: Output): void {
    this.#queue.push(record);
    this.#pushed += 1;
    if (!this.#running) void this.#run();
  }

  /** Resolves with true when everything pushed before this call is acknowledged, with false when stopped before. */
  settled(): Promise<boolean> {
    const mark = this.#pushed;
    if (this.#settled >= mark) return Promise.resolve(true);
    if (this.#stopped) return Promise.resolve(false);
    return new Promise((resolve) => this.#waiters.push({ mark, resolve }));
  }

  /** Gives up what is pending; after a restart it comes again from the checkpoint. */
  stop(): void {
    this.#stopped = true;
    for (const waiter of this.#waiters) waiter.resolve(false);
    this.#waiters = [];
    this.#wake?.();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#queue.length > 0 && !this.#stopped) {
      const chunk = this.#queue.slice(0, CHUNK_RECORDS_MAX);
      this.#queue = this.#queue.slice(CHUNK_RECORDS_MAX);
      await this.#writeChunk(chunk);
    }
    this.#running = false;
  }

  async #writeChunk(chunk: readonly Output[]): Promise<void> {
    let remaining = chunk;
    let pauseMs = RETRY_MS_FIRST;
    while (remaining.length > 0 && !this.#stopped) {
      const results = await this.#send(remaining);
      // What was given up comes again after the next start.
      if (this.#stopped) return;
      const failed: Output[] = [];
      let lastError: unknown;
      for (const [index, result] of results.entries()) {
        if (result.status === "fulfilled") continue;
        if (this.#options.isHopeless(result.reason)) {
          this.#options.onGivenUp(result.reason);
          continue;
        }
        failed.push(remaining[index] as Output);
        lastError = result.reason;
      }
      this.#advance(remaining.length - failed.length);
      remaining = failed;
      if (failed.length > 0) {
        this.#options.onFailure(lastError, failed.length);
        await this.#pause(pauseMs);
        pauseMs = Math.min(pauseMs * 2, RETRY_MS_MAX);
      }
    }
  }

  async #send(outputs: readonly Output[]): Promise<PromiseSettledResult<unknown>[]> {
    const { isReady, producer } = this.#options;
    try {
      await isReady?.();
    } catch (reason) {
      return outputs.map(() => ({ status: "rejected", reason }));
    }
    if (this.#stopped) return [];
    return Promise.allSettled(outputs.map(async (output) => producer.send(output)));
  }

  #advance(count: number): void {
    if (count === 0) return;
    this.#settled += count;
    this.#waiters = this.#waiters.filter((waiter) => {
      if (waiter.mark > this.#settled) return true;
      waiter.resolve(true);
      return false;
    });
    this.#options.onProgress();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
