import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { newCounters } from "../../src/connectors/counters.ts";
import { GraphiteSink } from "../../src/connectors/graphite-sink.ts";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

interface Carbon {
  readonly port: number;
  readonly text: () => string;
  readonly connections: () => number;
  stop(): void;
}

async function carbon(port = 0): Promise<Carbon> {
  let text = "";
  let connections = 0;
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    connections += 1;
    socket.on("data", (chunk) => (text += String(chunk)));
  });
  await new Promise<void>((listening) => server.listen(port, "127.0.0.1", listening));
  const stop = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  stops.push(stop);
  return {
    port: (server.address() as AddressInfo).port,
    text: () => text,
    connections: () => connections,
    stop,
  };
}

const START_MS = 1_700_000_000_999;

function sink(port: number, options: { reportPath?: string } = {}) {
  const stop = new AbortController();
  const counters = newCounters();
  const log: string[] = [];
  const settled: string[] = [];
  const clock = { nowMs: START_MS };
  const made = new GraphiteSink(
    {
      type: "graphite-sink",
      metricPath: "gaming.latency",
      host: "127.0.0.1",
      port,
      resendMs: 60_000,
      reportPath: options.reportPath,
    },
    {
      signal: stop.signal,
      counters,
      log: (_, message) => void log.push(message),
      onHealth: () => undefined,
    },
    () => clock.nowMs,
  );
  stops.push(() => {
    stop.abort();
    made.close();
  });
  const deliver = (value: string | Uint8Array): Promise<boolean> =>
    made.deliver(Buffer.from(value), () => settled.push(String(value)));
  return { deliver, counters, log, settled, clock, stop };
}

test("a line per record: path, value, whole seconds", async () => {
  const { port, text } = await carbon();
  const { deliver, counters } = sink(port);
  await deliver("110.25");
  await deliver("1 -1\np1 70 1700000000\np2 111");
  await vi.waitFor(() =>
    expect(text()).toBe(
      "gaming.latency 110.25 1700000000\ngaming.latency 1 -1\np1 70 1700000000\np2 111 1700000000\n",
    ),
  );
  expect(counters).toEqual({ records: 2, refused: 0, retries: 0 });
});

test("what is not text is skipped, and so are lines that carbon would drop", async () => {
  const { port, text } = await carbon();
  const { deliver, counters, log } = sink(port);
  await deliver(Uint8Array.of(0xff, 0xfe));
  await deliver("1 -1\np1 NaN 1700000000\np 2 3 1700000000\np3 3 1700000000\np4 4");
  await vi.waitFor(() =>
    expect(text()).toBe("gaming.latency 1 -1\np3 3 1700000000\np4 4 1700000000\n"),
  );
  expect(counters).toEqual({ records: 2, refused: 3, retries: 0 });
  expect(log[1]).toBe(
    "left out a line that carbon would drop, and 1 more like it: the value NaN is not a number: p1 NaN 1700000000",
  );
});

test("a carbon that was restarted gets everything of the last minute once more, unasked", async () => {
  const first = await carbon();
  const { deliver, clock, settled } = sink(first.port);
  await deliver("1");
  clock.nowMs += 1_000;
  await deliver("2");
  const written = "gaming.latency 1 1700000000\ngaming.latency 2 1700000001\n";
  await vi.waitFor(() => expect(first.text()).toBe(written));
  first.stop();
  const second = await carbon(first.port);
  await vi.waitFor(() => expect(second.text()).toBe(written), { timeout: 5_000 });
  await deliver("3");
  await vi.waitFor(() => expect(second.text()).toBe(`${written}gaming.latency 3 1700000001\n`));
  expect(settled).toEqual([]);
});

test("a record settles when carbon has read it and the time to repeat it is over", async () => {
  const { port, text, connections } = await carbon();
  const { deliver, clock, settled } = sink(port);
  await deliver("1");
  clock.nowMs += 59_000;
  await deliver("2");
  expect(settled).toEqual([]);
  clock.nowMs += 1_000;
  await deliver("3");
  expect(settled).toEqual(["1"]);
  clock.nowMs += 60_000;
  await deliver("4");
  expect(settled).toEqual(["1", "2", "3"]);
  await vi.waitFor(() => expect(text()).toContain("gaming.latency 4"));
  expect(text().match(/\n/g)).toHaveLength(4);
  expect(connections()).toBe(3);
});

test("its own series say what it has done, and how far behind it is", async () => {
  const { port, text } = await carbon();
  const { deliver } = sink(port, { reportPath: "gaming.sink" });
  await deliver("1 -1\np1 70 1699999990\np2 oops 1699999990\nlast 0");
  await deliver("1 -1\np1 71 1700000000\nlast 0");
  await vi.waitFor(() => expect(text()).toContain("p1 71"));
  const reported = text()
    .split("\n")
    .filter((line) => line.startsWith("gaming.sink"));
  expect(reported).toEqual([
    "gaming.sink.lines 3 1700000000",
    "gaming.sink.refused 1 1700000000",
    "gaming.sink.retries 0 1700000000",
    "gaming.sink.resent 0 1700000000",
    "gaming.sink.lag_seconds 10 1700000000",
  ]);
});

test("stopped while carbon is away: the record stays where it was", async () => {
  const away = await carbon();
  away.stop();
  const { deliver, stop, settled } = sink(away.port);
  const waiting = deliver("1");
  stop.abort();
  expect(await waiting).toBe(false);
  expect(settled).toEqual([]);
});
