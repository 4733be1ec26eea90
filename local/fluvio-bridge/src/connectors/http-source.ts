/**
 * http-source: reads an endpoint, sends what it says to a topic.
 *
 * Differences from the real connector, each because the real one loses or invents data there:
 * - an answer other than 2xx is not taken for records (`accept_any_status: true` gives it back);
 * - the wait between connects has an upper end, and there is a wait too when a server answers and
 *   closes at once, so that it is not asked in a hot loop;
 * - the socket is not read while too much is unacknowledged by the topic;
 * - a send that fails ends the stream, so the server, which keeps the cursor, sends again;
 * - polls that a slow answer has missed are left out rather than made up for in a burst.
 */
import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describeError } from "../log.ts";
import { fibonacciBackoff } from "./backoff.ts";
import type { ConnectorTools } from "./counters.ts";
import {
  keepAliveAgents,
  NoAnswerError,
  readBody,
  requestHttp,
  type Agents,
} from "./http-request.ts";
import { InFlight, SendError } from "./in-flight.ts";
import { RecordSplitter } from "./record-splitter.ts";
import type { HttpSourceSettings } from "./settings.ts";
import { recordFormat } from "./source-record.ts";

/** Sends records; resolves when the topic has all of them on disk, rejects when one can't be sent. */
export type SendRecords = (values: readonly Uint8Array[]) => Promise<unknown>;

/** Longest record: a Fluvio producer's request ends at 1 MiB. */
const RECORD_BYTES_MAX = 1024 * 1024;
/** Unacknowledged records and bytes at which the socket is no longer read. */
const IN_FLIGHT_MAX = { recordsMax: 5_000, bytesMax: 4 * 1024 * 1024 };
/** A stream that lasted this long was a real one: reconnect without a wait. */
const REAL_STREAM_MS = 1_000;

/** Runs until the signal aborts. @throws {SendError} when the topic does not take a record */
export async function runHttpSource(
  settings: HttpSourceSettings,
  send: SendRecords,
  tools: ConnectorTools,
): Promise<void> {
  const source = new HttpSource(settings, send, tools);
  try {
    await (settings.stream ? source.stream() : source.poll());
  } finally {
    source.close();
  }
}

class HttpSource {
  readonly #settings: HttpSourceSettings;
  readonly #send: SendRecords;
  readonly #tools: ConnectorTools;
  readonly #agents: Agents = keepAliveAgents();
  readonly #inFlight: InFlight;
  #response: IncomingMessage | undefined;
  #failuresInRow = 0;

  constructor(settings: HttpSourceSettings, send: SendRecords, tools: ConnectorTools) {
    this.#settings = settings;
    this.#send = send;
    this.#tools = tools;
    this.#inFlight = new InFlight({
      ...IN_FLIGHT_MAX,
      signal: tools.signal,
      onSettled: ({ ok, records }) => {
        if (ok) tools.counters.records += records;
        // A stream may stay silent for long: do not wait for its next bytes to find the failure.
        else this.#response?.destroy();
      },
    });
  }

  close(): void {
    this.#agents.close();
  }

  /** Stream after stream, with a growing wait as long as they fail or end at once. */
  async stream(): Promise<void> {
    const { signal } = this.#tools;
    const backoff = fibonacciBackoff(this.#settings.backoffMaxMs);
    while (!signal.aborted) {
      const startedMs = performance.now();
      const before = this.#tools.counters.records;
      const response = await this.#request();
      if (response !== undefined) await this.#readStream(response);
      const lasted = performance.now() - startedMs >= REAL_STREAM_MS;
      const isReal = response !== undefined && (lasted || this.#tools.counters.records > before);
      if (isReal) backoff.reset();
      if (!isReal || !lasted) await pause(backoff.next(), signal);
    }
  }

  /** A request at once and then at every interval, one at a time. */
  async poll(): Promise<void> {
    const { signal } = this.#tools;
    let nextMs = performance.now();
    while (!signal.aborted) {
      const response = await this.#request();
      if (response !== undefined) await this.#readRecord(response);
      nextMs = Math.max(nextMs + this.#settings.intervalMs, performance.now());
      await pause(nextMs - performance.now(), signal);
    }
    await this.#inFlight.drained();
  }

  /** @returns the response when it is one to take records from */
  async #request(): Promise<IncomingMessage | undefined> {
    const { endpoint, method, headers, userAgent, body, acceptAnyStatus } = this.#settings;
    const { signal, counters, onHealth } = this.#tools;
    const defaults = [
      { name: "Accept", value: "*/*" },
      { name: "User-Agent", value: userAgent },
    ];
    try {
      const response = await requestHttp({
        url: endpoint,
        method,
        headers: [...withoutOverridden(defaults, headers), ...headers],
        body,
        agents: this.#agents,
        signal,
      });
      const status = response.statusCode ?? 0;
      if (acceptAnyStatus || (status >= 200 && status < 300)) {
        this.#failuresInRow = 0;
        onHealth(true);
        return response;
      }
      response.resume();
      counters.refused += 1;
      this.#failed(`${endpoint} answered ${status} ${response.statusMessage ?? ""}`);
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
      if (signal.aborted) return undefined;
      counters.retries += 1;
      this.#failed(describeError(error));
    }
    return undefined;
  }

  /** The first failure of a row is worth a warning, the others only a line in the log file. */
  #failed(what: string): void {
    this.#failuresInRow += 1;
    this.#tools.onHealth(false);
    this.#tools.log(this.#failuresInRow === 1 ? "warn" : "debug", `${what}; trying again`);
  }

  async #readStream(response: IncomingMessage): Promise<void> {
    const { log, signal, counters } = this.#tools;
    const splitter = new RecordSplitter({
      delimiter: this.#settings.delimiter,
      recordBytesMax: RECORD_BYTES_MAX,
    });
    const format = recordFormat(response, this.#settings);
    let tooLong = 0;
    this.#response = response;
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        await this.#sendRecords(splitter.push(chunk).map(format));
        if (splitter.tooLong > tooLong) {
          counters.refused += splitter.tooLong - tooLong;
          tooLong = splitter.tooLong;
          log("warn", `left out a record longer than ${RECORD_BYTES_MAX} bytes`);
        }
      }
    } catch (error) {
      if (error instanceof SendError) throw error;
      if (!signal.aborted)
        log("info", `the stream was cut off: ${describeError(error)}; reconnecting`);
    } finally {
      response.destroy();
    }
    // Only when all is acknowledged may the server be asked again: it starts at what it knows.
    await this.#inFlight.drained();
  }

  async #readRecord(response: IncomingMessage): Promise<void> {
    const { log, counters, signal } = this.#tools;
    try {
      const body = await readBody(response, RECORD_BYTES_MAX);
      if (body === undefined) {
        counters.refused += 1;
        log("warn", `left out a response longer than ${RECORD_BYTES_MAX} bytes`);
        return;
      }
      await this.#sendRecords([recordFormat(response, this.#settings)(body)]);
    } catch (error) {
      if (error instanceof SendError) throw error;
      if (!signal.aborted) log("warn", `the response was cut off: ${describeError(error)}`);
    }
  }

  async #sendRecords(values: readonly Uint8Array[]): Promise<void> {
    if (values.length === 0) return;
    const bytes = values.reduce((sum, value) => sum + value.length, 0);
    await this.#inFlight.send({ records: values.length, bytes }, () => this.#send(values));
  }
}

function withoutOverridden<Line extends { name: string }>(
  defaults: readonly Line[],
  given: readonly { name: string }[],
): Line[] {
  const names = new Set(given.map(({ name }) => name.toLowerCase()));
  return defaults.filter(({ name }) => !names.has(name.toLowerCase()));
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return;
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
