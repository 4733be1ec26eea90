/** What Cloudflare tells of a request's origin is added to players' events, not to servers'. */
import { reset } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { afterEach, expect, test } from "vitest";

import { AUTH, METRICS, MOVE, ORIGIN, readFeed } from "./helpers.ts";

afterEach(async () => reset());

async function postFrom(topic: string, events: unknown): Promise<number> {
  const cf = { country: "DE", region: "Bavaria", asn: 3320, colo: "MUC" };
  const init = { method: "POST", headers: AUTH, body: JSON.stringify(events), cf };
  const url = `${ORIGIN}/v1/events/${topic}`;
  return (await exports.default.fetch(new Request(url, init))).status;
}

test.each([1, 30])("country, region and network, in requests of %i events", async (count) => {
  const events = Array.from({ length: count }, (_, n) => ({
    ...MOVE,
    event_id: `id-${n}`,
    timestamp: new Date().toISOString(),
  }));
  expect(await postFrom("player-events", events)).toBe(202);
  for (const record of await readFeed("player-events", count)) {
    expect(record).toMatchObject({ country: "DE", country_region: "Bavaria", network: 3320 });
  }
});

test("what an event says itself is left as it is", async () => {
  await postFrom("player-events", { ...MOVE, country: "FR" });
  const [record] = await readFeed("player-events", 1);
  expect(record).toMatchObject({ country: "FR", network: 3320 });
});

test("servers are not where their requests come from", async () => {
  await postFrom("server-metrics", METRICS);
  const [record] = await readFeed("server-metrics", 1);
  expect(record).not.toHaveProperty("country");
});
