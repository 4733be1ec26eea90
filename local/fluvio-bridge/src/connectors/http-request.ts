/**
 * One HTTP request as the connectors make it: up to ten redirects, no timeout unless asked for,
 * and the response as a stream that is read only as fast as the caller reads it.
 */
import http from "node:http";
import https from "node:https";
import type { HeaderLine } from "./settings.ts";

export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly HeaderLine[];
  readonly body?: Uint8Array | string | undefined;
  readonly agents: Agents;
  readonly signal: AbortSignal;
  /** From the start until the connection stands. */
  readonly connectTimeoutMs?: number;
  /** From the start until the response's headers are there. */
  readonly responseTimeoutMs?: number;
}

/** Connections to be kept open between requests. */
export interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
  close(): void;
}

const REDIRECTS_MAX = 10;
const REDIRECT_STATUS = new Set([301, 302, 303, 307, 308]);

/** A request that got no answer: refused, timed out, cut off. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
}

/** Agents whose connections stay open between requests. */
export function keepAliveAgents(): Agents {
  const options = { keepAlive: true, maxSockets: 1 };
  const agents = { http: new http.Agent(options), https: new https.Agent(options) };
  return {
    ...agents,
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/**
 * Sends a request and follows redirects.
 * @returns the response, its body unread
 * @throws {NoAnswerError} when there is no answer
 */
export async function requestHttp(request: HttpRequest): Promise<http.IncomingMessage> {
  let { url, method, body } = request;
  for (let redirects = 0; ; redirects += 1) {
    const response = await requestOnce({ ...request, url, method, body });
    const target = response.headers.location;
    if (!REDIRECT_STATUS.has(response.statusCode ?? 0) || target === undefined) return response;
    response.resume();
    if (redirects === REDIRECTS_MAX) {
      throw new NoAnswerError(`${request.url} redirects more than ${REDIRECTS_MAX} times`);
    }
    url = new URL(target, url).href;
    const becomesGet =
      response.statusCode === 303 || (method === "POST" && (response.statusCode ?? 0) < 303);
    if (becomesGet) [method, body] = ["GET", undefined];
  }
}

function requestOnce(request: HttpRequest): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const url = new URL(request.url);
  const secure = url.protocol === "https:";
  const outgoing = (secure ? https : http).request(url, {
    method: request.method,
    agent: secure ? request.agents.https : request.agents.http,
    signal: request.signal,
  });
  const timers = startTimers(request, outgoing);
  setHeaders(outgoing, request.headers);
  outgoing.once("response", (response) => {
    timers.stop();
    resolve(response);
  });
  outgoing.once("error", (cause) => {
    timers.stop();
    reject(new NoAnswerError(`no answer from ${url.origin}`, { cause }));
  });
  outgoing.end(request.body);
  return promise;
}

function startTimers(request: HttpRequest, outgoing: http.ClientRequest): { stop(): void } {
  const timers: NodeJS.Timeout[] = [];
  const limit = (ms: number | undefined, what: string): NodeJS.Timeout | undefined => {
    if (ms === undefined) return undefined;
    const timer = setTimeout(() => outgoing.destroy(new Error(`${what} within ${ms} ms`)), ms);
    timers.push(timer);
    return timer;
  };
  limit(request.responseTimeoutMs, "nothing came back");
  const connecting = limit(request.connectTimeoutMs, "no connection");
  outgoing.once("socket", (socket) => {
    if (socket.connecting) socket.once("connect", () => clearTimeout(connecting));
    else clearTimeout(connecting);
  });
  return { stop: () => timers.forEach((timer) => clearTimeout(timer)) };
}

/** A name given twice is sent twice. */
function setHeaders(outgoing: http.ClientRequest, headers: readonly HeaderLine[]): void {
  const byName = new Map<string, string[]>();
  for (const { name, value } of headers) {
    const key = name.toLowerCase();
    byName.set(key, [...(byName.get(key) ?? []), value]);
  }
  for (const [name, values] of byName)
    outgoing.setHeader(name, values.length === 1 ? (values[0] ?? "") : values);
}

/** Reads a body whole, as long as it is not longer than `bytesMax`. */
export async function readBody(
  response: http.IncomingMessage,
  bytesMax: number,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bytesMax) {
      response.destroy();
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
