/** People who watch, over real sockets: one that stops reading is dropped, the others go on. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

import { bundle } from "../../bench/ingest/bundle.ts";
import { Edge } from "./edge.ts";

const HEADERS = { authorization: "Bearer dev", "content-type": "application/json" };
/** Of one insight; well below what a sink may send. */
const PADDING_CHARS = 500_000;
/** More than the hub lets wait, and than the buffers of two sockets hold. */
const INSIGHTS = 60;

/** Opens a WebSocket by hand: a client of the platform would read by itself. */
async function openSilently(url: string): Promise<Socket> {
  const { hostname, port, host } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, "connect");
  socket.write(
    `GET /v1/live HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer dev\r\nUpgrade: websocket\r\n` +
      `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
  );
  const [head] = (await once(socket, "data")) as [Buffer];
  expect(head.toString("latin1")).toContain("101");
  socket.pause();
  return socket;
}

async function insight(edge: Edge, n: number): Promise<void> {
  const body = {
    server_id: "s",
    window_start: n,
    window_end: n + 1,
    reason: "x".repeat(PADDING_CHARS),
  };
  const init = { method: "POST", headers: HEADERS, body: JSON.stringify(body) };
  expect((await fetch(`${edge.url}/v1/insights/server-health`, init)).status).toBe(200);
}

test("a reader that stops reading is dropped, holds up nobody, and resumes", async () => {
  const dir = await mkdtemp(join(tmpdir(), "arenaflow-readers-"));
  const edge = new Edge(dir, await bundle());
  try {
    await edge.start();
    const silent = await openSilently(edge.url);
    const live = new WebSocket(`${edge.url.replace("http", "ws")}/v1/live`, [
      "arenaflow.v1",
      "bearer.dev",
    ]);
    const positions: number[] = [];
    live.addEventListener("message", ({ data }) => {
      for (const { position } of JSON.parse(data as string) as { position: number }[])
        positions.push(position);
      live.send(`{"seen":${positions.at(-1)}}`);
    });
    await once(live, "open");
    for (let n = 0; n < INSIGHTS; n += 1) await insight(edge, n);
    while (positions.length < INSIGHTS) await once(live, "message");
    expect(positions).toEqual(Array.from({ length: INSIGHTS }, (_, n) => n + 1));

    // What had been sent is still on its way; the close comes behind it.
    let bytes = 0;
    const dropped = new Promise<void>((resolve) => {
      silent.on("data", (chunk: Buffer) => {
        bytes += chunk.byteLength;
        if (chunk.includes("too slow: resume with")) resolve();
      });
    });
    silent.resume();
    await dropped;
    silent.destroy();
    expect(bytes).toBeLessThan(INSIGHTS * PADDING_CHARS);
    const status = await fetch(`${edge.url}/v1/status`, { headers: HEADERS });
    expect(await status.json()).toMatchObject({ live: { sockets: 1 } });

    const resumed = new WebSocket(
      `${edge.url.replace("http", "ws")}/v1/live?after=${INSIGHTS - 2}`,
      ["arenaflow.v1", "bearer.dev"],
    );
    const [{ data }] = (await once(resumed, "message")) as [{ data: string }];
    expect((JSON.parse(data) as { position: number }[]).map(({ position }) => position)).toEqual([
      INSIGHTS - 1,
      INSIGHTS,
    ]);
    live.close();
    resumed.close();
  } finally {
    await edge.stop();
    await rm(dir, { recursive: true, force: true });
  }
});
