/** Speaks the protocol frame by frame, as a test wants it. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import {
  encodeFrame,
  encodeRequestHeader,
  FrameParser,
  Reader,
  type Writer,
} from "../../src/wire/index.ts";

export class RawClient {
  readonly #socket: Socket;
  readonly #parser = new FrameParser({ frameBytesMax: 10_000_000 });
  readonly #frames: Uint8Array[] = [];
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => {
      this.#parser.push(chunk, (frame) => this.#frames.push(frame));
      this.#wake?.();
    });
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    await once(socket, "connect");
    return new RawClient(socket);
  }

  send(
    header: { readonly key: number; readonly version: number; readonly id: number },
    body: (writer: Writer) => void,
  ): void {
    const { key: apiKey, version, id: correlationId } = header;
    this.#socket.write(
      encodeFrame((writer) => {
        encodeRequestHeader(writer, { apiKey, version, correlationId, clientId: "raw" });
        body(writer);
      }),
    );
  }

  /** The next frame: its correlation id, and what follows it. */
  async receive(): Promise<{ id: number; reader: Reader }> {
    while (this.#frames.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const reader = new Reader(this.#frames.shift()!);
    return { id: reader.i32(), reader };
  }

  /** Frames that came and were not received. */
  get waiting(): number {
    return this.#frames.length;
  }
}
