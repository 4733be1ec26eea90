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
  stop(): void;
}

async function carbon(port = 0): Promise<Carbon> {
  let text = "";
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on("data", (chunk) => (text += String(chunk)));
  });
  await new Promise<void>((listening) => server.listen(port, "127.0.0.1", listening));
  const stop = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  stops.push(stop);
  return { port: (server.address() as AddressInfo).port, text: () => text, stop };
}

function sink(port: number) {
  const stop = new AbortController();
  const counters = newCounters();
  const made = new GraphiteSink(
    { type: "graphite-sink", metricPath: "gaming.latency", host: "127.0.0.1", port },
    { signal: stop.signal, counters, log: () => undefined, onHealth: () => undefined },
    () => 1_700_000_000_999,
  );
  stops.push(() => {
    stop.abort();
    made.close();
  });
  return { deliver: (value: string | Uint8Array) => made.deliver(Buffer.from(value)), counters };
}

test("a line per record: path, value, whole seconds", async () => {
  const { port, text } = await carbon();
  const { deliver, counters } = sink(port);
  await deliver("110.25");
  await deliver("1 -1\np1 70 T1\np2 111");
  await vi.waitFor(() =>
    expect(text()).toBe(
      "gaming.latency 110.25 1700000000\ngaming.latency 1 -1\np1 70 T1\np2 111 1700000000\n",
    ),
  );
  expect(counters).toEqual({ records: 2, refused: 0, retries: 0 });
});

test("what is not text is skipped", async () => {
  const { port, text } = await carbon();
  const { deliver, counters } = sink(port);
  await deliver(Uint8Array.of(0xff, 0xfe));
  await deliver("1");
  await vi.waitFor(() => expect(text()).toBe("gaming.latency 1 1700000000\n"));
  expect(counters).toEqual({ records: 1, refused: 1, retries: 0 });
});

test("a carbon that was restarted gets the next line", async () => {
  const first = await carbon();
  const { deliver } = sink(first.port);
  await deliver("1");
  await vi.waitFor(() => expect(first.text()).not.toBe(""));
  first.stop();
  await new Promise((heard) => setTimeout(heard, 50));
  const waiting = deliver("2");
  const second = await carbon(first.port);
  await waiting;
  await vi.waitFor(() => expect(second.text()).toBe("gaming.latency 2 1700000000\n"));
});
