/**
 * The short way of the requests that are most of all: events for a topic, from a game and not from a
 * page. They pass the same checks in the same order as by way of Hono, without its middleware.
 */
import { EVENT_TOPICS, type EventTopic } from "@arenaflow/events";

import { admit } from "../auth/require-role.ts";
import type { Env } from "../env.ts";
import { failureAnswer } from "../failure.ts";
import type { Incoming } from "../incoming.ts";
import { SENDERS, takeEvents } from "./events.ts";

const TOPICS: ReadonlyMap<string, EventTopic> = new Map(
  EVENT_TOPICS.map((topic) => [`/v1/events/${topic}`, topic]),
);
/** Behind `https://` in a URL. */
const HOST_AT = 8;

/** Answers a request; `undefined` when it has to go the long way. */
export function shortWay(request: Request, env: Env): Promise<Response> | undefined {
  if (request.method !== "POST") return undefined;
  const { url } = request;
  // With a query or an unusual spelling the path is not found here, and Hono reads it.
  const topic = TOPICS.get(url.slice(url.indexOf("/", HOST_AT)));
  if (topic === undefined) return undefined;
  const arrival = new Arrival(request, url, env);
  // Pages are told more than games: the headers of CORS.
  return arrival.header("origin") === undefined ? take(arrival, topic) : undefined;
}

async function take(arrival: Arrival, topic: EventTopic): Promise<Response> {
  const requestId = crypto.randomUUID();
  try {
    const principal = await admit(arrival, SENDERS);
    return await takeEvents(arrival, { principal, requestId }, topic);
  } catch (error) {
    return failureAnswer(error, { requestId, where: `POST /v1/events/${topic}` });
  }
}

class Arrival implements Incoming {
  readonly raw: Request;
  readonly url: string;
  readonly env: Env;
  readonly #headers: Headers;
  /** Those that were read: asking the runtime takes longer. */
  readonly #read = new Map<string, string | undefined>();

  constructor(raw: Request, url: string, env: Env) {
    this.raw = raw;
    this.url = url;
    this.env = env;
    this.#headers = raw.headers;
  }

  get req(): this {
    return this;
  }

  header(name: string): string | undefined {
    if (this.#read.has(name)) return this.#read.get(name);
    const value = this.#headers.get(name) ?? undefined;
    this.#read.set(name, value);
    return value;
  }

  /** Requests with a query do not come this way. */
  query(): undefined {
    return undefined;
  }
}
