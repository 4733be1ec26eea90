import { checkEvent, EVENT_TOPICS } from "@arenaflow/events";
import { SCENARIO_NAMES } from "@arenaflow/simulation";
import { env, exports } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Env } from "../src/env.ts";
import type { GeneratorState } from "../src/world-object.ts";
import { type Event, groupBy, timeOf } from "./support.ts";

const theWorker = (exports as unknown as { default: Fetcher }).default;

async function get<T>(path: string): Promise<T> {
  const response = await theWorker.fetch(`http://generator${path}`);
  expect(response.status).toBe(200);
  return response.json();
}

async function post(path: string, body: string): Promise<Response> {
  return theWorker.fetch(`http://generator${path}`, { method: "POST", body });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const open: ReadableStreamDefaultReader<Uint8Array>[] = [];

/** Reads a stream for a time, then hangs up. */
async function read(path: string, forMs: number): Promise<string> {
  const response = await theWorker.fetch(`http://generator${path}`);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toContain("application/x-ndjson");
  const reader = response.body!.getReader();
  open.push(reader);
  const decoder = new TextDecoder();
  const until = Date.now() + forMs;
  let text = "";
  while (Date.now() < until) {
    const chunk = await Promise.race([reader.read(), sleep(until - Date.now())]);
    if (chunk === undefined) break;
    expect(chunk.done).toBe(false);
    text += decoder.decode(chunk.value, { stream: true });
  }
  await reader.cancel();
  return text;
}

/** Parses the lines that arrived whole: hanging up may cut one off. */
function parseLines(text: string): Event[] {
  const lines = text.slice(0, text.lastIndexOf("\n")).split("\n");
  return lines.map((line) => JSON.parse(line) as Event);
}

afterEach(async () => {
  vi.useRealTimers();
  for (const reader of open.splice(0)) await reader.cancel().catch(() => undefined);
});

describe("GET /v1/stream/<topic>", () => {
  it("sends valid events at the pace of real time, for as long as one listens", async () => {
    await read("/v1/stream/player-events", 3000);
    const startMs = Date.now();
    const text = await read("/v1/stream/player-events", 3000);
    const events = parseLines(text);
    expect(events.length).toBeGreaterThan(150);
    expect(events.length).toBeLessThan(1500);
    for (const event of events) expect(checkEvent("player-events", event)).toBeUndefined();
    expect(timeOf(events[0]!)).toBeGreaterThan(startMs - 250);
    expect(timeOf(events.at(-1)!)).toBeLessThanOrEqual(Date.now());
    expect(timeOf(events.at(-1)!)).toBeGreaterThan(Date.now() - 1000);
  });

  it("tells the same story on all three topics, and to every reader", async () => {
    const [players, again, purchases, metrics] = await Promise.all([
      read("/v1/stream/player-events", 5000),
      read("/v1/stream/player-events", 5000),
      read("/v1/stream/purchases", 5000),
      read("/v1/stream/server-metrics", 5000),
    ]);
    expect(again.includes(players.slice(1000, 20_000))).toBe(true);
    const online = groupBy(parseLines(players), "player_id");
    const bought = parseLines(purchases);
    const known = bought.filter((event) => online.has(event["player_id"]));
    expect(bought.length).toBeGreaterThan(3);
    expect(known.length / bought.length).toBeGreaterThan(0.6);
    const servers = groupBy(parseLines(players), "server_id");
    for (const serverId of groupBy(parseLines(metrics), "server_id").keys()) {
      expect(servers.has(serverId)).toBe(true);
    }
  });

  it("goes on at now after a reconnect, with other events than before", async () => {
    const before = parseLines(await read("/v1/stream/player-events", 1500));
    await sleep(1500);
    const resumedMs = Date.now();
    const after = parseLines(await read("/v1/stream/player-events", 1500));
    expect(Math.min(...after.map(timeOf))).toBeGreaterThan(resumedMs - 250);
    const known = new Set(before.map((event) => event["event_id"]));
    expect(after.filter((event) => known.has(event["event_id"]))).toEqual([]);
  });

  it("gives more events for a higher rate", async () => {
    await read("/v1/stream/player-events?rate=1", 2000);
    await read("/v1/stream/player-events?rate=10", 4000);
    const events = parseLines(await read("/v1/stream/player-events?rate=10", 2000));
    expect(events.length).toBeGreaterThan(1500);
    expect((await get<GeneratorState>("/v1/state")).rate).toBe(10);
  });

  it("begins anew at now after hours in which nobody read, without a backlog", async () => {
    const before = parseLines(await read("/v1/stream/player-events", 1000));
    const laterMs = Date.now() + 3 * 60 * 60 * 1000;
    vi.useFakeTimers({ toFake: ["Date"], now: laterMs });
    const response = await theWorker.fetch("http://generator/v1/stream/player-events");
    const reader = response.body!.getReader();
    open.push(reader);
    vi.setSystemTime(laterMs + 1000);
    const { value } = await reader.read();
    const text = new TextDecoder().decode(value);
    const after = parseLines(text);
    expect(after[0]?.["event_type"]).toBe("session_start");
    expect(timeOf(after[0]!)).toBeGreaterThanOrEqual(laterMs);
    const known = new Set(before.map((event) => event["session_id"]));
    expect(after.filter((event) => known.has(event["session_id"]))).toEqual([]);
    expect((await get<GeneratorState>("/v1/state")).active_players).toBeLessThan(150);
  });

  it("answers HEAD without opening a stream", async () => {
    const init = { method: "HEAD" };
    const response = await theWorker.fetch("http://generator/v1/stream/purchases", init);
    expect(response.status).toBe(200);
    expect((await get<GeneratorState>("/v1/state")).readers).toBe(0);
  });

  it("serves sixteen at a time and turns the next one away", async () => {
    for (let count = 0; count < 16; count += 1) {
      const response = await theWorker.fetch("http://generator/v1/stream/server-metrics");
      open.push(response.body!.getReader());
    }
    const response = await theWorker.fetch("http://generator/v1/stream/server-metrics");
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: "too_many_streams" });
  });

  it("leaves the world standing still when the last reader has gone", async () => {
    await read("/v1/stream/server-metrics", 1500);
    await sleep(300);
    const first = await get<GeneratorState>("/v1/state");
    await sleep(700);
    const second = await get<GeneratorState>("/v1/state");
    expect(second).toMatchObject({
      readers: 0,
      running: false,
      events: first.events,
      now: first.now,
    });
  });
});

describe("GET /v1/events/<topic>", () => {
  it.each(EVENT_TOPICS)(
    "answers %s with one bare event, so that one answer is one record",
    async (topic) => {
      const event = await get<Event>(`/v1/events/${topic}`);
      expect(checkEvent(topic, event)).toBeUndefined();
    },
  );

  it("answers with as many events as asked for, none of them twice", async () => {
    await sleep(500);
    const first = await get<Event[]>("/v1/events/player-events?count=20");
    const second = await get<Event[]>("/v1/events/player-events?count=20");
    expect(first.length).toBe(20);
    expect(new Set([...first, ...second].map((event) => event["event_id"])).size).toBe(
      first.length + second.length,
    );
  });
});

describe("POST /v1/scenario", () => {
  it("makes a fraud burst that the purchases show and the truth explains, even after eviction", async () => {
    const reading = read("/v1/stream/purchases", 6500);
    await sleep(2000);
    const request = { inject: "fraud-burst", item_id: "skin_dragon", count: 9 };
    const response = await post("/v1/scenario", JSON.stringify(request));
    expect(response.status).toBe(202);
    const receipt: { detail: { truth_position: number } } = await response.json();
    const purchases = parseLines(await reading);

    const { WORLD } = env as unknown as Env;
    await evictDurableObject(WORLD.get(WORLD.idFromName("world")));
    const position = receipt.detail.truth_position;
    const truth = await get<{ items: { event_ids: string[]; complete: boolean }[] }>(
      `/v1/truth?after=${position - 1}&limit=1`,
    );
    expect(truth.items[0]?.complete).toBe(true);
    expect(truth.items[0]?.event_ids.length).toBe(9);
    const seen = new Set(purchases.map((event) => event["event_id"]));
    for (const id of truth.items[0]?.event_ids ?? []) expect(seen.has(id)).toBe(true);
    expect((await get<GeneratorState>("/v1/state")).truth_position).toBeGreaterThanOrEqual(
      position,
    );
  });

  it("closes what was under way when the world is evicted", async () => {
    const reading = read("/v1/stream/purchases", 2500);
    await sleep(2000);
    const request = { inject: "fraud-burst", pattern: "impossible-travel" };
    expect((await post("/v1/scenario", JSON.stringify(request))).status).toBe(202);
    await reading;
    const { WORLD } = env as unknown as Env;
    await evictDurableObject(WORLD.get(WORLD.idFromName("world")));
    await get<GeneratorState>("/v1/state");
    const truth = await get<{ items: { pattern: string; complete: boolean }[] }>("/v1/truth");
    expect(truth.items.map((entry) => entry.pattern)).toContain("impossible-travel");
    expect(truth.items.every((entry) => entry.complete)).toBe(true);
  });

  it("crashes a server, which the state shows", async () => {
    const reading = read("/v1/stream/player-events", 2500);
    await sleep(1500);
    await post("/v1/scenario", '{"inject":"server-crash","server_id":"server_2","seconds":30}');
    const state = await get<GeneratorState>("/v1/state");
    expect(state.servers.find((server) => server.server_id === "server_2")?.status).toBe("down");
    expect(state.injections.map((one) => one.inject)).toContain("server-crash");
    await reading;
  });
});

describe("another scenario", () => {
  it("begins at once for those who read, and is still played after an eviction", async () => {
    await read("/v1/stream/player-events", 1500);
    const reading = read("/v1/stream/player-events", 4000);
    await sleep(500);
    const response = await post("/v1/scenario", '{"scenario":"fraud-heavy"}');
    expect(response.status).toBe(202);
    const receipt: { started_at: number; detail: object } = await response.json();
    expect(receipt.detail).toMatchObject({ scenario: "fraud-heavy" });
    const events = parseLines(await reading);
    // The last step of the world before may have ended in the same moments.
    const started = events.findIndex(
      (event) => timeOf(event) >= receipt.started_at && event["event_type"] === "session_start",
    );
    expect(started).toBeGreaterThan(0);
    const earlier = new Set(events.slice(0, started).map((event) => event["event_id"]));
    const later = events.slice(started);
    expect(later.filter((event) => earlier.has(event["event_id"]))).toEqual([]);

    const { WORLD } = env as unknown as Env;
    await evictDurableObject(WORLD.get(WORLD.idFromName("world")));
    expect(await get<GeneratorState>("/v1/state")).toMatchObject({ scenario: "fraud-heavy" });
    expect((await post("/v1/scenario", '{"scenario":"default"}')).status).toBe(202);
    expect(await get<GeneratorState>("/v1/state")).toMatchObject({ scenario: "default" });
  });

  it("is one of those listed", async () => {
    const { items } = await get<{ items: { name: string; description: string }[] }>("/v1/scenario");
    expect(items.map((item) => item.name)).toEqual(SCENARIO_NAMES);
    for (const item of items) expect(item.description.length).toBeGreaterThan(20);
  });
});

/** Stands for a body above the limit, which would make the test's name too long. */
const LARGE = "a large body";

describe("bad requests", () => {
  const scenario = "/v1/scenario";
  it.each([
    ["GET", "/v1/stream/players", "", 404, { code: "unknown_topic", field: "topic" }],
    ["GET", "/v1/stream/purchases?rate=fast", "", 400, { field: "rate", code: "invalid_value" }],
    ["GET", "/v1/stream/purchases?rate=-1", "", 400, { field: "rate" }],
    ["GET", "/v1/events/purchases?count=0", "", 400, { field: "count" }],
    ["GET", "/v1/events/nothing", "", 404, { code: "unknown_topic" }],
    ["GET", "/v1/truth?after=x", "", 400, { field: "after" }],
    ["POST", scenario, "{", 400, { code: "invalid_json", field: "body" }],
    ["POST", scenario, "[]", 400, { code: "not_an_object", field: "body" }],
    ["POST", scenario, '{"inject":"meteor"}', 400, { field: "inject" }],
    ["POST", scenario, '{"scenario":"doomsday"}', 400, { field: "scenario" }],
    ["POST", scenario, '{"scenario":"quiet","rate":2}', 400, { field: "rate" }],
    ["POST", scenario, '{"inject":"drain","server_id":"server_9"}', 400, { field: "server_id" }],
    ["POST", scenario, LARGE, 413, { code: "body_too_large" }],
    ["GET", "/v1/nothing", "", 404, { code: "not_found" }],
  ] as const)(
    "%s %s %s is answered %i with what is wrong",
    async (method, path, body, status, problem) => {
      const text = body === LARGE ? JSON.stringify("x".repeat(20_000)) : body;
      const init = method === "POST" ? { method, body: text } : { method };
      const response = await theWorker.fetch(`http://generator${path}`, init);
      expect(response.status).toBe(status);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      const answer = await response.text();
      expect(answer).not.toContain("\n");
      expect(JSON.parse(answer)).toMatchObject({
        status,
        ...problem,
        request_id: expect.any(String),
      });
    },
  );
});

describe("the control page", () => {
  it("has a button for everything that can be injected", async () => {
    const response = await theWorker.fetch("http://generator/");
    expect(response.headers.get("content-type")).toContain("text/html");
    const page = await response.text();
    const bodies = [...page.matchAll(/data-body="([^"]+)"/g)].map(
      (match) => JSON.parse(match[1]!.replaceAll("&quot;", '"')) as { inject: string },
    );
    expect(new Set(bodies.map((body) => body.inject))).toContain("viral-peak");
    for (const body of bodies) {
      expect((await post("/v1/scenario", JSON.stringify(body))).status).toBe(202);
    }
  });

  it("comes with a health check", async () => {
    expect(await get("/healthz")).toEqual({ status: "ok" });
  });
});
