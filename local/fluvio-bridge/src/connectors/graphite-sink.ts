/**
 * graphite-sink: writes every record as a line `<metric-path> <value> <now>` to carbon's plaintext
 * port. The value is not escaped, so that a record may hold several series with times of their own.
 *
 * Differences from the real connector, which exits when carbon goes away: this one connects again
 * and repeats the line it was writing; and a value that is not UTF-8 is skipped and counted.
 */
import { isUtf8 } from "node:buffer";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describeError } from "../log.ts";
import { exponentialBackoff } from "./backoff.ts";
import type { ConnectorTools } from "./counters.ts";
import type { GraphiteSinkSettings } from "./settings.ts";

const BACKOFF_MIN_MS = 200;
const BACKOFF_MAX_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;

export class GraphiteSink {
  readonly #settings: GraphiteSinkSettings;
  readonly #tools: ConnectorTools;
  readonly #nowMs: () => number;
  #socket: Socket | undefined;

  constructor(settings: GraphiteSinkSettings, tools: ConnectorTools, nowMs: () => number) {
    this.#settings = settings;
    this.#tools = tools;
    this.#nowMs = nowMs;
  }

  /**
   * Writes one record, however often it takes.
   * @returns false only when the connector was stopped before the line was written
   */
  async deliver(value: Uint8Array): Promise<boolean> {
    const { counters, signal, log, onHealth } = this.#tools;
    if (!isUtf8(value)) {
      counters.refused += 1;
      log("warn", "a record is not UTF-8 text; it is skipped");
      return true;
    }
    const text = Buffer.from(value).toString("utf8");
    const line = `${this.#settings.metricPath} ${text} ${Math.floor(this.#nowMs() / 1000)}\n`;
    const backoff = exponentialBackoff(BACKOFF_MIN_MS, BACKOFF_MAX_MS);
    for (let tries = 1; !signal.aborted; tries += 1) {
      try {
        await this.#write(line);
        onHealth(true);
        counters.records += 1;
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        counters.retries += 1;
        onHealth(false);
        log(tries === 1 ? "warn" : "debug", `${describeError(error)}; trying again`);
        await sleep(backoff.next(), undefined, { signal }).catch(() => undefined);
      }
    }
    return false;
  }

  close(): void {
    this.#socket?.end();
    this.#socket = undefined;
  }

  async #write(line: string): Promise<void> {
    const socket = (this.#socket ??= await this.#connect());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onClose = (): void => reject(new Error("carbon closed the connection"));
    socket.once("close", onClose);
    socket.write(line, (error) => (error ? reject(error) : resolve()));
    await promise.finally(() => socket.off("close", onClose));
  }

  #connect(): Promise<Socket> {
    const { host, port } = this.#settings;
    const { promise, resolve, reject } = Promise.withResolvers<Socket>();
    const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS });
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.setNoDelay(true);
      resolve(socket);
    });
    socket.once("timeout", () => socket.destroy(new Error("no connection in time")));
    socket.on("error", (cause) => {
      reject(new Error(`no connection to carbon at ${host}:${port}`, { cause }));
    });
    // Carbon says nothing, but its end is heard: the next line then opens a new connection.
    socket.on("end", () => socket.destroy());
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
    socket.resume();
    return promise;
  }
}
