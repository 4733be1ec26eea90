import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { parseConnector } from "../../src/connectors/config.ts";
import { newCounters } from "../../src/connectors/counters.ts";
import { runHttpSource, type SendRecords } from "../../src/connectors/http-source.ts";
import { SendError } from "../../src/connectors/in-flight.ts";
import { serve, type TestServer } from "./http-server.ts";

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

function source(url: string, keys: string, send?: SendRecords) {
  const text = `
apiVersion: 0.1.0
meta: { name: s, type: http-source, version: 0.5.0, topic: t }
http: { endpoint: "${url}", ${keys} }`;
  const result = parseConnector(text, () => undefined);
  if ("problems" in result || result.config.settings.type !== "http-source") {
    throw new Error(JSON.stringify(result));
  }
  const records: string[] = [];
  const counters = newCounters();
  const stop = new AbortController();
  const logged: string[] = [];
  const ended = runHttpSource(
    result.config.settings,
    send ??
      (async (values) => {
        records.push(...values.map((value) => Buffer.from(value).toString()));
      }),
    {
      signal: stop.signal,
      counters,
      log: (level, message) => logged.push(`${level} ${message}`),
      onHealth: () => undefined,
    },
  );
  ended.catch(() => undefined);
  stops.push(async () => {
    stop.abort();
    await ended.catch(() => undefined);
  });
  return { records, counters, ended, stop, logged };
}

/** Waits until a number has not changed for a while. */
async function untilStill(read: () => number): Promise<void> {
  for (let last = -1; last !== read();) {
    last = read();
    await sleep(250);
  }
}

async function server(...args: Parameters<typeof serve>): Promise<TestServer> {
  const made = await serve(...args);
  stops.push(() => made.close());
  return made;
}

describe("streaming", () => {
  test("records are cut at the delimiter as they come; the end without one is left out", async () => {
    const { url } = await server(async (_, response, count) => {
      if (count > 1) return;
      response.write("one\ntw");
      await sleep(20);
      response.write("o\n\nthree");
      await sleep(20);
      response.end();
    });
    const { records, counters } = source(url, "stream: true");
    await vi.waitFor(() => expect(records).toEqual(["one", "two", ""]));
    await sleep(50);
    expect(records).toEqual(["one", "two", ""]);
    expect(counters.records).toBe(3);
  });

  test("a stream that ends is asked for again, with a pause when it was short", async () => {
    const { url, requests } = await server((_, response, count) => response.end(`${count}\n`));
    const startedMs = performance.now();
    const { records } = source(url, "stream: true");
    await vi.waitFor(() => expect(records.length).toBeGreaterThan(3), { timeout: 5_000 });
    expect(records.slice(0, 3)).toEqual(["1", "2", "3"]);
    // 20 ms between two; without a pause it would be hundreds.
    expect(requests.length).toBeLessThan((performance.now() - startedMs) / 20 + 2);
  });

  test("a server that closes at once without a record is asked less and less often", async () => {
    const { url, requests } = await server((_, response) => response.end());
    source(url, "stream: true");
    await sleep(500);
    // After 0, 20, 50, 100, 180, 310 ms …
    expect(requests.length).toBeGreaterThanOrEqual(2);
    expect(requests.length).toBeLessThanOrEqual(7);
  });

  test("an error page is not a record, unless asked for", async () => {
    const { url } = await server((_, response) => {
      response.statusCode = 503;
      response.end("down\n");
    });
    const careful = source(url, "stream: true");
    const faithful = source(url, "stream: true, accept_any_status: true");
    await vi.waitFor(() => expect(faithful.records).toContain("down"));
    await vi.waitFor(() => expect(careful.counters.refused).toBeGreaterThan(1));
    expect(careful.records).toEqual([]);
    expect(careful.logged.filter((line) => line.startsWith("warn"))).toHaveLength(1);
  });

  test("a server that is down and comes back", async () => {
    const first = await server((_, response) => response.end("a\n"));
    const port = Number(new URL(first.url).port);
    await first.close();
    const { records } = source(first.url, "stream: true");
    await sleep(60);
    await server((_, response) => void response.write("b\n"), port);
    await vi.waitFor(() => expect(records).toEqual(["b"]));
  });

  test("while the topic does not acknowledge, the socket is not read", async () => {
    const line = `${"x".repeat(1023)}\n`;
    let written = 0;
    const { url } = await server((_, response) => {
      const more = (): void => {
        while (!response.destroyed) {
          written += line.length;
          if (!response.write(line)) break;
        }
        response.once("drain", more);
      };
      more();
    });
    let sends = 0;
    const acks: (() => void)[] = [];
    const { counters } = source(url, "stream: true", (values) => {
      sends += values.length;
      return new Promise<void>((done) => acks.push(done));
    });
    await vi.waitFor(() => expect(sends).toBeGreaterThan(1_000), { timeout: 5_000 });
    await untilStill(() => sends + written);
    const sendsThen = sends;
    // 4 MiB in flight, and what the two sockets hold.
    expect(sendsThen).toBeLessThanOrEqual(5_000);
    expect(written).toBeLessThan(24 * 1024 * 1024);
    for (const ack of acks.splice(0)) ack();
    await vi.waitFor(() => expect(sends).toBeGreaterThan(sendsThen));
    expect(counters.records).toBe(sendsThen);
  });

  test("a record the topic does not take ends the run, even when the stream is silent", async () => {
    const { url } = await server((_, response) => void response.write("a\nb\n"));
    const { ended } = source(url, "stream: true", () => Promise.reject(new Error("topic is full")));
    await expect(ended).rejects.toBeInstanceOf(SendError);
  });

  test("it can be stopped while the topic does not acknowledge", async () => {
    const { url } = await server((_, response) => void response.write("a\n"));
    const { ended, stop } = source(url, "stream: true", () => new Promise(() => undefined));
    await sleep(100);
    stop.abort();
    await ended;
  });
});

describe("polling", () => {
  test("one response is one record, at once and at every interval", async () => {
    const { url } = await server((_, response, count) => response.end(`a\nb ${count}`));
    const { records } = source(url, "interval: 30ms");
    await vi.waitFor(() => expect(records.length).toBeGreaterThanOrEqual(3));
    expect(records.slice(0, 2)).toEqual(["a\nb 1", "a\nb 2"]);
  });

  test("an error is skipped and the next poll comes at its time", async () => {
    const { url } = await server((_, response, count) => {
      response.statusCode = count === 1 ? 500 : 200;
      response.end(`${count}`);
    });
    const { records, counters } = source(url, "interval: 20ms");
    await vi.waitFor(() => expect(records[0]).toBe("2"));
    expect(counters.refused).toBe(1);
  });
});

describe("what is asked and what a record holds", () => {
  test("method, body, headers given twice, user agent", async () => {
    const { url, requests } = await server((_, response) => response.end("x"));
    const { records } = source(
      url,
      'method: post, body: q, headers: ["A: 1", "A: 2"], interval: 1h',
    );
    await vi.waitFor(() => expect(records).toEqual(["x"]));
    expect(requests[0]?.method).toBe("POST");
    expect(requests[0]?.headersDistinct["a"]).toEqual(["1", "2"]);
    expect(requests[0]?.headers["user-agent"]).toBe("fluvio/http-source 0.5.0");
    expect(requests[0]?.headers.accept).toBe("*/*");
  });

  test("a redirect is followed", async () => {
    const { url } = await server((request, response) => {
      if (request.url === "/there") return response.end("found");
      response.writeHead(302, { location: "/there" });
      return response.end();
    });
    const { records } = source(url, "interval: 1h");
    await vi.waitFor(() => expect(records).toEqual(["found"]));
  });

  test.each([
    ["body", "json", '{"body":"hi"}'],
    ["full", "text", "HTTP/1.1 200 OK\nx-a: 1\ncontent-type: text/plain\n\nhi"],
    [
      "full",
      "json",
      '{"status":{"version":"HTTP/1.1","code":200,"string":"OK"},"header":{"content-type":"text/plain","x-a":"1"},"body":"hi"}',
    ],
  ])("%s as %s", async (parts, type, expected) => {
    const { url } = await server((_, response) => {
      response.sendDate = false;
      response.writeHead(200, { "X-A": "1", "Content-Type": "text/plain" });
      response.end("hi");
    });
    const { records } = source(url, `output_parts: ${parts}, output_type: ${type}, interval: 1h`);
    await vi.waitFor(() => expect(records).toHaveLength(1));
    const got = records[0]?.replaceAll(
      /"?(connection|keep-alive|transfer-encoding|content-length)"?: ?"?[^\n",]*"?[\n,]/gi,
      "",
    );
    expect(got).toBe(expected);
  });

  test("another charset is decoded, bytes that are no text are replaced", async () => {
    const { url } = await server((request, response) => {
      const latin = request.url === "/latin";
      response.writeHead(200, {
        "content-type": latin ? "text/plain; charset=latin1" : "text/plain",
      });
      response.end(Buffer.from([0x61, 0xe9]));
    });
    const latin = source(`${url}/latin`, "interval: 1h");
    const broken = source(`${url}/utf8`, "interval: 1h");
    await vi.waitFor(() => expect(latin.records).toEqual(["aé"]));
    await vi.waitFor(() => expect(broken.records).toEqual(["a\uFFFD"]));
  });
});
