/** `POST /v1/events…`: what is taken, what is answered, what is kept of a batch. */
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";

import { answerOf, call, METRICS, MOVE, post, PURCHASE, readFeed } from "./helpers.ts";

afterEach(async () => reset());

describe("the requirements' samples are accepted as they stand", () => {
  test.each([
    ["player-events", MOVE],
    ["purchases", PURCHASE],
    ["server-metrics", METRICS],
  ])("%s", async (topic, sample) => {
    const response = await post(`/v1/events/${topic}`, sample);
    expect(response.status).toBe(202);
    expect(await answerOf(response)).toEqual({
      accepted: 1,
      duplicates: 0,
      rejected: [],
      request_id: expect.any(String),
    });
    const [record] = await readFeed(topic, 1);
    expect(record).toMatchObject({
      time_corrected: true,
      title_id: "local",
      event_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/),
      feed: { shard: expect.any(Number), seq: 1 },
    });
  });

  test("curl's own content type does not matter", async () => {
    const body = JSON.stringify(MOVE);
    const response = await post(
      "/v1/events/player-events",
      body,
      "application/x-www-form-urlencoded",
    );
    expect(response.status).toBe(202);
  });
});

describe("the forms of a body", () => {
  const lines = `${JSON.stringify(MOVE)}\n${JSON.stringify(MOVE)}\n`;
  test.each([
    ["an array", [MOVE, MOVE], "application/json"],
    ["an object with events", { events: [MOVE, MOVE] }, "application/json"],
    ["NDJSON by its type", lines, "application/x-ndjson"],
    ["NDJSON by its look", lines, "application/json"],
    ["NDJSON with Windows line ends", lines.replaceAll("\n", "\r\n"), "application/x-ndjson"],
  ])("%s", async (_, body, type) => {
    const response = await post("/v1/events/player-events", body, type);
    expect(response.status).toBe(202);
    expect((await answerOf(response)).accepted).toBe(2);
  });

  test("mixed topics, each event naming its own", async () => {
    const body = [
      { topic: "player-events", ...MOVE },
      { topic: "purchases", ...PURCHASE },
      { topic: "server-metrics", ...METRICS },
    ];
    expect((await answerOf(await post("/v1/events", body))).accepted).toBe(3);
    const [purchase] = await readFeed("purchases", 1);
    expect(purchase).not.toHaveProperty("topic");
  });

  test("gzip", async () => {
    const stream = new Blob([JSON.stringify([MOVE, MOVE])]).stream();
    const response = await call("/v1/events/player-events", {
      method: "POST",
      body: stream.pipeThrough(new CompressionStream("gzip")),
      headers: { "content-encoding": "gzip" },
    });
    expect((await answerOf(response)).accepted).toBe(2);
  });
});

describe("a bad event spoils only itself", () => {
  test("and is named with its place, id, field, expectation and value", async () => {
    const bad = { ...PURCHASE, price: "4.99", event_id: "receipt-7" };
    const { currency: _, ...poor } = PURCHASE;
    const response = await post("/v1/events/purchases", [PURCHASE, bad, poor, 7, PURCHASE]);
    expect(response.status).toBe(202);
    const answer = await answerOf(response);
    expect(answer.accepted).toBe(2);
    expect(answer.rejected).toEqual([
      {
        index: 1,
        event_id: "receipt-7",
        code: "wrong_type",
        field: "price",
        expected: "a number from 0 to 1000000",
        got: 'the string "4.99"',
      },
      {
        index: 2,
        code: "missing_field",
        field: "currency",
        expected: "an ISO 4217 code such as USD",
        got: "nothing",
      },
      {
        index: 3,
        code: "not_an_object",
        field: "",
        expected: "a JSON object",
        got: "the number 7",
      },
    ]);
  });

  test("a broken line of NDJSON is named with its line", async () => {
    const body = `${JSON.stringify(MOVE)}\n{"player_id":}\n${JSON.stringify(MOVE)}`;
    const answer = await answerOf(await post("/v1/events/player-events", body));
    expect(answer.accepted).toBe(2);
    expect(answer.rejected).toMatchObject([{ index: 1, code: "invalid_json" }]);
    expect(answer.rejected[0]?.got).toContain("line 2, column 14");
  });

  test("an event without a topic, or with an unknown one", async () => {
    const body = [MOVE, { topic: "chats", ...MOVE }, { topic: "player-events", ...MOVE }];
    const answer = await answerOf(await post("/v1/events", body));
    expect(answer.accepted).toBe(1);
    expect(answer.rejected).toMatchObject([
      { index: 0, code: "unknown_topic", field: "topic", got: "nothing" },
      { index: 1, code: "unknown_topic", field: "topic", got: 'the string "chats"' },
    ]);
  });

  test("an event that is too large, or nested too deeply", async () => {
    const deep = `{"deep":${"[".repeat(100_000)}${"]".repeat(100_000)},${JSON.stringify(MOVE).slice(1)}`;
    const large = JSON.stringify({ ...MOVE, note: "x".repeat(20_000) });
    const body = `[${deep},${large},${JSON.stringify(MOVE)}]`;
    const answer = await answerOf(await post("/v1/events/player-events", body));
    expect(answer.accepted).toBe(1);
    expect(answer.rejected.map(({ index, code }) => ({ index, code }))).toEqual([
      { index: 0, code: expect.stringMatching(/invalid_value|event_too_large/) },
      { index: 1, code: "event_too_large" },
    ]);
  });

  test("400 with the same members when nothing was accepted", async () => {
    const response = await post("/v1/events/player-events", [{ ...MOVE, event_type: "dance" }]);
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await answerOf(response)).toMatchObject({
      status: 400,
      code: "nothing_accepted",
      accepted: 0,
      duplicates: 0,
      rejected: [{ index: 0, code: "invalid_value", field: "event_type" }],
      field: "event_type",
      detail: expect.stringContaining("session_start"),
    });
  });
});

describe("a body that cannot be taken apart", () => {
  test("malformed JSON: the place is told", async () => {
    const body = '{"player_id":"ü",\n "session_id": x}';
    const response = await post("/v1/events/player-events", body);
    expect(response.status).toBe(400);
    expect(await answerOf(response)).toMatchObject({
      code: "invalid_json",
      line: 2,
      column: 16,
      byte: 34,
      detail: expect.stringContaining("line 2, column 16"),
    });
  });

  test.each([
    ["nothing", ""],
    ["an empty array", "[]"],
    ["an empty list of events", '{"events":[]}'],
  ])("%s", async (_, body) => {
    const response = await post("/v1/events/player-events", body);
    expect(response.status).toBe(400);
    expect((await answerOf(response)).code).toBe("no_events");
  });

  test("bytes that are not UTF-8", async () => {
    const response = await call("/v1/events/player-events", {
      method: "POST",
      body: new Uint8Array([0x7b, 0xff, 0x7d]),
    });
    expect(response.status).toBe(400);
    expect((await answerOf(response)).expected).toBe("UTF-8");
  });

  test("a body over 1 MiB, announced", async () => {
    const response = await post("/v1/events/player-events", " ".repeat(1024 * 1024 + 1));
    expect(response.status).toBe(413);
    expect(await answerOf(response)).toMatchObject({
      code: "body_too_large",
      expected: "at most 1048576 bytes",
    });
  });

  test("a body over 1 MiB, in pieces of unknown number", async () => {
    let pieces = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pieces += 1;
        controller.enqueue(new Uint8Array(64 * 1024).fill(0x20));
      },
    });
    const response = await call("/v1/events/player-events", { method: "POST", body: endless });
    expect(response.status).toBe(413);
    expect(pieces).toBeLessThan(40);
  });

  test("gzip that inflates to more than 1 MiB", async () => {
    const zeros = new Blob([" ".repeat(8 * 1024 * 1024)]).stream();
    const response = await call("/v1/events/player-events", {
      method: "POST",
      body: await new Response(zeros.pipeThrough(new CompressionStream("gzip"))).arrayBuffer(),
      headers: { "content-encoding": "gzip" },
    });
    expect(response.status).toBe(413);
  });

  test("something else called gzip", async () => {
    const response = await call("/v1/events/player-events", {
      method: "POST",
      body: "not gzip",
      headers: { "content-encoding": "gzip" },
    });
    expect(response.status).toBe(400);
    expect((await answerOf(response)).expected).toBe("gzip data");
  });

  test("501 events", async () => {
    const response = await post(
      "/v1/events/player-events",
      Array.from({ length: 501 }, () => MOVE),
    );
    expect(response.status).toBe(413);
    expect((await answerOf(response)).code).toBe("too_many_events");
  });

  test("another type of body, another encoding", async () => {
    const xml = await post("/v1/events/player-events", "<a/>", "application/xml");
    expect(xml.status).toBe(415);
    expect((await answerOf(xml)).field).toBe("content-type");
    const brotli = await call("/v1/events/player-events", {
      method: "POST",
      body: "{}",
      headers: { "content-encoding": "br" },
    });
    expect(brotli.status).toBe(415);
    expect((await answerOf(brotli)).field).toBe("content-encoding");
  });

  test("an unknown topic, whatever title is named", async () => {
    const response = await post("/v1/events/nothing?title=!", [MOVE]);
    expect(response.status).toBe(404);
    expect(await answerOf(response)).toMatchObject({ code: "unknown_topic", field: "topic" });
  });

  test("an unknown topic", async () => {
    const response = await post("/v1/events/chats", MOVE);
    expect(response.status).toBe(404);
    expect(await answerOf(response)).toMatchObject({
      code: "unknown_topic",
      field: "topic",
      expected: "one of player-events, purchases, server-metrics",
      got: "chats",
    });
  });
});

describe("repeats", () => {
  test("an event with its own id is stored once", async () => {
    const event = { ...PURCHASE, event_id: "receipt-1" };
    expect(await answerOf(await post("/v1/events/purchases", [event, event]))).toMatchObject({
      accepted: 1,
      duplicates: 1,
    });
    const again = await post("/v1/events/purchases", event);
    expect(again.status).toBe(202);
    expect(await answerOf(again)).toMatchObject({ accepted: 0, duplicates: 1, rejected: [] });
  });

  test("equal events without an id are all stored", async () => {
    const answer = await answerOf(await post("/v1/events/purchases", [PURCHASE, PURCHASE]));
    expect(answer).toMatchObject({ accepted: 2, duplicates: 0 });
    const records = await readFeed("purchases", 2);
    expect(new Set(records.map((record) => record.event_id)).size).toBe(2);
  });

  test("a request with an Idempotency-Key is stored once, whatever part of it came through", async () => {
    const send = async (events: unknown, key: string) => {
      const init = { method: "POST", body: JSON.stringify(events) };
      const headers = { "idempotency-key": key };
      return answerOf(await call("/v1/events/purchases", { ...init, headers }));
    };
    expect(await send([PURCHASE, 7], "k1")).toMatchObject({ accepted: 1, duplicates: 0 });
    expect(await send([PURCHASE, PURCHASE, PURCHASE], "k1")).toMatchObject({
      accepted: 2,
      duplicates: 1,
    });
    expect(await send([PURCHASE], "k2")).toMatchObject({ accepted: 1, duplicates: 0 });
    const [record] = await readFeed("purchases", 4);
    expect(record?.event_id).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  test("the same id in another topic is another event", async () => {
    await post("/v1/events/purchases", { ...PURCHASE, event_id: "1" });
    const response = await post("/v1/events/player-events", { ...MOVE, event_id: "1" });
    expect((await answerOf(response)).accepted).toBe(1);
  });
});

test("a client's own edge fields are not believed", async () => {
  const forged = { ...MOVE, title_id: "other", received_at: 1, feed: { shard: 9, seq: 9 } };
  await post("/v1/events/player-events", forged);
  const [record] = await readFeed("player-events", 1);
  expect(record?.["title_id"]).toBe("local");
  expect(record?.["received_at"]).toBeGreaterThan(1_700_000_000_000);
  expect(record?.feed.seq).toBe(1);
});
