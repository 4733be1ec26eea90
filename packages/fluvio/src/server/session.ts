/**
 * One connection: cuts its bytes into requests, hands each to its handler, writes the answers.
 * Answers may leave in another order than the requests came; the correlation id tells them apart.
 *
 * A connection that breaks the protocol or a limit is closed with a logged reason.
 */
import type { Socket } from "node:net";
import type { ErrorCode } from "../wire/error-code.ts";
import { encodeFrame, FrameParser } from "../wire/frame.ts";
import { decodeRequestHeader, type RequestHeader } from "../wire/headers.ts";
import { Reader } from "../wire/reader.ts";
import { WireError } from "../wire/wire-error.ts";
import type { Writer } from "../wire/writer.ts";
import type { Broker } from "./broker.ts";
import type { PartitionStream } from "./partition-stream.ts";
import { handlerFor } from "./router.ts";

const NOTHING = new Uint8Array(0);

export interface RequestContext {
  readonly header: RequestHeader;
  /** Stands at the first byte behind the header. */
  readonly reader: Reader;
  readonly session: Session;
  readonly broker: Broker;
  /**
   * Gives the request's memory back. Only for a handler that has the request behind it, and only
   * when nothing that was made of it refers to its bytes.
   */
  readonly recycle: () => void;
  /** Sends one answer; subscriptions call it again and again. */
  readonly respond: (body: (writer: Writer) => void, bytesExpected?: number) => void;
}

export class Session {
  readonly #socket: Socket;
  readonly #broker: Broker;
  readonly #parser: FrameParser;
  readonly #streams = new Map<number, PartitionStream>();
  readonly #cleanups = new Set<() => void>();
  #streamCount = 0;
  #watchCount = 0;
  #inFlight = 0;
  #bytesInFlight = 0;
  #clientId = "";

  constructor(socket: Socket, broker: Broker) {
    this.#socket = socket;
    this.#broker = broker;
    const { settings, buffers } = broker;
    this.#parser = new FrameParser({ frameBytesMax: settings.frameBytesMax, buffers });
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("drain", () => this.#resumeWhenIdle());
    // The close that follows cleans up; a peer that vanishes is no event for the log.
    socket.on("error", () => undefined);
    socket.on("close", () => this.#cleanUp());
  }

  /** Where this client can reach the server: as it did, unless told otherwise. */
  get address(): { host: string; port: number } {
    const local = (this.#socket.localAddress ?? "127.0.0.1").replace(/^::ffff:/, "");
    const { advertisedHost, advertisedPort } = this.#broker.settings;
    const port = advertisedPort ?? this.#socket.localPort ?? 0;
    return { host: advertisedHost ?? local, port };
  }

  /** Gives a stream its id. Ids are the connection's own and never used again on it. */
  addStream(create: (id: number) => PartitionStream): PartitionStream {
    if (this.#streams.size >= this.#broker.settings.streamsPerConnectionMax) {
      throw new WireError("too_large", "more streams than streamsPerConnectionMax");
    }
    this.#streamCount += 1;
    const stream = create(this.#streamCount);
    this.#streams.set(this.#streamCount, stream);
    return stream;
  }

  stream(id: number): PartitionStream | undefined {
    return this.#streams.get(id);
  }

  removeStream(id: number): void {
    this.#streams.delete(id);
  }

  /** Ends the streams over a topic with an error that their consumer sees. */
  failStreams(topic: string, error: ErrorCode): void {
    for (const stream of this.#streams.values()) if (stream.topic === topic) stream.fail(error);
  }

  /** Registers what to undo when the connection ends. */
  addWatch(unsubscribe: () => void): void {
    if (this.#watchCount >= this.#broker.settings.watchesPerConnectionMax) {
      unsubscribe();
      throw new WireError("too_large", "more watches than watchesPerConnectionMax");
    }
    this.#watchCount += 1;
    this.#cleanups.add(unsubscribe);
  }

  /**
   * Writes a frame that is complete, in one or more pieces.
   * @param onWritten called when the system has taken them; not at all when the connection breaks
   */
  write(pieces: readonly Uint8Array[], onWritten?: () => void): void {
    if (this.#socket.destroyed) return;
    this.#socket.cork();
    for (const piece of pieces.slice(0, -1)) this.#socket.write(piece);
    this.#socket.write(pieces.at(-1) ?? NOTHING, (error) => {
      if (error === null || error === undefined) onWritten?.();
    });
    this.#socket.uncork();
    if (this.#isOverloaded()) this.#socket.pause();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Uint8Array): void {
    try {
      this.#parser.push(chunk, (frame, isPooled) => this.#dispatch(frame, isPooled));
    } catch (error) {
      this.#abort(error);
    }
    if (this.#isOverloaded()) this.#socket.pause();
  }

  #dispatch(frame: Uint8Array, isPooled: boolean): void {
    if (this.#socket.destroyed) return;
    const reader = new Reader(frame);
    const header = decodeRequestHeader(reader);
    this.#clientId = header.clientId;
    const handler = handlerFor(header);
    if (handler === undefined) {
      throw new WireError(
        "unsupported",
        `api key ${header.apiKey} version ${header.version} is not served`,
      );
    }
    const outcome = handler({
      header,
      reader,
      session: this,
      broker: this.#broker,
      recycle: () => {
        if (isPooled) this.#broker.buffers.give(frame);
      },
      respond: (body, bytesExpected) => this.#respond(header.correlationId, body, bytesExpected),
    });
    if (outcome !== undefined) this.#track(outcome, frame.length);
  }

  #respond(
    correlationId: number,
    body: (writer: Writer) => void,
    bytesExpected: number | undefined,
  ): void {
    const frame = encodeFrame((writer) => {
      writer.i32(correlationId);
      body(writer);
    }, bytesExpected);
    this.write([frame]);
  }

  #track(outcome: Promise<void>, bytes: number): void {
    this.#inFlight += 1;
    this.#bytesInFlight += bytes;
    outcome
      .catch((error: unknown) => this.#abort(error))
      .finally(() => {
        this.#inFlight -= 1;
        this.#bytesInFlight -= bytes;
        this.#resumeWhenIdle();
      });
  }

  #isOverloaded(): boolean {
    const { requestsInFlightMax, bytesInFlightMax, unreadBytesMax } = this.#broker.settings;
    return (
      this.#inFlight >= requestsInFlightMax ||
      this.#bytesInFlight > bytesInFlightMax ||
      this.#socket.writableLength > unreadBytesMax
    );
  }

  #resumeWhenIdle(): void {
    if (this.#socket.isPaused() && !this.#isOverloaded()) this.#socket.resume();
  }

  #abort(error: unknown): void {
    if (this.#socket.destroyed) return;
    const isPeersFault = error instanceof WireError;
    this.#broker.log({
      level: isPeersFault ? "warn" : "error",
      message: "closed a connection",
      fields: {
        reason: error instanceof Error ? error.message : String(error),
        client: this.#clientId,
        peer: `${this.#socket.remoteAddress ?? ""}:${this.#socket.remotePort ?? ""}`,
      },
    });
    this.#socket.destroy();
  }

  #cleanUp(): void {
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
    for (const cleanup of this.#cleanups) cleanup();
    this.#cleanups.clear();
  }
}
