/**
 * http-sink: sends every record of a topic to an endpoint, one request per record, in order, one at
 * a time on a connection that stays open.
 *
 * Differences from the real connector, which takes any answer for success and drops a record after
 * a number of tries:
 * - busy and broken (408, 425, 429, 5xx), no answer, and a wrong key (401, 403: not the record's
 *   fault) repeat the same record until it is taken, so nothing is lost and the order holds;
 * - any other status than 2xx is counted and the record is skipped (`accept_any_status: true`
 *   takes it for success);
 * - the wait grows from `backoff_min` itself to `backoff_max`; `Retry-After` is heeded within it.
 *
 * Acknowledgement: the record's position counts as done when `deliver` returns, not before.
 */
import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describeError } from "../log.ts";
import { exponentialBackoff, type Backoff } from "./backoff.ts";
import type { ConnectorTools } from "./counters.ts";
import {
  keepAliveAgents,
  NoAnswerError,
  readBody,
  requestHttp,
  type Agents,
} from "./http-request.ts";
import type { HeaderLine, HttpSinkSettings } from "./settings.ts";

/** Of an answer's body, for the log. More than this closes the connection. */
const ANSWER_BYTES_MAX = 64 * 1024;
const ANSWER_CHARS_LOGGED = 300;

/** When stopped, how long the request in hand may still take before it is cut off. */
const STOP_GRACE_MS = 500;

const REPEATED_STATUS = new Set([401, 403, 408, 425, 429]);

/** What becomes of a record after an answer. */
export type Verdict = "taken" | "repeat" | "refused";

/** One status → verdict table for the sink. */
export function verdictOf(status: number): Verdict {
  if (status >= 200 && status < 300) return "taken";
  return status >= 500 || REPEATED_STATUS.has(status) ? "repeat" : "refused";
}

export class HttpSink {
  readonly #settings: HttpSinkSettings;
  readonly #tools: ConnectorTools;
  readonly #agents: Agents = keepAliveAgents();
  readonly #headers: readonly HeaderLine[];
  readonly #cutOff = new AbortController();

  constructor(settings: HttpSinkSettings, tools: ConnectorTools) {
    this.#settings = settings;
    this.#tools = tools;
    this.#headers = [{ name: "User-Agent", value: settings.userAgent }, ...settings.headers];
    tools.signal.addEventListener("abort", () => {
      setTimeout(() => this.#cutOff.abort(), STOP_GRACE_MS).unref();
    });
  }

  /**
   * Delivers one record, however often it takes.
   * @returns false only when the connector was stopped before the record was taken or refused
   */
  async deliver(value: Uint8Array): Promise<boolean> {
    const { counters, signal, log } = this.#tools;
    const backoff = exponentialBackoff(this.#settings.backoffMinMs, this.#settings.backoffMaxMs);
    for (let tries = 1; !signal.aborted; tries += 1) {
      const answer = await this.#try(value);
      if (answer.verdict === "taken") {
        this.#tools.onHealth(true);
        counters.records += 1;
        return true;
      }
      if (answer.verdict === "refused") {
        counters.refused += 1;
        log("warn", `${answer.what}; this record is skipped`);
        return true;
      }
      if (signal.aborted) return false;
      counters.retries += 1;
      this.#tools.onHealth(false);
      log(tries === 1 ? "warn" : "debug", `${answer.what}; trying again`);
      await this.#wait(backoff, answer.retryAfterMs);
    }
    return false;
  }

  close(): void {
    this.#agents.close();
  }

  async #try(
    body: Uint8Array,
  ): Promise<{ verdict: Verdict; what: string; retryAfterMs?: number | undefined }> {
    const { endpoint, method, connectTimeoutMs, requestTimeoutMs } = this.#settings;
    const timeout = AbortSignal.timeout(requestTimeoutMs);
    try {
      const response = await requestHttp({
        url: endpoint,
        method,
        headers: this.#headers,
        body,
        agents: this.#agents,
        signal: AbortSignal.any([this.#cutOff.signal, timeout]),
        connectTimeoutMs,
      });
      const text = (await readBody(response, ANSWER_BYTES_MAX))?.toString("utf8") ?? "";
      const status = response.statusCode ?? 0;
      return {
        verdict: this.#settings.acceptAnyStatus ? "taken" : verdictOf(status),
        what: `${endpoint} answered ${status} ${text.slice(0, ANSWER_CHARS_LOGGED)}`.trimEnd(),
        retryAfterMs: retryAfterOf(response),
      };
    } catch (error) {
      const what = timeout.aborted
        ? `no answer from ${endpoint} within ${requestTimeoutMs} ms`
        : error instanceof NoAnswerError
          ? describeError(error)
          : `the answer of ${endpoint} was cut off: ${describeError(error)}`;
      return { verdict: "repeat", what };
    }
  }

  async #wait(backoff: Backoff, retryAfterMs: number | undefined): Promise<void> {
    const ownMs = backoff.next();
    const waitMs = Math.min(Math.max(ownMs, retryAfterMs ?? 0), this.#settings.backoffMaxMs);
    await sleep(waitMs, undefined, { signal: this.#tools.signal }).catch(() => undefined);
  }
}

function retryAfterOf(response: IncomingMessage): number | undefined {
  const seconds = Number(response.headers["retry-after"] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
