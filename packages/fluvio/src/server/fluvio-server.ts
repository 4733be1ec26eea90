/** Starts and stops the server: data folder, listening socket, connections, retention. */
import { mkdir } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { BufferPool } from "../wire/buffer-pool.ts";
import type { Broker } from "./broker.ts";
import type { Log } from "./log-line.ts";
import { errorCode } from "../wire/error-code.ts";
import { Session } from "./session.ts";
import { DEFAULT_SETTINGS, type ServerSettings } from "./settings.ts";
import { StoredOffsets } from "./stored-offsets.ts";
import { Topics } from "./topics.ts";
import { lockDataDir } from "./data-lock.ts";

const PORT_DEFAULT = 9003;

export interface FluvioServerOptions {
  /** Folder that holds everything; created when missing. One server at a time may use it. */
  readonly dataDir: string;
  /** Default 127.0.0.1: the protocol has no passwords. */
  readonly host?: string;
  /** Default 9003; 0 takes a free port. */
  readonly port?: number;
  readonly settings?: Partial<ServerSettings>;
  readonly log?: Log;
  readonly now?: () => number;
}

export interface FluvioServer {
  readonly port: number;
  /** Answers what is under way, closes all connections and files. */
  close(): Promise<void>;
}

/** Starts an embedded Fluvio server: SC and SPU on one port. */
export async function startFluvioServer(options: FluvioServerOptions): Promise<FluvioServer> {
  const { dataDir, host = "127.0.0.1", port = PORT_DEFAULT } = options;
  const { log = () => undefined, now = Date.now } = options;
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  await mkdir(dataDir, { recursive: true });
  const unlock = await lockDataDir(dataDir);
  const buffers = new BufferPool((bytes) => Buffer.allocUnsafeSlow(bytes));
  const environment = { settings, buffers, log, now };
  const topics = await Topics.open(dataDir, environment);
  const storedOffsets = await StoredOffsets.open(dataDir, {
    rowsMax: settings.consumerOffsetsMax,
  });
  const broker: Broker = { topics, storedOffsets, ...environment };
  const server = createServer({ noDelay: true });
  const closeStorage = async (): Promise<void> => {
    await topics.close();
    await storedOffsets.close();
    await unlock();
  };
  try {
    await listen(server, { host, port });
  } catch (error) {
    await closeStorage();
    throw error;
  }
  return new RunningServer(server, broker, closeStorage);
}

class RunningServer implements FluvioServer {
  readonly #server: Server;
  readonly #broker: Broker;
  readonly #sessions = new Set<Session>();
  readonly #retention: NodeJS.Timeout;
  readonly #closeStorage: () => Promise<void>;
  #closing: Promise<void> | undefined;

  constructor(server: Server, broker: Broker, closeStorage: () => Promise<void>) {
    this.#server = server;
    this.#broker = broker;
    this.#closeStorage = closeStorage;
    server.on("connection", (socket) => this.#accept(socket));
    // Too many open files, for one: this connection fails, those that are open go on.
    server.on("error", ({ message }) => {
      broker.log({ level: "error", message: "could not accept", fields: { reason: message } });
    });
    const { retentionCheckMs } = broker.settings;
    this.#retention = setInterval(() => this.#enforceRetention(), retentionCheckMs);
    broker.topics.onChange(({ kind, topic }) => {
      if (kind !== "delete") return;
      for (const session of this.#sessions) {
        session.failStreams(topic.name, errorCode("TopicDeleted"));
      }
    });
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#retention);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions) session.destroy();
    await closed;
    await this.#closeStorage();
  }

  #accept(socket: Socket): void {
    const { settings, log } = this.#broker;
    if (this.#sessions.size >= settings.connectionsMax) {
      const reason = `more connections than connectionsMax (${settings.connectionsMax})`;
      log({ level: "warn", message: "refused a connection", fields: { reason } });
      socket.on("error", () => undefined).destroy();
      return;
    }
    const session = new Session(socket, this.#broker);
    this.#sessions.add(session);
    socket.on("close", () => this.#sessions.delete(session));
  }

  #enforceRetention(): void {
    const { topics, log } = this.#broker;
    topics.enforceRetention().catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      log({ level: "error", message: "could not apply retention", fields: { reason } });
    });
  }
}

function listen(server: Server, address: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(address, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}
