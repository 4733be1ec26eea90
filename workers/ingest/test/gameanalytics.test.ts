/** The GameAnalytics routes: signatures, and the exact answers by which SDKs keep or drop events. */
import { LOCAL_GAME } from "@arenaflow/events";
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";

import { app } from "../src/app.ts";
import { ask, call, deployed, ORIGIN, readFeed } from "./helpers.ts";

afterEach(async () => reset());

const EVENTS = `/v2/${LOCAL_GAME.game_key}/events`;
const COMMON = {
  v: 2,
  user_id: "ga-1",
  session_id: "de305d54-75b4-431b-adb2-eb6b9e546014",
  session_num: 1,
  sdk_version: "javascript 4.4.7",
  os_version: "webplayer 1.0.0",
  manufacturer: "unknown",
  device: "unknown",
  platform: "webplayer",
};
const START = { ...COMMON, category: "progression", event_id: "Start:world:level:part" };

async function sign(bytes: Uint8Array, secret: string = LOCAL_GAME.secret): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const raw = new TextEncoder().encode(secret);
  const key = await crypto.subtle.importKey("raw", raw, algorithm, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, bytes);
  return btoa(String.fromCharCode(...new Uint8Array(signature)));
}

async function send(path: string, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const bytes = new TextEncoder().encode(text);
  const authorization = await sign(bytes);
  return call(path, { method: "POST", body: bytes, headers: { authorization, ...headers } });
}

describe("init", () => {
  test.each([
    `/remote_configs/v1/init?game_key=${LOCAL_GAME.game_key}&interval_seconds=0&configs_hash=`,
    `/v2/${LOCAL_GAME.game_key}/init`,
  ])("%s tells the time", async (path) => {
    for (const body of [{ platform: "ios" }, [{ platform: "ios" }]]) {
      const response = await send(path, body);
      expect(response.status).toBe(200);
      const { enabled, server_ts } = await response.json<{ enabled: boolean; server_ts: number }>();
      expect(enabled).toBe(true);
      expect(Math.abs(server_ts - Date.now() / 1000)).toBeLessThan(10);
    }
  });

  test("an unknown key or a wrong signature is refused with JSON", async () => {
    const wrong = await send(`/v2/${LOCAL_GAME.game_key}/init`, {}, { authorization: "AAAA" });
    const unknown = await send(`/v2/${"x".repeat(32)}/init`, {});
    const garbage = await send(`/v2/${LOCAL_GAME.game_key}/init`, {}, { authorization: "*" });
    for (const response of [wrong, unknown, garbage]) {
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ errors: [{ error_type: "unauthorized" }] });
    }
  });
});

describe("events", () => {
  test("are mapped to our topics; those that fit none are counted", async () => {
    const response = await send(EVENTS, [
      { ...COMMON, category: "user", event_uuid: "u-1" },
      { ...START, event_uuid: "u-2", client_ts: Math.floor(Date.now() / 1000) },
      { ...COMMON, category: "progression", event_id: "Fail:world", attempt_num: 3, score: 7 },
      { ...COMMON, category: "session_end", length: 61 },
      { ...COMMON, category: "design", event_id: "a:b", value: 1 },
      { category: "sdk_error", error_category: "init", error_area: "x", error_action: "y" },
      { ...COMMON, category: "business", event_id: "gems:pack", amount: 499, currency: "USD" },
    ]);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("{}");
    const [purchase] = await readFeed("purchases", 1);
    expect(purchase).toMatchObject({ player_id: "ga-1", item_id: "pack", price: 4.99 });
    expect(await readFeed("player-events", 4)).toMatchObject([
      { event_type: "session_start", event_id: "u-1", level_id: "none" },
      { event_type: "level_start", map_id: "world", level_id: "level:part", title_id: "local" },
      { event_type: "level_fail", map_id: "world", level_id: "world", attempt_num: 3, score: 7 },
      { event_type: "session_end", session_length: 61 },
    ]);
    const status = await call("/v1/status");
    expect(await status.json()).toMatchObject({ accepted: 5, not_mapped: 2, received: 5 });
  });

  test("sent again are counted once", async () => {
    const batch = [{ ...START, event_uuid: "u-9" }];
    for (const _ of [1, 2]) expect((await send(EVENTS, batch)).status).toBe(200);
    const status = await call("/v1/status");
    expect(await status.json()).toMatchObject({ accepted: 1, duplicates: 1 });
  });

  test("some invalid: the good ones are taken, the others can be looked at", async () => {
    const response = await send(EVENTS, [{ ...START, event_id: "Begin:x" }, START]);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("{}");
    const rejected = await call("/v1/rejected");
    expect(await rejected.json()).toMatchObject({ items: [{ index: 0, field: "event_id" }] });
  });

  test("those that are kept for a look give no address away that is to be hashed", async () => {
    const ADDRESS = "203.0.113.9";
    const bindings = await deployed([{ key: "one", title: "one", roles: ["read"] }], {
      ARENAFLOW_GAMEANALYTICS: JSON.stringify([{ ...LOCAL_GAME, title: "one" }]),
      ARENAFLOW_TITLES: JSON.stringify({ one: { address_secret: "s".repeat(32) } }),
    });
    const events = [{ ...START, event_id: "Begin:x", ip_address: ADDRESS }, ADDRESS, START];
    const body = JSON.stringify(events);
    const headers = { authorization: await sign(new TextEncoder().encode(body)) };
    expect((await ask(bindings, EVENTS, { body, headers })).status).toBe(200);
    const shown = await (await ask(bindings, "/v1/rejected", { key: "one" })).text();
    expect(JSON.parse(shown)).toMatchObject({ items: [{ index: 1 }, { index: 0 }] });
    expect(shown).not.toContain(ADDRESS);
  });

  test("all invalid: 400 with a reason for each", async () => {
    const events = [{ category: "user" }, 7, { ...COMMON, category: "dance" }];
    const response = await send(EVENTS, events);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject([
      { index: 0, errors: [{ path: "user_id" }] },
      { index: 1, errors: [{ error_type: "not_an_object" }] },
      { index: 2, errors: [{ path: "category" }] },
    ]);
  });

  test.each(["{}", "[", "7", ""])("no list: 400 with a list of errors: %j", async (body) => {
    const response = await send(EVENTS, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject([{ errors: [{ error_type: "invalid_json" }] }]);
  });

  test("gzip is signed as it is sent, and inflated under the limit", async () => {
    const gzip = async (text: string) => {
      const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
      return new Uint8Array(await new Response(stream).arrayBuffer());
    };
    const post = async (body: Uint8Array) => {
      const headers = { authorization: await sign(body), "content-encoding": "gzip" };
      return call(EVENTS, { method: "POST", body, headers });
    };
    expect((await post(await gzip(JSON.stringify([START])))).status).toBe(200);
    const bomb = await post(await gzip(" ".repeat(2 * 1024 * 1024)));
    expect(bomb.status).toBe(413);
    expect(await bomb.text()).not.toBe("");
  });

  test("too large, or badly signed: JSON, so that they are not sent again", async () => {
    const large = await send(EVENTS, " ".repeat(1024 * 1024 + 1));
    expect(large.status).toBe(413);
    const unsigned = await call(EVENTS, { method: "POST", body: "[]", headers: {} });
    expect(unsigned.status).toBe(401);
    for (const response of [large, unsigned]) {
      expect(await response.json()).toMatchObject({ errors: [expect.anything()] });
    }
  });

  test("a Journal that fails: 503 without a body, so that they are kept", async () => {
    const body = new TextEncoder().encode(JSON.stringify([START]));
    const headers = { authorization: await sign(body), origin: "https://game.example" };
    const broken = {
      idFromName: () => ({}),
      get: () => ({ append: async () => Promise.reject(new Error("restarting")) }),
    };
    const response = await app.fetch(
      new Request(`${ORIGIN}${EVENTS}`, { method: "POST", body, headers }),
      { ...env, JOURNAL: broken as unknown as typeof env.JOURNAL },
    );
    expect(response.status).toBe(503);
    expect(await response.text()).toBe("");
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
  });

  test("browsers may ask, and see every answer", async () => {
    const origin = "https://game.example";
    const headers = {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type",
    };
    const asked = await call(EVENTS, { method: "OPTIONS", headers });
    expect(asked.status).toBe(204);
    expect(asked.headers.get("access-control-allow-headers")).toContain("authorization");
    const refused = await send(EVENTS, "[]", { origin, authorization: "AAAA" });
    expect(refused.status).toBe(401);
    expect(refused.headers.get("access-control-allow-origin")).toBe("*");
  });
});

test("above the rate: 429 without a body, so that the SDK keeps its events", async () => {
  const limited = { ...env, KEY_REQUESTS_PER_S: "1" };
  const bytes = new TextEncoder().encode(JSON.stringify([START]));
  const headers = { authorization: await sign(bytes) };
  const askLimited = async (path: string) =>
    app.fetch(new Request(`${ORIGIN}${path}`, { method: "POST", body: bytes, headers }), limited);
  const answers = [];
  for (let n = 0; n < 7; n += 1) answers.push(await askLimited(EVENTS));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
  const refused = answers.at(-1) as Response;
  expect(refused.status).toBe(429);
  expect(await refused.text()).toBe("");
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await askLimited(`/v2/${LOCAL_GAME.game_key}/init`)).status).toBe(429);
});
