/** A TCP relay between the game's clients and the API that can be cut, slowed and refused. */
import { createServer, connect, type Server, type Socket } from "node:net";

const CHUNK_BYTES = 2048;

export class SlowLink {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #delayMs = 0;
  port = 0;

  private constructor(targetPort: () => number) {
    this.#server = createServer((client) => {
      const target = connect(targetPort(), "127.0.0.1");
      this.#relay(client, target);
      this.#relay(target, client);
    });
  }

  /** @param targetPort asked at every connection */
  static async open(targetPort: () => number): Promise<SlowLink> {
    const link = new SlowLink(targetPort);
    await new Promise<void>((resolve) => link.#server.listen(0, "127.0.0.1", resolve));
    link.port = (link.#server.address() as { port: number }).port;
    return link;
  }

  /** Every chunk of what is sent now takes so long; 0 is as fast as the machine. */
  slow(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  /** Ends all connections, in the middle of whatever they carry. */
  cut(): number {
    const count = this.#sockets.size;
    for (const socket of this.#sockets) socket.resetAndDestroy();
    return count;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #relay(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on("data", (data: Buffer) => void this.#pass(from, to, data));
    from.on("error", () => to.destroy());
    from.on("close", () => {
      this.#sockets.delete(from);
      to.end();
    });
  }

  async #pass(from: Socket, to: Socket, data: Buffer): Promise<void> {
    if (this.#delayMs === 0) {
      if (!to.write(data)) {
        from.pause();
        to.once("drain", () => from.resume());
      }
      return;
    }
    from.pause();
    for (let at = 0; at < data.length; at += CHUNK_BYTES) {
      await new Promise((resolve) => setTimeout(resolve, this.#delayMs));
      to.write(data.subarray(at, at + CHUNK_BYTES));
    }
    from.resume();
  }
}
