/**
 * The clients of a simulated game: who sends which events in which request, and when. Decided by
 * the seed and the world's time alone, so what is sent does not depend on how fast it is answered.
 */
import { LIMITS, type EventTopic, type IssueCode } from "@arenaflow/events";
import { Rng } from "@arenaflow/simulation";
import { cutLine, spoilEvent, type SpoiltEvent } from "./spoil-event.ts";
import { keyOf } from "./topic-writer.ts";

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;
const YEAR_MS = 365 * 24 * HOUR_MS;

/** Shares of the clients. */
const OFFLINE_SHARE = 0.04;
const WRONG_CLOCK_SHARE = 0.03;
const NDJSON_SHARE = 0.3;
/** Shares of the requests. */
const REPEAT_SHARE = 0.04;
const BROKEN_SHARE = 0.04;

const OFFLINE_HOURS = [1, 48] as const;
const WRONG_YEARS = [1, 5] as const;
const FLUSH_SECONDS = [2, 8] as const;
const OFFLINE_FLUSH_SECONDS = [20, 60] as const;
const BATCH_EVENTS_MAX = 100;
const BROKEN_PER_REQUEST = [1, 3] as const;
/** What an offline client has gathered goes out in as few requests as the API takes. */
const OFFLINE_BATCH_EVENTS_MAX = LIMITS.batchEventsMax - BROKEN_PER_REQUEST[1];

const TIME = /("(?:purchase_)?timestamp":")([^"]+)/;

export interface PlannedRequest {
  /** Requests of one client are sent one after the other. */
  readonly client: string;
  readonly topic: EventTopic;
  readonly contentType: string;
  readonly body: string;
  /** Events in it that are right. */
  readonly events: number;
  /** Those that are not: what the API must answer for each. */
  readonly broken: readonly IssueCode[];
  /** True when the same events have been sent before, as after a lost answer. */
  readonly isRepeat: boolean;
  readonly clock: "right" | "offline" | "wrong";
}

interface Client {
  readonly id: string;
  readonly rng: Rng;
  readonly clock: PlannedRequest["clock"];
  /** What its clock says less what it is. */
  readonly shiftMs: number;
  readonly ndjson: boolean;
  readonly waiting: Map<EventTopic, string[]>;
  dueMs: number;
}

export class GameClients {
  readonly #seed: number;
  readonly #clients = new Map<string, Client>();
  /** Clients with events to send, in the order of their first. */
  readonly #busy = new Set<Client>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Clients that have sent something so far. */
  get count(): number {
    return this.#clients.size;
  }

  /** Hands every event to the client it happened at. */
  add(topic: EventTopic, lines: readonly string[], nowMs: number): void {
    for (const line of lines) {
      const client = this.#clientOf(keyOf(line));
      if (!this.#busy.has(client)) {
        this.#busy.add(client);
        const [from, to] = client.clock === "offline" ? OFFLINE_FLUSH_SECONDS : FLUSH_SECONDS;
        client.dueMs = nowMs + client.rng.between(from, to) * SECOND_MS;
      }
      const waiting = client.waiting.get(topic) ?? [];
      waiting.push(client.shiftMs === 0 ? line : shifted(line, client.shiftMs));
      client.waiting.set(topic, waiting);
    }
  }

  /** Requests that are due by a time of the world; an infinite time takes what is left. */
  takeDue(nowMs: number): PlannedRequest[] {
    const requests: PlannedRequest[] = [];
    for (const client of this.#busy) {
      const most = client.clock === "offline" ? OFFLINE_BATCH_EVENTS_MAX : BATCH_EVENTS_MAX;
      const isFull = [...client.waiting.values()].some((lines) => lines.length >= most);
      if (client.dueMs > nowMs && !isFull) continue;
      for (const [topic, lines] of client.waiting) {
        for (let from = 0; from < lines.length; from += most) {
          requests.push(...requestsFor(client, topic, lines.slice(from, from + most)));
        }
      }
      client.waiting.clear();
      this.#busy.delete(client);
    }
    return requests;
  }

  #clientOf(id: string): Client {
    const known = this.#clients.get(id);
    if (known !== undefined) return known;
    const client = newClient(id, this.#seed);
    this.#clients.set(id, client);
    return client;
  }
}

function newClient(id: string, seed: number): Client {
  // A stream of its own: what one client does never depends on who else there is.
  const rng = new Rng(seed, `client ${id}`);
  const roll = rng.next();
  const ndjson = rng.chance(NDJSON_SHARE);
  const shared = { id, rng, ndjson, waiting: new Map<EventTopic, string[]>(), dueMs: 0 };
  if (roll < OFFLINE_SHARE) {
    const shiftMs = -Math.round(rng.between(...OFFLINE_HOURS) * HOUR_MS);
    return { ...shared, clock: "offline", shiftMs };
  }
  if (roll < OFFLINE_SHARE + WRONG_CLOCK_SHARE) {
    const sign = rng.chance(0.5) ? 1 : -1;
    return { ...shared, clock: "wrong", shiftMs: sign * rng.integer(...WRONG_YEARS) * YEAR_MS };
  }
  return { ...shared, clock: "right", shiftMs: 0 };
}

/** The request, and sometimes the same once more. */
function requestsFor(
  client: Client,
  topic: EventTopic,
  lines: readonly string[],
): PlannedRequest[] {
  const { rng, clock, ndjson } = client;
  const broken = rng.chance(BROKEN_SHARE) ? brokenEvents(client, topic, lines) : [];
  const texts = [...lines];
  for (const { text } of broken) texts.splice(rng.below(texts.length + 1), 0, text);
  const request: PlannedRequest = {
    client: client.id,
    topic,
    contentType: ndjson ? "application/x-ndjson" : "application/json",
    body: ndjson ? `${texts.join("\n")}\n` : `{"events":[${texts.join(",")}]}`,
    events: lines.length,
    broken: broken.map(({ code }) => code),
    isRepeat: false,
    clock,
  };
  return rng.chance(REPEAT_SHARE) ? [request, { ...request, isRepeat: true }] : [request];
}

function brokenEvents(
  { rng, ndjson }: Client,
  topic: EventTopic,
  lines: readonly string[],
): SpoiltEvent[] {
  return Array.from({ length: rng.integer(...BROKEN_PER_REQUEST) }, () => {
    const line = rng.pick(lines);
    return ndjson && rng.chance(0.5) ? cutLine(line) : spoilEvent(topic, line, rng);
  });
}

function shifted(line: string, shiftMs: number): string {
  return line.replace(TIME, (_, name: string, time: string) => {
    return name + new Date(Date.parse(time) + shiftMs).toISOString();
  });
}
