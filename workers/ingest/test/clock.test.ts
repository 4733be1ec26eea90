/** Clients whose clocks are wrong, history that keeps its times, and those who ask too often. */
import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";

import { app } from "../src/app.ts";
import { Journal } from "../src/journal/journal.ts";
import { answerOf, AUTH, call, freshJournal, METRICS, MOVE, ORIGIN, readFeed } from "./helpers.ts";

afterEach(async () => reset());

const HOUR_MS = 3_600_000;
const PATH = "/v1/events/player-events";

async function postAt(timestamp: string | number, headers: Record<string, string>, count = 1) {
  const events = Array.from({ length: count }, (_, n) => ({ ...MOVE, timestamp, n }));
  return call(PATH, { method: "POST", body: JSON.stringify(events), headers });
}

describe("X-Client-Time", () => {
  test.each([1, 30])(
    "times of %i events are moved by the difference of the clocks",
    async (count) => {
      const client = Date.now() - 3 * HOUR_MS;
      const said = new Date(client - 60_000).toISOString();
      const headers = { "x-client-time": new Date(client).toISOString() };
      expect((await postAt(said, headers, count)).status).toBe(202);
      for (const record of await readFeed("player-events", count)) {
        expect(record).toMatchObject({ client_time: said, time_corrected: true });
        const age = Date.now() - Date.parse(record["timestamp"] as string);
        expect(age).toBeGreaterThan(59_000);
        expect(age).toBeLessThan(75_000);
      }
    },
  );

  test("a clock that is nearly right is left alone", async () => {
    const said = new Date(Date.now() - 60_000).toISOString();
    await postAt(said, { "x-client-time": String(Date.now() - 3_000) });
    const [record] = await readFeed("player-events", 1);
    expect(record).toMatchObject({ timestamp: said });
    expect(record).not.toHaveProperty("time_corrected");
  });

  test("anything else than a time is named", async () => {
    const response = await postAt(Date.now(), { "x-client-time": "yesterday" });
    expect(response.status).toBe(400);
    expect(await answerOf(response)).toMatchObject({
      code: "invalid_header",
      field: "x-client-time",
      got: "yesterday",
    });
  });
});

test("a backfill key keeps all times, and reads nothing", async () => {
  const headers = { authorization: "Bearer dev-backfill" };
  for (const count of [1, 30]) {
    expect((await postAt("2019-05-01T10:00:00Z", headers, count)).status).toBe(202);
  }
  for (const record of await readFeed("player-events", 31)) {
    expect(record).toMatchObject({ timestamp: "2019-05-01T10:00:00.000Z" });
    expect(record).not.toHaveProperty("time_corrected");
  }
  expect((await call("/v1/status", { headers })).status).toBe(403);
});

test("above the rate: 429 with Retry-After, for the key or the address that asks too often", async () => {
  const limited = { ...env, ADDRESS_REQUESTS_PER_S: "2" };
  const send = async (address: string) =>
    app.fetch(
      new Request(`${ORIGIN}${PATH}`, {
        method: "POST",
        headers: { ...AUTH, "cf-connecting-ip": address },
        body: JSON.stringify(MOVE),
      }),
      limited,
    );
  const statuses: number[] = [];
  for (let i = 0; i < 12; i += 1) statuses.push((await send("203.0.113.7")).status);
  expect(statuses.filter((status) => status === 202)).toHaveLength(10);
  const refused = await send("203.0.113.7");
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await answerOf(refused)).toMatchObject({ code: "rate_limited", status: 429 });
  expect((await send("203.0.113.8")).status).toBe(202);
});

describe("a request for several shards", () => {
  const body = JSON.stringify([
    { topic: "player-events", ...MOVE },
    { topic: "server-metrics", ...METRICS },
  ]);
  const send = async (journals: (name: string) => unknown) => {
    const namespace = { idFromName: (name: string) => name, get: journals };
    return app.fetch(new Request(`${ORIGIN}/v1/events`, { method: "POST", headers: AUTH, body }), {
      ...env,
      JOURNAL: namespace as unknown as typeof env.JOURNAL,
    });
  };

  test("is refused before any of it is stored when one of them is full", async () => {
    await runInDurableObject(freshJournal(), async (_, state) => {
      const journal = new Journal(state, env);
      let asked = 0;
      const full = { hasRoom: () => false };
      const response = await send(() => ((asked += 1) === 2 ? full : journal));
      expect(response.status).toBe(503);
      expect(await response.text()).toBe("");
      expect(journal.status().topics["player-events"].accepted).toBe(0);
      expect(journal.status().topics["server-metrics"].accepted).toBe(0);
    });
  });

  test("is stored once when a shard fails after storing its part", async () => {
    await runInDurableObject(freshJournal(), async (_, state) => {
      const journal = new Journal(state, env);
      let failures = 1;
      const unlucky = {
        hasRoom: () => true,
        append: async (request: Parameters<Journal["append"]>[0]) => {
          const result = await journal.append(request);
          if ((failures -= 1) >= 0) throw new Error("the answer was lost");
          return result;
        },
      };
      const response = await send(() => unlucky);
      expect(response.status).toBe(202);
      expect(await answerOf(response)).toMatchObject({ accepted: 2, duplicates: 0 });
      expect(journal.status().topics["player-events"].accepted).toBe(1);
      expect(journal.status().topics["server-metrics"].accepted).toBe(1);
    });
  });
});
