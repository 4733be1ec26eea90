/** A record did not get into the topic. */
export class SendError extends Error {
  override readonly name = "SendError";
}

export interface InFlightOptions {
  readonly recordsMax: number;
  readonly bytesMax: number;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
  /** @param records how many were sent together */
  readonly onSettled: (outcome: { ok: boolean; records: number }) => void;
}

/** Of records that are sent together. */
export interface Size {
  readonly records: number;
  readonly bytes: number;
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
  async send(size: Size, start: () => Promise<unknown>): Promise<void> {
    while (this.#isFull(size) && !this.#options.signal.aborted) await this.#change();
    this.#throwFailure();
    if (this.#isFull(size)) return;
    this.#records += size.records;
    this.#bytes += size.bytes;
    start().then(
      () => this.#settle(size),
      (error: unknown) => this.#settle(size, { error }),
    );
  }

  /** Waits until nothing is in flight, or it is stopped. @throws {SendError} when a send has failed */
  async drained(): Promise<void> {
    while (this.#records > 0 && !this.#options.signal.aborted) await this.#change();
    this.#throwFailure();
  }

  #isFull({ records, bytes }: Size): boolean {
    if (this.#records === 0 || this.#failure !== undefined) return false;
    const { recordsMax, bytesMax } = this.#options;
    return this.#records + records > recordsMax || this.#bytes + bytes > bytesMax;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #settle({ records, bytes }: Size, failure?: { readonly error: unknown }): void {
    this.#records -= records;
    this.#bytes -= bytes;
    this.#failure ??= failure;
    this.#options.onSettled({ ok: failure === undefined, records });
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
