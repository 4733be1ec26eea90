/** Titles beside each other in one Worker: neither sees, counts or overwrites what is the other's. */
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";

import type { Env } from "../src/env.ts";
import { ask, call, deployed, METRICS, MOVE, post, PURCHASE } from "./helpers.ts";

afterEach(async () => reset());

const KEYS = [
  { key: "one-write", title: "one", roles: ["write"] },
  { key: "one-read", title: "one", roles: ["read"] },
  { key: "two-write", title: "two", roles: ["write"] },
  { key: "two-read", title: "two", roles: ["read"] },
  { key: "sink", title: "*", roles: ["sink"] },
  { key: "operator", title: "*", roles: ["read"] },
] as const;

async function jsonOf<T>(bindings: Env, path: string, key: string): Promise<T> {
  const response = await ask(bindings, path, { key });
  expect(response.status).toBe(200);
  return response.json<T>();
}

function sales(title_id: string | undefined, purchase_count: number, start = 0) {
  const own = title_id === undefined ? {} : { title_id };
  return {
    ...own,
    window_start: start,
    window_end: start + 5_000,
    item_id: "sword",
    purchase_count,
  };
}

interface Message {
  position: number;
  value: { title_id?: string; purchase_count: number };
}

async function watch(bindings: Env, path: string, key: string) {
  const response = await ask(bindings, path, { key, headers: { upgrade: "websocket" } });
  expect(response.status).toBe(101);
  const socket = response.webSocket as WebSocket;
  const messages: Message[] = [];
  const waiting: (() => void)[] = [];
  socket.addEventListener("message", ({ data }) => {
    messages.push(...(JSON.parse(data as string) as Message[]));
    for (const wake of waiting.splice(0)) wake();
  });
  socket.accept();
  return {
    socket,
    async until(count: number) {
      while (messages.length < count) await new Promise<void>((wake) => waiting.push(wake));
      return messages.map(({ position, value }) => [position, value.purchase_count]);
    },
  };
}

describe("insights", () => {
  const put = async (bindings: Env, body: unknown) =>
    expect((await ask(bindings, "/v1/insights/item-sales", { key: "sink", body })).status).toBe(
      200,
    );

  test("of equal groups do not overwrite each other, and are shown to their own title", async () => {
    const bindings = await deployed(KEYS);
    await put(bindings, sales("one", 1));
    await put(bindings, sales("two", 2));
    for (const [key, count] of [
      ["one-read", 1],
      ["two-read", 2],
    ] as const) {
      const { items } = await jsonOf<{ items: Message[] }>(
        bindings,
        "/v1/insights/item-sales",
        key,
      );
      expect(items.map(({ value }) => value.purchase_count)).toEqual([count]);
    }
    const path = "/v1/insights/item-sales?title=two";
    const { items } = await jsonOf<{ items: Message[] }>(bindings, path, "operator");
    expect(items).toHaveLength(1);
    expect((await ask(bindings, "/v1/insights/item-sales", { key: "operator" })).status).toBe(400);
  });

  test("reach the WebSockets of their own title, and resuming skips and repeats nothing", async () => {
    const bindings = await deployed(KEYS);
    await put(bindings, sales("one", 1));
    await put(bindings, sales("two", 2));
    await put(bindings, sales("one", 3, 5_000));
    const resumed = await watch(bindings, "/v1/live?after=1", "one-read");
    const other = await watch(bindings, "/v1/live?title=two&after=0", "operator");
    await put(bindings, sales("two", 4, 5_000));
    await put(bindings, sales("one", 5, 10_000));
    expect(await resumed.until(2)).toEqual([
      [2, 3],
      [3, 5],
    ]);
    expect(await other.until(2)).toEqual([
      [1, 2],
      [2, 4],
    ]);
    resumed.socket.close();
    other.socket.close();
  });

  test("of no title are the local one's; a title that is none is refused by name", async () => {
    await post("/v1/insights/item-sales", sales(undefined, 1));
    await post("/v1/insights/item-sales", sales("local", 2));
    const local = await (await call("/v1/insights/item-sales")).json<{ items: Message[] }>();
    expect(local.items.map(({ value }) => value.purchase_count)).toEqual([2]);
    const refused = await post("/v1/insights/item-sales", sales("a/b", 1));
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ code: "invalid_field", field: "title_id" });
  });
});

test("a key learns which titles it may look at", async () => {
  const bindings = await deployed(KEYS);
  await ask(bindings, "/v1/insights/item-sales", { key: "sink", body: sales("three", 1) });
  const titles = async (key: string) => jsonOf(bindings, "/v1/titles", key);
  expect(await titles("one-read")).toMatchObject({ titles: ["one"], title: "one" });
  const all = ["one", "three", "two"];
  expect(await titles("operator")).toMatchObject({ titles: all, title: null });
  await post("/v1/insights/item-sales", sales("racer", 1));
  const local = await (await call("/v1/titles")).json();
  expect(local).toMatchObject({
    titles: expect.arrayContaining(["local", "racer"]),
    title: "local",
  });
});

interface Counters {
  received: number;
  accepted: number;
  duplicates: number;
  rejected: number;
  backlog: number;
  backlog_bytes: number;
}

test("status, recent and rejected events are each title's own, whatever the shard", async () => {
  // All of it in one shard, and in the same group commits.
  const bindings = { ...(await deployed(KEYS)), SHARDS: "1" };
  const send = async (key: string, topic: string, body: unknown) =>
    ask(bindings, `/v1/events/${topic}`, { key, body });
  const many = Array.from({ length: 20 }, (_, n) => ({ ...MOVE, event_id: `${n}` }));
  await Promise.all([
    send("one-write", "player-events", many),
    send("two-write", "player-events", many.slice(0, 3)),
    send("one-write", "purchases", [PURCHASE, { ...PURCHASE, price: "1" }]),
    send("two-write", "server-metrics", METRICS),
    send("one-write", "player-events", MOVE),
    send("two-write", "player-events", MOVE),
  ]);
  await send("two-write", "player-events", many.slice(0, 5));
  const one = await jsonOf<Counters & { titles?: unknown }>(bindings, "/v1/status", "one-read");
  expect(one).toMatchObject({
    received: 23,
    accepted: 22,
    duplicates: 0,
    rejected: 1,
    backlog: 22,
  });
  expect(one).not.toHaveProperty("titles");
  const two = await jsonOf<Counters>(bindings, "/v1/status", "two-read");
  expect(two).toMatchObject({ received: 10, accepted: 7, duplicates: 3, rejected: 0, backlog: 7 });
  expect(one.backlog_bytes).toBeGreaterThan(two.backlog_bytes);
  const all = await jsonOf<{ titles: Record<string, Counters> }>(
    bindings,
    "/v1/status?title=two",
    "operator",
  );
  expect(all).toMatchObject({
    accepted: 7,
    titles: { one: { accepted: 22 }, two: { accepted: 7 } },
  });

  const items = async (path: string, key: string) =>
    (await jsonOf<{ items: { title_id: string }[] }>(bindings, path, key)).items;
  for (const title of ["one", "two"]) {
    const seen = await items("/v1/recent", `${title}-read`);
    expect(new Set(seen.map(({ title_id }) => title_id))).toEqual(new Set([title]));
  }
  expect(await items("/v1/rejected", "one-read")).toHaveLength(1);
  expect(await items("/v1/rejected", "two-read")).toHaveLength(0);
  expect(await items("/v1/recent?player=12345&limit=2", "one-read")).toHaveLength(2);
  expect(await items("/v1/recent?player=nobody", "one-read")).toHaveLength(0);
  expect(await items("/v1/rejected?player=12345", "one-read")).toHaveLength(1);
});

describe("keys", () => {
  const health = async (keys: Parameters<typeof deployed>[0]) =>
    (await ask(await deployed(keys), "/healthz")).status;

  test("of the feed and the sinks are the operator's, those that write have a title", async () => {
    expect(await health([{ key: "k", title: "one", roles: ["feed"] }])).toBe(503);
    expect(await health([{ key: "k", title: "one", roles: ["read", "sink"] }])).toBe(503);
    expect(await health([{ key: "k", title: "*", roles: ["write"] }])).toBe(503);
    expect(await health(KEYS)).toBe(200);
  });

  test("are rotated without a moment in which neither works", async () => {
    const old = { key: "old-key", title: "one", roles: ["write"] } as const;
    const fresh = { key: "new-key", title: "one", roles: ["write"] } as const;
    const status = async (bindings: Env, key: string) =>
      (await ask(bindings, "/v1/events/player-events", { key, body: MOVE })).status;
    const both = await deployed([old, fresh]);
    expect([await status(both, "old-key"), await status(both, "new-key")]).toEqual([202, 202]);
    const after = await deployed([fresh]);
    expect([await status(after, "old-key"), await status(after, "new-key")]).toEqual([401, 202]);
  });
});

describe("origins", () => {
  const titles = JSON.stringify({ one: { origins: ["https://one.example"] } });
  const open = { ARENAFLOW_TITLES: titles, ALLOWED_ORIGINS: "https://dash.example" };
  const status = async (key: string, origin: string, more: Record<string, string> = {}) => {
    const bindings = await deployed(KEYS, open);
    const response = await ask(bindings, more["upgrade"] ? "/v1/live" : "/v1/status", {
      key,
      headers: { origin, ...more },
    });
    response.webSocket?.accept();
    response.webSocket?.close();
    return response.status;
  };

  test("a title's keys work on the title's pages, and on the Worker's own", async () => {
    expect(await status("one-read", "https://one.example")).toBe(200);
    expect(await status("one-read", "https://dash.example")).toBe(403);
    expect(await status("one-read", "https://play.example")).toBe(200);
    expect(await status("two-read", "https://dash.example")).toBe(200);
    expect(await status("two-read", "https://one.example")).toBe(403);
  });

  test("a WebSocket is held against the same list", async () => {
    const upgrade = { upgrade: "websocket" };
    expect(await status("one-read", "https://one.example", upgrade)).toBe(101);
    expect(await status("one-read", "https://evil.example", upgrade)).toBe(403);
  });

  test("a preflight, which names no key, is told whether any title allows the page", async () => {
    const bindings = await deployed(KEYS, open);
    const allowed = async (origin: string) => {
      const headers = { origin, "access-control-request-method": "DELETE" };
      const response = await ask(bindings, "/v1/players/1", { method: "OPTIONS", headers });
      return response.headers.get("access-control-allow-origin");
    };
    expect(await allowed("https://one.example")).toBe("https://one.example");
    expect(await allowed("https://dash.example")).toBe("https://dash.example");
    expect(await allowed("https://evil.example")).toBeNull();
  });

  test.each(["{", "[]", '{"a/b":{}}', '{"a":{"origins":"*"}}', '{"a":{"address_secret":"short"}}'])(
    "the secret %s is refused with what it must be",
    async (text) => {
      const response = await ask(await deployed(KEYS, { ARENAFLOW_TITLES: text }), "/healthz");
      expect(response.status).toBe(503);
      expect((await response.json<{ detail: string }>()).detail).toContain("ARENAFLOW_TITLES");
    },
  );
});
