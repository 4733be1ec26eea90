/** How fast the feed gives out what was posted, against a bare Worker that sends its blobs as they are. */
import { once } from "node:events";
import { connect } from "node:net";

import { median } from "./numbers.ts";
import { postLoad } from "./post-load.ts";
import { alternate, ratioMetrics, type Rounds } from "./rounds.ts";
import { startPair } from "./served.ts";

const REQUESTS = 120;
const EVENTS_PER_REQUEST = 500;
const EVENTS = REQUESTS * EVENTS_PER_REQUEST;
const ROUNDS: Rounds = { warmUp: 3, rounds: 15 };
const FEED = "/v1/stream/player-events";
const NEWLINE = 0x0a;

/** Drains both several times: nobody acknowledges, so the feed begins at the first event each time. */
export async function drainRatio(): Promise<Record<string, number>> {
  const pair = await startPair();
  try {
    for (const { port, path } of [pair.ours, pair.bare]) {
      const load = { events: EVENTS_PER_REQUEST, connections: 4, requests: REQUESTS };
      await postLoad({ port, path, ...load });
    }
    const { ratios, ours } = await alternate(pair, ROUNDS, async ({ port }, name) =>
      name === "bare" ? drain(port, "/", untilClosed) : drain(port, FEED, untilLines),
    );
    return {
      ...ratioMetrics("feed_vs_bare_read", ratios),
      feed_events_per_s: Math.round(EVENTS / median(ours.map(({ seconds }) => seconds))),
    };
  } finally {
    await pair.close();
  }
}

type End = () => (chunk: Buffer) => boolean;

async function drain(port: number, path: string, end: End): Promise<void> {
  const socket = connect({ host: "127.0.0.1", port });
  await once(socket, "connect");
  const ended = end();
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer dev\r\nConnection: close\r\n\r\n`,
  );
  for await (const chunk of socket) if (ended(chunk as Buffer)) break;
  socket.destroy();
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
