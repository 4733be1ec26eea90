/**
 * One connection to carbon's plaintext port. Carbon never answers, so a write that has gone well
 * says only that this machine's kernel has it. What carbon has read is known at one moment: when it
 * closes the connection in answer to our end of it, it has read everything before that end.
 */
import { connect, type Socket } from "node:net";

const CONNECT_MS_MAX = 5_000;
/** How long carbon may take to read what is left and close. */
const FAREWELL_MS_MAX = 5_000;

export class CarbonConnection {
  readonly #socket: Socket;
  readonly #closed: Promise<void>;
  #broken = false;
  #ending = false;

  private constructor(socket: Socket, onLost: () => void) {
    this.#socket = socket;
    this.#closed = new Promise((resolve) => {
      socket.once("close", () => {
        if (!this.#ending) this.#broken = true;
        resolve();
        if (this.#broken) onLost();
      });
    });
    socket.on("error", () => (this.#broken = true));
    // Carbon says nothing; but that it ends the connection is heard.
    socket.on("end", () => socket.destroy());
    socket.resume();
  }

  /**
   * @param onLost carbon has closed the connection, or it broke: what was written may not have come
   * @throws {Error} when there is nobody to connect to
   */
  static open(
    { host, port }: { readonly host: string; readonly port: number },
    onLost: () => void,
  ): Promise<CarbonConnection> {
    const { promise, resolve, reject } = Promise.withResolvers<CarbonConnection>();
    const socket = connect({ host, port, timeout: CONNECT_MS_MAX });
    const refuse = (cause: unknown): void =>
      reject(new Error(`no connection to carbon at ${host}:${port}`, { cause }));
    socket.once("error", refuse);
    socket.once("timeout", () => socket.destroy(new Error("no answer in time")));
    socket.once("connect", () => {
      socket.off("error", refuse);
      socket.setTimeout(0);
      socket.setNoDelay(true);
      resolve(new CarbonConnection(socket, onLost));
    });
    return promise;
  }

  get isUsable(): boolean {
    return !this.#broken && !this.#ending && this.#socket.writable;
  }

  /** Hands text to the kernel. */
  async write(text: string): Promise<void> {
    if (!this.isUsable) throw new Error("carbon closed the connection");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#socket.write(text, (error) => (error ? reject(error) : resolve()));
    // A write that waits for a full buffer is not called back when the socket is destroyed.
    await Promise.race([
      promise,
      this.#closed.then(() => {
        throw new Error("carbon closed the connection");
      }),
    ]);
  }

  /** Ends the connection. @returns whether carbon has read everything that was written */
  async farewell(): Promise<boolean> {
    if (!this.isUsable) return false;
    this.#ending = true;
    const timer = setTimeout(() => {
      this.#broken = true;
      this.#socket.destroy();
    }, FAREWELL_MS_MAX);
    this.#socket.end();
    await this.#closed;
    clearTimeout(timer);
    return !this.#broken;
  }

  /** Lets go of it without waiting. */
  close(): void {
    this.#ending = true;
    this.#socket.end();
  }

  /** Cuts it off, a write that waits too. */
  drop(): void {
    this.#socket.destroy();
  }
}
