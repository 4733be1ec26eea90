/** `GET /v1/stream/<topic>` and `POST /v1/acks`: the feed as http-source and the sinks see it. */
import { createExecutionContext, reset, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";

import { app } from "../src/app.ts";
import { answerOf, AUTH, call, MOVE, ORIGIN, post, readFeed } from "./helpers.ts";

afterEach(async () => reset());

function movesOf(count: number, from = 0) {
  return Array.from({ length: count }, (_, i) => ({
    ...MOVE,
    player_id: `player-${(from + i) % 50}`,
    n: from + i,
  }));
}

async function postMoves(count: number, from = 0): Promise<void> {
  const events = movesOf(count, from);
  expect((await post("/v1/events/player-events", events)).status).toBe(202);
}

describe("the feed", () => {
  test("merges all shards, each with positions from 1 without a gap", async () => {
    const spread = { ...env, TOPIC_SHARDS: "4" };
    // Those without an id would stay together: nobody could tell them in a repeated request.
    const events = movesOf(300).map((event) => ({ ...event, event_id: `${event.n}` }));
    const init = { method: "POST", headers: AUTH, body: JSON.stringify(events) };
    const posted = await app.fetch(new Request(`${ORIGIN}/v1/events/player-events`, init), spread);
    expect(posted.status).toBe(202);
    const records = await readFeed("player-events", 300);
    expect(records.map((record) => record.n).toSorted((a, b) => a! - b!)).toEqual(
      Array.from({ length: 300 }, (_, i) => i),
    );
    const shards = Map.groupBy(records, (record) => record.feed.shard);
    expect(shards.size).toBe(4);
    for (const ofShard of shards.values()) {
      expect(ofShard.map((record) => record.feed.seq)).toEqual(ofShard.map((_, i) => i + 1));
    }
  });

  test("sends the journaled line with the position as its last field", async () => {
    await postMoves(1);
    const response = await call("/v1/stream/player-events");
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const line = new TextDecoder().decode((await reader.read()).value);
    await reader.cancel();
    expect(line).toMatch(/^\{"player_id":"player-0",.*,"feed":\{"shard":\d,"seq":1\}\}\n$/);
  });

  test("repeats what was not acknowledged, and only that", async () => {
    await postMoves(100);
    const records = await readFeed("player-events", 100);
    expect(await readFeed("player-events", 100)).toHaveLength(100);
    const shard = records[0]!.feed.shard;
    const ack = { topic: "player-events", shard, ranges: [[1, 97]] };
    expect((await post("/v1/acks", ack)).status).toBe(200);
    const rest = await readFeed("player-events", 3);
    expect(rest.map((record) => record.feed)).toEqual([98, 99, 100].map((seq) => ({ shard, seq })));
  });

  test("pushes new events while it is open, within 50 ms as a rule", async () => {
    const response = await call("/v1/stream/player-events");
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const delays: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      const sent = performance.now();
      await Promise.all([postMoves(1, i), reader.read()]);
      delays.push(performance.now() - sent);
    }
    await reader.cancel();
    const median = delays.toSorted((a, b) => a - b)[delays.length / 2] as number;
    expect(median).toBeLessThan(50);
  });

  test("ends after its time, after a whole line, and the next one goes on", async () => {
    await postMoves(10);
    const ctx = createExecutionContext();
    const response = await app.fetch(
      new Request(`${ORIGIN}/v1/stream/player-events`, { headers: AUTH }),
      { ...env, FEED_RESPONSE_MS: "400" },
      ctx,
    );
    const started = Date.now();
    const text = await response.text();
    expect(Date.now() - started).toBeGreaterThan(300);
    expect(text.endsWith("}\n")).toBe(true);
    expect(text.trimEnd().split("\n")).toHaveLength(10);
    await waitOnExecutionContext(ctx);
    expect(await readFeed("player-events", 10)).toHaveLength(10);
  });

  test("is silent while there is nothing to send", async () => {
    const response = await call("/v1/stream/purchases");
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const quiet = scheduler.wait(300).then(() => "quiet");
    expect(await Promise.race([reader.read(), quiet])).toBe("quiet");
    await reader.cancel();
  });

  test.each([
    ["an unknown topic", "/v1/stream/chats", "Bearer dev", 404],
    ["an unknown key", "/v1/stream/purchases", "Bearer nobody", 401],
    ["no key", "/v1/stream/purchases", "", 401],
  ])("answers %s with an empty body after a pause", async (_, path, authorization, status) => {
    const started = Date.now();
    const response = await call(path, { headers: { authorization } });
    expect(response.status).toBe(status);
    expect(await response.text()).toBe("");
    expect(response.headers.get("x-arenaflow-error")).toBeTruthy();
    expect(Date.now() - started).toBeGreaterThan(900);
  });
});

describe("acknowledgements name what is wrong with them", () => {
  test.each([
    ["topic", { topic: "chats", shard: 0, ranges: [] }],
    ["shard", { topic: "purchases", shard: 4, ranges: [] }],
    ["shard", { topic: "purchases", ranges: [] }],
    ["ranges", { topic: "purchases", shard: 0, ranges: [[2, 1]] }],
    ["ranges", { topic: "purchases", shard: 0, ranges: [[0, 1]] }],
    ["ranges", { topic: "purchases", shard: 0, ranges: ["1-2"] }],
    ["ranges", { topic: "purchases", shard: 0 }],
  ])("%s %j", async (field, body) => {
    const response = await post("/v1/acks", body);
    expect(response.status).toBe(400);
    expect(await answerOf(response)).toMatchObject({ code: "invalid_field", field });
  });

  test("and malformed JSON", async () => {
    const response = await post("/v1/acks", "{");
    expect(response.status).toBe(400);
    expect((await answerOf(response)).code).toBe("invalid_json");
  });
});
