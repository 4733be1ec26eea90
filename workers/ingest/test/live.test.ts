/** Insights: stored, overwritten by their replay, served as history and on WebSockets. */
import { evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { INSIGHT_TOPICS } from "@arenaflow/events";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";

import { HUB_NAME } from "../src/live/hubs.ts";
import { History } from "../src/live/history.ts";
import { answerOf, call, post } from "./helpers.ts";

afterEach(async () => reset());

const LEVEL = {
  level_id: "level_01",
  map_id: "map_05",
  active_players: 350,
  average_session_duration: 35.2,
  window_start: 1_000,
  window_end: 6_000,
} as const;

interface Message {
  topic: string;
  position: number;
  value: typeof LEVEL;
}

interface Page {
  items: Message[];
  next: number | null;
}

async function history(query = ""): Promise<Page> {
  const response = await call(`/v1/insights/level-activity${query}`);
  expect(response.status).toBe(200);
  return response.json<Page>();
}

async function ends(query: string): Promise<readonly number[]> {
  return (await history(query)).items.map(({ value }) => value.window_end);
}

function window(n: number, level = "level_01") {
  return { ...LEVEL, level_id: level, window_start: n * 1_000, window_end: n * 1_000 + 1_000 };
}

/** Opens a WebSocket and gathers what comes. */
async function watch(query = "", headers: Record<string, string> = {}) {
  const response = await call(`/v1/live${query}`, {
    headers: { upgrade: "websocket", ...headers },
  });
  expect(response.status).toBe(101);
  const socket = response.webSocket as WebSocket;
  const messages: Message[] = [];
  let wake: (() => void) | undefined;
  socket.addEventListener("message", ({ data }) => {
    messages.push(...[JSON.parse(data as string) as Message | Message[]].flat());
    wake?.();
  });
  socket.accept();
  return {
    socket,
    messages,
    protocol: response.headers.get("sec-websocket-protocol"),
    async until(count: number) {
      while (messages.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return messages;
    },
  };
}

describe("history", () => {
  test("keeps an insight with a position; its replay takes its place", async () => {
    expect(await answerOf(await post("/v1/insights/level-activity", LEVEL))).toMatchObject({
      position: 1,
    });
    await post("/v1/insights/level-activity", { ...LEVEL, active_players: 351 });
    expect(await history()).toEqual({
      items: [{ topic: "level-activity", position: 2, value: { ...LEVEL, active_players: 351 } }],
      next: null,
    });
  });

  test("http-sink's own content type does not matter", async () => {
    const response = await post("/v1/insights/level-activity", LEVEL, "text/html");
    expect(response.status).toBe(200);
  });

  test("since is inclusive, until exclusive, newest last", async () => {
    for (const n of [3, 1, 2, 4]) await post("/v1/insights/level-activity", window(n));
    expect(await ends("?since=2000&until=4000")).toEqual([2_000, 3_000]);
    expect(await ends("?limit=2")).toEqual([4_000, 5_000]);
    expect(await ends("")).toEqual([2_000, 3_000, 4_000, 5_000]);
  });

  test("pages end between windows, and next leads on", async () => {
    for (const n of [1, 2, 3]) {
      for (const level of ["a", "b"]) await post("/v1/insights/level-activity", window(n, level));
    }
    const seen: number[] = [];
    let since: number | null = 0;
    while (since !== null) {
      const page: Page = await history(`?since=${since}&limit=3`);
      seen.push(...page.items.map(({ value }) => value.window_end));
      since = page.next;
    }
    expect(seen).toEqual([2_000, 2_000, 3_000, 3_000, 4_000, 4_000]);
    const whole = await history("?since=0&limit=1");
    expect(whole.items).toHaveLength(2);
    expect(whole.next).toBe(2_001);
  });

  test("the retention deletes the oldest, and positions go on after an eviction", async () => {
    const hub = env.LIVE.getByName(`test-${crypto.randomUUID()}`);
    await runInDurableObject(hub, (_, state) => {
      const kept = new History(state.storage);
      for (let n = 0; n < 10; n += 1) {
        kept.put({ topic: "item-sales", key: `${n}`, windowEnd: n, value: "{}" });
      }
      kept.prune({ beforeMs: 2, rowsMax: 5 });
      expect(kept.newest("item-sales", { until: 100, limit: 100 }).map((x) => x.windowEnd)).toEqual(
        [5, 6, 7, 8, 9],
      );
      kept.prune({ beforeMs: 100, rowsMax: 5 });
      expect(kept.count("item-sales")).toBe(0);
    });
    await evictDurableObject(hub);
    const insight = { topic: "item-sales", key: "x", windowEnd: 200, value: "{}" } as const;
    expect(await hub.put(insight)).toBe(11);
  });

  test.each([
    ["window_start", { ...LEVEL, window_start: "1" }],
    ["window_end", { ...LEVEL, window_end: undefined }],
    ["level_id", { ...LEVEL, level_id: null }],
    ["map_id", { ...LEVEL, map_id: undefined }],
  ])("an insight without %s is refused by name", async (field, body) => {
    const response = await post("/v1/insights/level-activity", body);
    expect(response.status).toBe(400);
    expect(await answerOf(response)).toMatchObject({ code: "invalid_field", field });
  });

  test("bad topics and parameters are refused by name", async () => {
    expect((await post("/v1/insights/chats", LEVEL)).status).toBe(404);
    const response = await call("/v1/insights/level-activity?limit=9999");
    expect(response.status).toBe(400);
    expect(await answerOf(response)).toMatchObject({ code: "invalid_query", field: "limit" });
  });
});

describe("WebSocket", () => {
  test("opens with the header, and gets insights as they come", async () => {
    const watcher = await watch();
    await post("/v1/insights/level-activity", LEVEL);
    expect(await watcher.until(1)).toEqual([
      { topic: "level-activity", position: 1, value: LEVEL },
    ]);
    watcher.socket.close();
  });

  test("opens with the subprotocols of a browser, and the server selects its own", async () => {
    const watcher = await watch("", {
      authorization: "",
      "sec-websocket-protocol": "arenaflow.v1, bearer.dev",
    });
    expect(watcher.protocol).toBe("arenaflow.v1");
    watcher.socket.close();
  });

  test("as many topics as there are", async () => {
    const watcher = await watch(`?topics=${INSIGHT_TOPICS.join(",")}`);
    await post("/v1/insights/level-activity", LEVEL);
    expect(await watcher.until(1)).toMatchObject([{ topic: "level-activity" }]);
    watcher.socket.close();
  });

  test("sends only the topics asked for", async () => {
    const watcher = await watch("?topics=server-health,item-sales");
    await post("/v1/insights/level-activity", LEVEL);
    const health = { server_id: "s1", window_start: 1, window_end: 2 };
    await post("/v1/insights/server-health", health);
    expect(await watcher.until(1)).toEqual([
      { topic: "server-health", position: 2, value: health },
    ]);
    watcher.socket.close();
  });

  test("survives the hub's hibernation", async () => {
    const watcher = await watch();
    await evictDurableObject(env.LIVE.getByName(HUB_NAME));
    await post("/v1/insights/level-activity", LEVEL);
    expect(await watcher.until(1)).toHaveLength(1);
    watcher.socket.close();
  });

  test("resumes after a position, without a gap and without a repeat", async () => {
    for (const n of [1, 2, 3]) await post("/v1/insights/level-activity", window(n));
    const watcher = await watch("?after=1");
    await post("/v1/insights/level-activity", window(4));
    const positions = (await watcher.until(3)).map(({ position }) => position);
    expect(positions).toEqual([2, 3, 4]);
    watcher.socket.close();
  });

  test("a reader that does not read holds up nobody", async () => {
    const idle = await call("/v1/live", { headers: { upgrade: "websocket" } });
    const watcher = await watch();
    for (let n = 0; n < 50; n += 1) await post("/v1/insights/level-activity", window(n));
    expect(await watcher.until(50)).toHaveLength(50);
    watcher.socket.close();
    idle.webSocket?.accept();
    idle.webSocket?.close();
  });

  test.each([
    ["no key", { authorization: "" }, "", 401],
    [
      "a wrong key",
      { authorization: "", "sec-websocket-protocol": "arenaflow.v1, bearer.x" },
      "",
      401,
    ],
    ["an unknown topic", {}, "?topics=chats", 400],
    ["a bad position", {}, "?after=-1", 400],
  ])("refuses %s", async (_, headers, query, status) => {
    const all = { upgrade: "websocket", ...headers };
    expect((await call(`/v1/live${query}`, { headers: all })).status).toBe(status);
  });

  test("asks a plain request to upgrade", async () => {
    expect((await call("/v1/live")).status).toBe(426);
  });
});
