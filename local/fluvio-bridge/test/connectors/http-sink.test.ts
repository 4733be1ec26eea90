import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, test, vi } from "vitest";
import { newCounters } from "../../src/connectors/counters.ts";
import { HttpSink, verdictOf } from "../../src/connectors/http-sink.ts";
import type { HttpSinkSettings } from "../../src/connectors/settings.ts";
import { bodyOf, serve, type TestServer } from "./http-server.ts";

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

function sink(endpoint: string, settings: Partial<HttpSinkSettings> = {}) {
  const stop = new AbortController();
  const counters = newCounters();
  const logged: string[] = [];
  const made = new HttpSink(
    {
      type: "http-sink",
      endpoint,
      method: "POST",
      headers: [{ name: "Content-Type", value: "application/json" }],
      userAgent: "fluvio/http-sink 0.3.0",
      requestTimeoutMs: 1_000,
      connectTimeoutMs: 500,
      backoffMinMs: 5,
      backoffMaxMs: 20,
      acceptAnyStatus: false,
      ...settings,
    },
    {
      signal: stop.signal,
      counters,
      log: (level, message) => logged.push(`${level} ${message}`),
      onHealth: () => undefined,
    },
  );
  stops.push(async () => {
    stop.abort();
    made.close();
  });
  return { deliver: (text: string) => made.deliver(Buffer.from(text)), counters, stop, logged };
}

interface Recorder extends TestServer {
  readonly bodies: string[];
}

/** Takes what it is sent, and answers each request as told. */
async function recorder(
  answer: (response: ServerResponse, body: string, count: number) => void,
): Promise<Recorder> {
  const bodies: string[] = [];
  const made = await serve(async (request, response) => {
    const body = await bodyOf(request);
    bodies.push(body);
    answer(response, body, bodies.length);
  });
  stops.push(() => made.close());
  return { ...made, bodies };
}

const status = (response: ServerResponse, code: number, body = ""): void => {
  response.statusCode = code;
  response.end(body);
};

test("one request per record, in order, on one connection", async () => {
  const { url, bodies, requests } = await recorder((response) => status(response, 204));
  const { deliver, counters } = sink(url);
  const wanted = Array.from({ length: 200 }, (_, i) => `{"n":${i}}`);
  const sockets = new Set<unknown>();
  for (const record of wanted) {
    expect(await deliver(record)).toBe(true);
    sockets.add(requests.at(-1)?.socket);
  }
  expect(bodies).toEqual(wanted);
  expect(sockets.size).toBe(1);
  expect(counters).toEqual({ records: 200, refused: 0, retries: 0 });
  expect(requests[0]?.headers["content-type"]).toBe("application/json");
  expect(requests[0]?.headers["user-agent"]).toBe("fluvio/http-sink 0.3.0");
});

describe("what becomes of a record", () => {
  test.each([
    [200, "taken"],
    [204, "taken"],
    [400, "refused"],
    [404, "refused"],
    [409, "refused"],
    [413, "refused"],
    [422, "refused"],
    [401, "repeat"],
    [403, "repeat"],
    [408, "repeat"],
    [429, "repeat"],
    [500, "repeat"],
    [503, "repeat"],
  ])("%d: %s", (code, verdict) => {
    expect(verdictOf(code)).toBe(verdict);
  });

  test.each([500, 503, 429])("%d repeats the same record before the next", async (code) => {
    const { url, bodies } = await recorder((response, _, count) =>
      status(response, count <= 3 ? code : 200),
    );
    const { deliver, counters, logged } = sink(url);
    await deliver("a");
    await deliver("b");
    expect(bodies).toEqual(["a", "a", "a", "a", "b"]);
    expect(counters).toEqual({ records: 2, refused: 0, retries: 3 });
    expect(logged.filter((line) => line.startsWith("warn"))).toHaveLength(1);
  });

  test("a refused record is skipped, counted, and its answer logged", async () => {
    const { url, bodies } = await recorder((response, body) =>
      status(response, body === "bad" ? 400 : 200, "window_start is missing"),
    );
    const { deliver, counters, logged } = sink(url);
    expect(await deliver("bad")).toBe(true);
    expect(await deliver("good")).toBe(true);
    expect(bodies).toEqual(["bad", "good"]);
    expect(counters).toEqual({ records: 1, refused: 1, retries: 0 });
    expect(logged.join()).toContain("400 window_start is missing; this record is skipped");
  });

  test("with accept_any_status every answer is success, as with the real connector", async () => {
    const { url, bodies } = await recorder((response) => status(response, 500));
    const { deliver, counters } = sink(url, { acceptAnyStatus: true });
    await deliver("a");
    await deliver("b");
    expect(bodies).toEqual(["a", "b"]);
    expect(counters.records).toBe(2);
  });
});

describe("no answer", () => {
  test("nobody listens: repeated until somebody does", async () => {
    const first = await recorder((response) => status(response, 200));
    await first.close();
    const { deliver, counters } = sink(first.url);
    const delivered = deliver("a");
    await vi.waitFor(() => expect(counters.retries).toBeGreaterThan(2));
    const bodies: string[] = [];
    const second = await serve(
      async (request, response) => {
        bodies.push(await bodyOf(request));
        response.end();
      },
      Number(new URL(first.url).port),
    );
    stops.push(() => second.close());
    expect(await delivered).toBe(true);
    expect(bodies).toEqual(["a"]);
  });

  test("a connection cut in the middle repeats the record", async () => {
    const { url, bodies } = await recorder((response, _, count) => {
      if (count === 1) response.destroy();
      else status(response, 200);
    });
    const { deliver, counters } = sink(url);
    expect(await deliver("a")).toBe(true);
    expect(bodies).toEqual(["a", "a"]);
    expect(counters.retries).toBe(1);
  });

  test("an answer that does not come in time repeats the record", async () => {
    const { url, bodies } = await recorder((response, _, count) => {
      if (count > 1) status(response, 200);
    });
    const { deliver, logged } = sink(url, { requestTimeoutMs: 50 });
    expect(await deliver("a")).toBe(true);
    expect(bodies).toEqual(["a", "a"]);
    expect(logged[0]).toContain("within 50 ms");
  });

  test("when it is stopped the record counts as not delivered", async () => {
    const { url } = await recorder((response) => status(response, 503));
    const { deliver, stop, counters } = sink(url);
    const delivered = deliver("a");
    await vi.waitFor(() => expect(counters.retries).toBeGreaterThan(0));
    stop.abort();
    expect(await delivered).toBe(false);
  });
});

test("Retry-After is heeded, up to the longest wait", async () => {
  const { url, bodies } = await recorder((response, _, count) => {
    if (count === 1) response.setHeader("Retry-After", "60");
    status(response, count === 1 ? 503 : 200);
  });
  const { deliver } = sink(url, { backoffMaxMs: 80 });
  const startedMs = performance.now();
  await deliver("a");
  expect(performance.now() - startedMs).toBeGreaterThan(70);
  expect(bodies).toHaveLength(2);
});
