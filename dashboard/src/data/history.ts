/** `GET /v1/insights/<topic>`: what happened before the page was opened or while it was away. */
import type { ShownMessage, ShownTopic } from "./shown-topics.ts";
import type { Config } from "../config.ts";
import { parseMessages } from "./parse-message.ts";

/** The most that the API gives in one answer. */
const PAGE_ITEMS_MAX = 5_000;
/** Pages of one request; 100,000 insights are more than the page keeps. */
const PAGES_MAX = 20;
const TIMEOUT_MS = 10_000;
/** Smaller differences between this clock and the server's are rounding of the Date header. */
const CLOCK_SLACK_MS = 2_000;

/** Why history could not be read, in words for the reader of the page. */
export class HistoryError extends Error {
  readonly code: "unreachable" | "denied" | "failed";

  constructor(code: HistoryError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "HistoryError";
    this.code = code;
  }
}

export interface HistoryRequest {
  readonly topic: ShownTopic;
  /** Windows that end at or after this time. */
  readonly sinceMs: number;
  /** … and before this one. */
  readonly untilMs?: number;
  /** Insights of one answer at most. */
  readonly limit?: number;
}

export interface HistoryPage {
  readonly messages: readonly ShownMessage[];
  readonly unreadable: number;
  /** How far the server's clock is ahead of this one; 0 when it cannot be told. */
  readonly clockAheadMs: number;
}

/** Reads all insights of a span, page by page, giving each page to `onPage` as it comes. */
export async function readHistory(
  config: Config,
  request: HistoryRequest,
  onPage: (page: HistoryPage) => void,
  signal: AbortSignal,
): Promise<void> {
  let sinceMs = request.sinceMs;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const answer = await fetchPage(config, { ...request, sinceMs }, signal);
    const { messages, unreadable } = parseMessages(answer.items);
    onPage({ messages, unreadable, clockAheadMs: answer.clockAheadMs });
    // Pages end between windows; a `next` that does not move on would never end.
    if (answer.next === null || answer.next <= sinceMs) return;
    sinceMs = answer.next;
  }
}

async function fetchPage(
  config: Config,
  request: HistoryRequest,
  signal: AbortSignal,
): Promise<Body & { clockAheadMs: number }> {
  const query = new URLSearchParams({
    since: String(Math.floor(request.sinceMs)),
    limit: String(request.limit ?? PAGE_ITEMS_MAX),
  });
  if (request.untilMs !== undefined) query.set("until", String(Math.floor(request.untilMs)));
  const where = config.api === "" ? "The server of this page" : config.api;
  const askedMs = Date.now();
  let response: Response;
  try {
    response = await fetch(`${config.api}/v1/insights/${request.topic}?${query.toString()}`, {
      headers: { authorization: `Bearer ${config.readKey}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
  } catch (cause) {
    throw new HistoryError("unreachable", `${where} does not answer. Is it running?`, { cause });
  }
  if (response.status === 401 || response.status === 403) {
    throw new HistoryError(
      "denied",
      `${where} refused the read key in config.json (status ${response.status}).`,
    );
  }
  if (!response.ok) {
    throw new HistoryError("failed", `${where} answered ${await describeFailure(response)}.`);
  }
  return {
    ...(await bodyOf(response, where)),
    clockAheadMs: clockAhead(response.headers.get("date"), askedMs, Date.now()),
  };
}

interface Body {
  readonly items: readonly unknown[];
  /** The `since` of the next page; null after the last one. */
  readonly next: number | null;
}

async function bodyOf(response: Response, where: string): Promise<Body> {
  let body: unknown;
  try {
    body = await response.json();
  } catch (cause) {
    throw new HistoryError("failed", `${where} answered with something that is not JSON.`, {
      cause,
    });
  }
  const page = typeof body === "object" && body !== null ? body : {};
  const { items, next } = page as { items?: unknown; next?: unknown };
  if (!Array.isArray(items)) {
    throw new HistoryError("failed", `${where} answered without "items": is it an Arenaflow API?`);
  }
  return { items, next: typeof next === "number" ? next : null };
}

async function describeFailure(response: Response): Promise<string> {
  const text = await response.text().catch(() => "");
  try {
    const problem = JSON.parse(text) as { detail?: unknown; title?: unknown };
    const words = problem.detail ?? problem.title;
    if (typeof words === "string") return `status ${response.status}: ${words}`;
  } catch {
    // Not a problem document; the status says it.
  }
  return `status ${response.status}`;
}

/** The server's clock minus ours, from its Date header, taken at the middle of the request. */
export function clockAhead(date: string | null, askedMs: number, answeredMs: number): number {
  const serverMs = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(serverMs)) return 0;
  const ahead = serverMs + 500 - (askedMs + answeredMs) / 2;
  return Math.abs(ahead) < CLOCK_SLACK_MS ? 0 : ahead;
}
