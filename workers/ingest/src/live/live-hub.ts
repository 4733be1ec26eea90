/**
 * The Durable Object between the dataflows' results and the people who watch a title: it stores the
 * title's insights and sends them to WebSockets. Sockets hibernate: an object that nobody writes to may leave memory, and
 * the connections stay.
 *
 * What it does not do: wait for a reader. One that does not keep up is dropped (`readers.ts`).
 */
import { INSIGHT_TOPICS, type InsightTopic, type JsonObject } from "@arenaflow/events";
import { DurableObject } from "cloudflare:workers";

import type { Env } from "../env.ts";
import { INGEST_LIMITS } from "../limits.ts";
import { settingsOf, type Settings } from "../settings.ts";
import { Forgotten, withoutPlayer } from "./forgotten.ts";
import { History, readPage, type InsightToStore, type StoredInsight } from "./history.ts";
import { LIVE_PROTOCOL } from "./protocol.ts";
import { Readers } from "./readers.ts";
import { TitleRegister } from "./title-register.ts";

/** The tag of sockets that want every topic. */
const ALL = "*";

export interface HubStatus {
  /** The last position given. */
  readonly position: number;
  readonly sockets: number;
  /** Insights kept, by topic. */
  readonly kept: Readonly<Record<InsightTopic, number>>;
}

export class LiveHub extends DurableObject<Env> {
  readonly #settings: Settings;
  readonly #history: History;
  readonly #forgotten: Forgotten;
  readonly #register: TitleRegister;
  readonly #readers = new Readers();
  /** Insights that wait to be sent in one frame. */
  #unsent: StoredInsight[] = [];
  #sinceSweep = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#settings = settingsOf(env);
    this.#history = new History(ctx.storage);
    this.#forgotten = new Forgotten(ctx.storage.sql);
    this.#register = new TitleRegister(ctx.storage.sql);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** Stores an insight and sends it to those who watch. Returns its position. */
  put(insight: InsightToStore): number {
    const cleaned = this.#forgotten.clean(insight);
    // Without anything left of it, it was taken, and there is nothing to show.
    if (cleaned === undefined) return this.#history.position;
    const position = this.#show(cleaned);
    this.#prune();
    return position;
  }

  /** Takes a player out of everything that is kept. Returns how many insights named him. */
  forget(playerId: string, nowMs: number): number {
    this.#forgotten.add(playerId, nowMs);
    let named = 0;
    for (const { topic, key, windowEnd, value } of this.#history.holding(inJson(playerId))) {
      const cleaned = withoutPlayer(JSON.parse(value) as JsonObject, (id) => id === playerId);
      if (cleaned.outcome === "untouched") continue;
      named += 1;
      if (cleaned.outcome === "gone") this.#history.delete(topic, key);
      else this.#show({ topic, key, windowEnd, value: JSON.stringify(cleaned.value) });
    }
    return named;
  }

  /** Notes that there is a title. Asked of one hub only. */
  noteTitle(title: string): void {
    this.#register.add(title);
  }

  titles(): readonly string[] {
    return this.#register.list();
  }

  #show(insight: InsightToStore): number {
    const stored = this.#history.put(insight);
    if (this.#unsent.push(stored) === 1) {
      setTimeout(() => this.#send(), INGEST_LIMITS.liveFrameMs);
    }
    return stored.position;
  }

  /** One page of the history as JSON: `{ items, next }`. */
  page(
    topic: InsightTopic,
    query: { since: number | undefined; until: number; limit: number },
  ): string {
    const { items, next } = readPage(this.#history, topic, query);
    return `{"items":${frameOf(items)},"next":${next}}`;
  }

  status(): HubStatus {
    const kept = {} as Record<InsightTopic, number>;
    for (const topic of INSIGHT_TOPICS) kept[topic] = this.#history.count(topic);
    const sockets = this.ctx.getWebSockets().length;
    return { position: this.#history.position, sockets, kept };
  }

  /** Opens a WebSocket. The route has checked the key and the parameters. */
  override fetch(request: Request): Response {
    const { searchParams } = new URL(request.url);
    const topics = searchParams.get("topics") ?? ALL;
    const { 0: client, 1: server } = new WebSocketPair();
    // What waits for the next frame is older than this socket.
    this.#send();
    // One tag with the whole list: a hibernating socket may have ten tags, and there are more topics.
    this.ctx.acceptWebSocket(server, [topics]);
    const after = searchParams.get("after");
    if (after !== null) this.#resume(server, { after: Number(after), topics });
    const headers = new Headers();
    if (request.headers.has("sec-websocket-protocol")) {
      headers.set("sec-websocket-protocol", LIVE_PROTOCOL);
    }
    return new Response(null, { status: 101, webSocket: client, headers });
  }

  /** Readers say how far they have read; a "ping" is answered by the runtime. */
  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#readers.note(socket, message);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    // 1005 and 1006 stand for "no code" and must not be sent.
    socket.close(code === 1005 || code === 1006 ? 1000 : code);
  }

  #resume(socket: WebSocket, from: { after: number; topics: string }): void {
    const missed = this.#history.after(from.after, INGEST_LIMITS.liveResumeMax);
    this.#sendTo([socket], wantedOf(missed, from.topics));
  }

  #send(): void {
    const unsent = this.#unsent;
    this.#unsent = [];
    if (unsent.length === 0) return;
    const sockets = Map.groupBy(
      this.ctx.getWebSockets(),
      (socket) => this.ctx.getTags(socket)[0] ?? ALL,
    );
    for (const [topics, watching] of sockets) this.#sendTo(watching, wantedOf(unsent, topics));
  }

  #sendTo(sockets: readonly WebSocket[], insights: readonly StoredInsight[]): void {
    const last = insights.at(-1);
    if (sockets.length === 0 || last === undefined) return;
    const frame = { text: frameOf(insights), position: last.position };
    for (const socket of sockets) this.#readers.send(socket, frame);
  }

  #prune(): void {
    this.#sinceSweep += 1;
    if (this.#sinceSweep < INGEST_LIMITS.pruneEvery) return;
    this.#sinceSweep = 0;
    const beforeMs = Date.now() - this.#settings.insightsMs;
    this.#history.prune({ beforeMs, rowsMax: this.#settings.insightsRowsMax });
    this.#forgotten.prune(beforeMs);
  }
}

/** @param topics a list separated by commas, or `ALL` */
function wantedOf(insights: readonly StoredInsight[], topics: string): readonly StoredInsight[] {
  if (topics === ALL) return insights;
  const wanted = new Set(topics.split(","));
  return insights.filter(({ topic }) => wanted.has(topic));
}

/** How a text stands within JSON, between its quotes. */
function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** A JSON array of LiveMessages. The values are JSON already. */
function frameOf(insights: readonly StoredInsight[]): string {
  const messages = insights.map(
    ({ topic, position, value }) => `{"topic":"${topic}","position":${position},"value":${value}}`,
  );
  return `[${messages.join(",")}]`;
}
