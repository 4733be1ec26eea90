/** A record did not get into the topic. */
export class SendError extends Error {
  override readonly name = "SendError";
}

export interface InFlightOptions {
  readonly recordsMax: number;
  readonly bytesMax: number;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
  readonly onSettled: (outcome: { ok: boolean }) => void;
}

/**
 * Limits what has been sent and not yet acknowledged. Who wants to send more waits here, and while
 * it waits it does not read its socket: so a slow topic slows the server at the other end down.
 */
export class InFlight {
  readonly #options: InFlightOptions;
  #records = 0;
  #bytes = 0;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(options: InFlightOptions) {
    this.#options = options;
    options.signal.addEventListener("abort", () => this.#wakeUp());
  }

  /**
   * Waits until there is room, then starts the send without waiting for its end. When it is
   * stopped while waiting the record is left: nobody has acknowledged it, so it comes again.
   * @throws {SendError} when an earlier send has failed
   */
  async send(bytes: number, start: () => Promise<unknown>): Promise<void> {
    while (this.#isFull(bytes) && !this.#options.signal.aborted) await this.#change();
    this.#throwFailure();
    if (this.#isFull(bytes)) return;
    this.#records += 1;
    this.#bytes += bytes;
    start().then(
      () => this.#settle(bytes),
      (error: unknown) => this.#settle(bytes, { error }),
    );
  }

  /** Waits until nothing is in flight, or it is stopped. @throws {SendError} when a send has failed */
  async drained(): Promise<void> {
    while (this.#records > 0 && !this.#options.signal.aborted) await this.#change();
    this.#throwFailure();
  }

  #isFull(bytes: number): boolean {
    if (this.#records === 0 || this.#failure !== undefined) return false;
    const { recordsMax, bytesMax } = this.#options;
    return this.#records >= recordsMax || this.#bytes + bytes > bytesMax;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #settle(bytes: number, failure?: { readonly error: unknown }): void {
    this.#records -= 1;
    this.#bytes -= bytes;
    this.#failure ??= failure;
    this.#options.onSettled({ ok: failure === undefined });
    this.#wakeUp();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #throwFailure(): void {
    if (this.#failure === undefined) return;
    throw new SendError("the topic did not take a record", { cause: this.#failure.error });
  }
}
