/** How fast the feed gives out what was posted, against a bare Worker that sends its blobs as they are. */
import { once } from "node:events";
import { connect } from "node:net";

import { median, round3 } from "./numbers.ts";
import { postLoad } from "./post-load.ts";
import { startPair, type Served } from "./served.ts";

const REQUESTS = 120;
const EVENTS_PER_REQUEST = 500;
const EVENTS = REQUESTS * EVENTS_PER_REQUEST;
const ROUNDS = 5;
const WARM_UP_ROUNDS = 1;
const NEWLINE = 0x0a;

/** Drains both several times: nobody acknowledges, so the feed begins at the first event each time. */
export async function drainRatio(): Promise<Record<string, number>> {
  const pair = await startPair();
  try {
    for (const { port, path } of [pair.ours, pair.bare]) {
      const load = { events: EVENTS_PER_REQUEST, connections: 4, requests: REQUESTS };
      await postLoad({ port, path, ...load });
    }
    const ratios: number[] = [];
    const rates: number[] = [];
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
      const bare = await drain(pair.bare, "/", untilClosed);
      const ours = await drain(pair.ours, "/v1/stream/player-events", untilLines);
      if (round < WARM_UP_ROUNDS) continue;
      ratios.push(bare.cost / ours.cost);
      rates.push(EVENTS / ours.seconds);
    }
    return {
      feed_vs_bare_read: round3(median(ratios)),
      feed_events_per_s: Math.round(median(rates)),
    };
  } finally {
    await pair.close();
  }
}

type End = () => (chunk: Buffer) => boolean;

async function drain(side: Served, path: string, end: End) {
  const before = side.cpuSeconds();
  const started = performance.now();
  const socket = connect({ host: "127.0.0.1", port: side.port });
  await once(socket, "connect");
  const ended = end();
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer dev\r\nConnection: close\r\n\r\n`,
  );
  for await (const chunk of socket) if (ended(chunk as Buffer)) break;
  socket.destroy();
  const seconds = (performance.now() - started) / 1000;
  const cpu = side.cpuSeconds() - before;
  return { seconds, cost: cpu > 0 ? cpu : seconds };
}

/** The bare Worker ends its answer after the last blob. */
function untilClosed() {
  return () => false;
}

/** The feed stays open; only its records end with "}\n". */
function untilLines() {
  let lines = 0;
  let previous = 0;
  return (chunk: Buffer) => {
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) {
      if ((at === 0 ? previous : chunk[at - 1]) === 0x7d) lines += 1;
    }
    previous = chunk.at(-1) ?? 0;
    return lines >= EVENTS;
  };
}
