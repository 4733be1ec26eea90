/**
 * One TCP connection: requests with deadlines, and subscriptions whose pushes repeat their
 * request's correlation id. It never reconnects; whoever owns it opens another.
 */
import { connect, type OnReadOpts, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions as ConnectionTlsOptions } from "node:tls";
import { API_KEY, VERSION } from "../wire/api-keys.ts";
import {
  decodeApiVersionsResponse,
  encodeApiVersionsRequest,
  type ApiVersionRange,
} from "../wire/api-versions.ts";
import { encodeFramePieces } from "../wire/frame.ts";
import { encodeRequestHeader } from "../wire/headers.ts";
import { Reader } from "../wire/reader.ts";
import type { Writer } from "../wire/writer.ts";
import { FluvioError, toFluvioError } from "./fluvio-error.ts";
import { FrameReceiver } from "./frame-receiver.ts";
import type { TlsOptions } from "./profile.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
  /** Stands before the domain in the name that the server's certificate must be for. */
  readonly tlsPrefix?: string;
}

export interface ConnectionOptions {
  readonly clientId: string;
  /** Deadline of connecting, and of every request that names none. */
  readonly timeoutMs: number;
  readonly tls: TlsOptions | undefined;
}

export interface Call<T> {
  readonly key: number;
  readonly version: number;
  readonly encode: (writer: Writer) => void;
  readonly decode: (reader: Reader) => T;
  readonly timeoutMs?: number;
}

export interface Subscription {
  readonly key: number;
  readonly version: number;
  readonly encode: (writer: Writer) => void;
  readonly onPush: (reader: Reader) => void;
}

interface Pending {
  readonly deadlineMs: number;
  readonly settle: (reader: Reader) => void;
  readonly fail: (error: FluvioError) => void;
}

/** Longest frame accepted: a push of one longest batch, with room. */
const FRAME_BYTES_MAX = 64 * 1024 * 1024;
/** How often deadlines are looked at: one timer for all requests of a connection. */
const SWEEP_MS = 100;
const KEEP_ALIVE_MS = 10_000;
const CLIENT_VERSION = "0.1.0";

export class Connection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #receiver = new FrameReceiver({ frameBytesMax: FRAME_BYTES_MAX });
  readonly #pending = new Map<number, Pending>();
  readonly #subscriptions = new Map<number, (reader: Reader) => void>();
  readonly #closeListeners = new Set<(error: FluvioError) => void>();
  #ranges: readonly ApiVersionRange[] = [];
  #correlationId = 0;
  #sweep: NodeJS.Timeout | undefined;
  #closedBy: FluvioError | undefined;

  private constructor(address: Address, options: ConnectionOptions) {
    this.#options = options;
    const socket = this.#connect(address);
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on("error", (error) => this.#shut(closedError(error.message, error)));
    socket.on("close", () => this.#shut(closedError("the server closed the connection")));
  }

  /**
   * Connects and asks the server for its versions.
   * @throws FluvioError `Unreachable`
   */
  static async open(address: Address, options: ConnectionOptions): Promise<Connection> {
    const connection = new Connection(address, options);
    await untilConnected(connection.#socket, address, options);
    try {
      await connection.#negotiate();
    } catch (error) {
      connection.close();
      const reason = toFluvioError(error).message;
      throw unreachable(address, `it did not answer as a Fluvio server: ${reason}`, error);
    }
    return connection;
  }

  get isOpen(): boolean {
    return this.#closedBy === undefined;
  }

  /**
   * The version to use for a call: the highest that both sides speak. A key that the server does
   * not list is used at `ours.max`, as Fluvio's own clients do.
   */
  version(key: number, ours: { readonly min: number; readonly max: number }): number {
    const listed = this.#ranges.filter((range) => range.key === key);
    const shared = listed.filter((range) => range.min <= ours.max && range.max >= ours.min);
    const [range] = shared;
    if (range !== undefined) return Math.min(range.max, ours.max);
    if (listed.length === 0) return ours.max;
    throw new FluvioError("Protocol", `the server speaks none of our versions of api ${key}`);
  }

  /** Sends a request; rejects with `Timeout` at its deadline, `ConnectionClosed` when it cannot come. */
  request<T>(call: Call<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#closedBy !== undefined) {
        reject(this.#closedBy);
        return;
      }
      const correlationId = this.#nextId();
      this.#pending.set(correlationId, {
        deadlineMs: performance.now() + (call.timeoutMs ?? this.#options.timeoutMs),
        settle: (reader) => resolve(call.decode(reader)),
        fail: reject,
      });
      this.#sweep ??= setInterval(() => this.#failOverdue(), SWEEP_MS);
      this.#send(correlationId, call);
    });
  }

  /** Opens a subscription, which lasts as long as the connection. */
  subscribe(subscription: Subscription): void {
    if (this.#closedBy !== undefined) throw this.#closedBy;
    const correlationId = this.#nextId();
    this.#subscriptions.set(correlationId, subscription.onPush);
    this.#send(correlationId, subscription);
  }

  /** Calls `listener` once when the connection ends, for whatever reason. */
  onClose(listener: (error: FluvioError) => void): void {
    if (this.#closedBy === undefined) this.#closeListeners.add(listener);
    else listener(this.#closedBy);
  }

  close(): void {
    this.#shut(new FluvioError("Closed", "the connection was closed by its owner"));
  }

  #connect(address: Address): Socket {
    const { host, port } = address;
    const { tls } = this.#options;
    const onFrame = (frame: Uint8Array): void => this.#dispatch(frame);
    if (tls !== undefined) {
      const socket = connectTls({ host, port, ...tlsSettings(address, tls) });
      socket.on("data", (chunk) => this.#receive(() => this.#receiver.push(chunk, onFrame)));
      return socket;
    }
    // Node would otherwise allocate for every read, and the bytes would be copied once more.
    const onread: OnReadOpts = {
      buffer: () => this.#receiver.room(),
      callback: (count) => {
        this.#receive(() => this.#receiver.received(count, onFrame));
        return true;
      },
    };
    return connect({ host, port, noDelay: true, onread });
  }

  async #negotiate(): Promise<void> {
    const response = await this.request({
      key: API_KEY.apiVersions,
      version: VERSION.apiVersions,
      encode: (writer) =>
        encodeApiVersionsRequest(writer, {
          clientVersion: CLIENT_VERSION,
          os: process.platform,
          arch: process.arch,
        }),
      decode: decodeApiVersionsResponse,
    });
    this.#ranges = response.ranges;
  }

  #nextId(): number {
    this.#correlationId = (this.#correlationId % 0x7fff_ffff) + 1;
    return this.#correlationId;
  }

  #send(
    correlationId: number,
    call: {
      readonly key: number;
      readonly version: number;
      readonly encode: (writer: Writer) => void;
    },
  ): void {
    const { key, version, encode } = call;
    const { clientId } = this.#options;
    const pieces = encodeFramePieces((writer) => {
      encodeRequestHeader(writer, { apiKey: key, version, correlationId, clientId });
      encode(writer);
    });
    this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    this.#socket.uncork();
  }

  #receive(take: () => void): void {
    try {
      take();
    } catch (error) {
      this.#shut(toFluvioError(error));
    }
  }

  #dispatch(frame: Uint8Array): void {
    const reader = new Reader(frame);
    const correlationId = reader.i32();
    const onPush = this.#subscriptions.get(correlationId);
    if (onPush !== undefined) {
      onPush(reader);
      return;
    }
    // An answer that came after its deadline has nobody waiting for it.
    const pending = this.#pending.get(correlationId);
    if (pending === undefined) return;
    this.#forget(correlationId);
    try {
      pending.settle(reader);
    } catch (error) {
      pending.fail(toFluvioError(error));
      throw error;
    }
  }

  #forget(correlationId: number): void {
    this.#pending.delete(correlationId);
    if (this.#pending.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  #failOverdue(): void {
    const nowMs = performance.now();
    for (const [correlationId, pending] of this.#pending) {
      if (pending.deadlineMs > nowMs) continue;
      this.#forget(correlationId);
      pending.fail(new FluvioError("Timeout", "the server did not answer in time"));
    }
  }

  #shut(error: FluvioError): void {
    if (this.#closedBy !== undefined) return;
    this.#closedBy = error;
    clearInterval(this.#sweep);
    this.#socket.destroy();
    for (const pending of this.#pending.values()) pending.fail(error);
    this.#pending.clear();
    this.#subscriptions.clear();
    for (const listener of this.#closeListeners) listener(error);
    this.#closeListeners.clear();
  }
}

function untilConnected(
  socket: Socket,
  address: Address,
  { timeoutMs, tls }: ConnectionOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy();
      reject(unreachable(address, `no connection within ${timeoutMs} ms`));
    }, timeoutMs);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(unreachable(address, error.message, error));
    };
    socket.once("error", fail);
    socket.once(tls === undefined ? "connect" : "secureConnect", () => {
      clearTimeout(timer);
      socket.removeListener("error", fail);
      resolve();
    });
  });
}

function tlsSettings({ tlsPrefix }: Address, tls: TlsOptions): ConnectionTlsOptions {
  const { domain, ca, cert, key } = tls;
  return {
    servername: tlsPrefix === undefined ? domain : `${tlsPrefix}.${domain}`,
    rejectUnauthorized: ca !== undefined,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

function unreachable({ host, port }: Address, reason: string, cause?: unknown): FluvioError {
  const hint = "Is the Fluvio server running, and is this its address?";
  return new FluvioError("Unreachable", `cannot reach ${host}:${port}: ${reason}. ${hint}`, {
    cause,
  });
}

function closedError(reason: string, cause?: unknown): FluvioError {
  return new FluvioError("ConnectionClosed", reason, { cause });
}
