/** Clients whose clocks are wrong, history that keeps its times, and those who ask too often. */
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";

import { app } from "../src/app.ts";
import { answerOf, AUTH, call, MOVE, ORIGIN, readFeed } from "./helpers.ts";

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
