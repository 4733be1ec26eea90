/** A record did not get into the topic. */
export class SendError extends Error {
  override readonly name = "SendError";
}

/**
 * Limits what has been sent and not yet acknowledged. Who wants to send more waits here, and while
 * it waits it does not read its socket: so a slow topic slows the server at the other end down.
 */
export class InFlight {
  readonly #limits: { readonly recordsMax: number; readonly bytesMax: number };
  readonly #onSettled: (outcome: { ok: boolean }) => void;
  #records = 0;
  #bytes = 0;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(
    limits: { recordsMax: number; bytesMax: number },
    onSettled: (outcome: { ok: boolean }) => void,
  ) {
    this.#limits = limits;
    this.#onSettled = onSettled;
  }

  /**
   * Waits until there is room, then starts the send without waiting for its end.
   * @throws {SendError} when an earlier send has failed
   */
  async send(bytes: number, start: () => Promise<unknown>): Promise<void> {
    while (this.#isFull(bytes)) await this.#settled();
    this.#throwFailure();
    this.#records += 1;
    this.#bytes += bytes;
    start().then(
      () => this.#settle(bytes),
      (error: unknown) => this.#settle(bytes, { error }),
    );
  }

  /** Waits until nothing is in flight. @throws {SendError} when a send has failed */
  async drained(): Promise<void> {
    while (this.#records > 0) await this.#settled();
    this.#throwFailure();
  }

  #isFull(bytes: number): boolean {
    if (this.#records === 0 || this.#failure !== undefined) return false;
    return this.#records >= this.#limits.recordsMax || this.#bytes + bytes > this.#limits.bytesMax;
  }

  #settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #settle(bytes: number, failure?: { readonly error: unknown }): void {
    this.#records -= 1;
    this.#bytes -= bytes;
    this.#failure ??= failure;
    this.#onSettled({ ok: failure === undefined });
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #throwFailure(): void {
    if (this.#failure === undefined) return;
    throw new SendError("the topic did not take a record", { cause: this.#failure.error });
  }
}
