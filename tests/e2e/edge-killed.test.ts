/**
 * The edge's promise at its hardest: workerd is killed by SIGKILL again and again while clients send,
 * and every event that was accepted comes out of the feed, once.
 */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";

import { bundle } from "../../bench/ingest/bundle.ts";
import { Edge } from "./edge.ts";

const KILLS = 4;
const CLIENTS = 6;
/** Long enough for a few hundred requests between two kills. */
const BETWEEN_KILLS_MS = 700;
const RETRY_MS = 30;
const HEADERS = { authorization: "Bearer dev", "content-type": "application/json" };

/** Sends batches until told to stop, each again and again until it is accepted. */
async function send(
  edge: Edge,
  load: { running: boolean; accepted: Set<string> },
): Promise<number> {
  let repeats = 0;
  for (let n = 0; load.running; n += 1) {
    const ids = Array.from({ length: n % 3 === 0 ? 40 : 1 + (n % 5) }, () => randomUUID());
    const body = JSON.stringify(ids.map(eventOf));
    for (let taken = false; !taken;) {
      const response = await post(edge, body);
      const answer =
        response?.status === 202 ? await response.json().catch(() => undefined) : undefined;
      taken = answer !== undefined;
      if (taken) {
        const { accepted, duplicates } = answer as { accepted: number; duplicates: number };
        expect(accepted + duplicates).toBe(ids.length);
        for (const id of ids) load.accepted.add(id);
      } else {
        repeats += 1;
        await wait(RETRY_MS);
      }
    }
  }
  return repeats;
}

async function post(edge: Edge, body: string): Promise<Response | undefined> {
  if (edge.url === "") return undefined;
  return fetch(`${edge.url}/v1/events`, { method: "POST", headers: HEADERS, body }).catch(
    () => undefined,
  );
}

/** Two topics, so that a request goes to several shards. */
function eventOf(event_id: string, n: number): object {
  const time = new Date().toISOString();
  return n % 2 === 0
    ? {
        topic: "player-events",
        event_id,
        player_id: "p",
        session_id: "s",
        event_type: "move",
        level_id: "l",
        map_id: "m",
        timestamp: time,
      }
    : {
        topic: "purchases",
        event_id,
        player_id: "p",
        item_id: "i",
        price: 1,
        currency: "USD",
        purchase_timestamp: time,
      };
}

/** Every event on the feed of a topic, acknowledged as it comes. */
async function drain(url: string, topic: string, count: number): Promise<string[]> {
  const seen: string[] = [];
  while (seen.length < count) {
    const ending = new AbortController();
    const response = await fetch(`${url}/v1/stream/${topic}`, {
      headers: HEADERS,
      signal: ending.signal,
    });
    let text = "";
    const silence = () => setTimeout(() => ending.abort(), 2_000);
    let timer = silence();
    try {
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk).toString("utf8");
        clearTimeout(timer);
        timer = silence();
      }
    } catch {
      // Nothing more came.
    }
    clearTimeout(timer);
    const records = text
      .split("\n")
      .slice(0, -1)
      .map(
        (line) => JSON.parse(line) as { event_id: string; feed: { shard: number; seq: number } },
      );
    if (records.length === 0) break;
    for (const [shard, ofShard] of Map.groupBy(records, ({ feed }) => feed.shard)) {
      const ranges = ofShard.map(({ feed }) => [feed.seq, feed.seq]);
      const acked = await fetch(`${url}/v1/acks`, {
        method: "POST",
        headers: HEADERS,
        body: JSON.stringify({ topic, shard, ranges }),
      });
      expect(acked.status).toBe(200);
    }
    seen.push(...records.map(({ event_id }) => event_id));
  }
  return seen;
}

test.skipIf(process.platform !== "linux")(
  "what was accepted survives kills, and none of it is there twice",
  async () => {
    const dir = await mkdtemp(join(tmpdir(), "arenaflow-killed-"));
    const edge = new Edge(dir, await bundle());
    try {
      await edge.start();
      const load = { running: true, accepted: new Set<string>() };
      const clients = Promise.all(Array.from({ length: CLIENTS }, () => send(edge, load)));
      for (let kill = 0; kill < KILLS; kill += 1) {
        await wait(BETWEEN_KILLS_MS);
        await edge.kill();
        await edge.start();
      }
      await wait(BETWEEN_KILLS_MS);
      load.running = false;
      const repeats = (await clients).reduce((all, one) => all + one, 0);
      // Kills that nobody noticed would prove nothing.
      expect(repeats).toBeGreaterThan(KILLS);

      const seen = [
        ...(await drain(edge.url, "player-events", load.accepted.size)),
        ...(await drain(edge.url, "purchases", load.accepted.size)),
      ];
      expect(seen.length).toBe(new Set(seen).size);
      expect(new Set(seen)).toEqual(load.accepted);
      const status = await fetch(`${edge.url}/v1/status`, { headers: HEADERS });
      expect(await status.json()).toMatchObject({
        accepted: load.accepted.size,
        rejected: 0,
        backlog: 0,
      });
    } finally {
      await edge.stop();
      await rm(dir, { recursive: true, force: true });
    }
  },
);
