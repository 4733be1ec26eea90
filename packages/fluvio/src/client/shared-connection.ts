/** A connection that several callers share and the first to find it lost reopens for all. */
import type { Connection } from "./connection.ts";

export class SharedConnection {
  readonly #open: () => Promise<Connection>;
  #opening: Promise<Connection> | undefined;

  constructor(open: () => Promise<Connection>) {
    this.#open = open;
  }

  async get(): Promise<Connection> {
    const opening = this.#opening;
    if (opening !== undefined) {
      const connection = await opening.catch(() => undefined);
      if (connection?.isOpen === true) return connection;
      if (this.#opening !== opening) return this.get();
    }
    this.#opening = this.#open();
    return this.#opening;
  }

  async close(): Promise<void> {
    (await this.#opening?.catch(() => undefined))?.close();
  }
}
