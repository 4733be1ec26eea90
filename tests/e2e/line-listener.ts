/** A carbon that only remembers what is written to its plaintext port. */
import { type AddressInfo, createServer, type Socket } from "node:net";

export interface LineListener {
  /** `host:port` */
  readonly address: string;
  /** Everything so far. */
  text(): string;
  close(): void;
}

/** Listens on a free port. */
export async function listenForLines(): Promise<LineListener> {
  let text = "";
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("data", (chunk) => (text += chunk.toString()));
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    text: () => text,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
