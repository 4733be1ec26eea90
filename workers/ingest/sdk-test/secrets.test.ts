/**
 * Nothing of a key or secret comes out of the Worker: neither in its log nor in an answer, whether the
 * key is good, wrong or in the wrong place, and also when a request fails in a way nobody foresaw.
 */
import { LOCAL_GAME } from "@arenaflow/events";
import { createHash, createHmac } from "node:crypto";
import { request } from "node:http";
import { convertV4MiniflareOptions, Miniflare, type V4WorkerOptions } from "miniflare";
import { afterAll, beforeAll, expect, test } from "vitest";
import { unstable_getMiniflareWorkerOptions } from "wrangler";

import { bundle, CONFIG } from "../../../bench/ingest/bundle.ts";

const KEYS = {
  write: "wk-Zq7RtYp2LmNx8vBc",
  read: "rk-Hd4KsWf9TgJu6aEo",
  operator: "ok-Vb3XnMq5PzLr1yCi",
};
const UNKNOWN_KEY = "xk-Nf8GhTe2RwQs4dUj";
const ADDRESS_SECRET = "as-Jm5UxQk7DnWp3zRv-Jm5UxQk7DnWp3zRv";
const GAME_SECRET = "Fc9YtLb2KsVh6mXe".repeat(3).slice(0, LOCAL_GAME.secret.length);
const GAME_KEY = LOCAL_GAME.game_key;
const KEY_LIST = [
  { sha256: sha256(KEYS.write), title: "one", roles: ["write"] },
  { sha256: sha256(KEYS.read), title: "one", roles: ["read", "admin"] },
  { sha256: sha256(KEYS.operator), title: "*", roles: ["read", "feed", "sink"] },
];
/** None of these, nor a good part of it, may come out. */
const SECRETS = [
  ...Object.values(KEYS),
  UNKNOWN_KEY,
  ADDRESS_SECRET,
  GAME_SECRET,
  ...KEY_LIST.map((key) => key.sha256),
];
const PART_CHARS = 8;

const MOVE = {
  player_id: "12345",
  session_id: "abcd1234",
  event_type: "move",
  level_id: "level_01",
  map_id: "map_05",
  timestamp: "2024-11-12T10:00:00Z",
};

interface Started {
  readonly miniflare: Miniflare;
  readonly port: number;
  /** Everything that workerd wrote. */
  readonly log: string[];
}

const started: Started[] = [];
let whole: Started;
/** The same Worker without its Durable Objects: whatever needs them fails unforeseen. */
let broken: Started;

beforeAll(async () => {
  whole = await start(true);
  broken = await start(false);
});
afterAll(async () => {
  for (const { miniflare } of started) await miniflare.dispose();
});

async function start(withObjects: boolean): Promise<Started> {
  const log: string[] = [];
  const options = convertV4MiniflareOptions({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    handleStructuredLogs: ({ message }) => log.push(message),
    workers: [await workerOf(withObjects)],
  });
  const miniflare = new Miniflare(options);
  const { port } = await miniflare.ready;
  const one = { miniflare, port: Number(port), log };
  started.push(one);
  return one;
}

async function workerOf(withObjects: boolean): Promise<V4WorkerOptions> {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(CONFIG);
  const {
    modulesRules: _,
    assets: __,
    bindings,
    durableObjects,
    ...options
  } = workerOptions as typeof workerOptions & { bindings: Record<string, unknown> };
  const games = [{ game_key: GAME_KEY, secret: GAME_SECRET, title: "one" }];
  const own: object = withObjects ? { ...options, durableObjects } : options;
  return {
    ...own,
    name: "ingest",
    modules: [{ type: "ESModule", path: "worker.mjs", contents: await bundle() }],
    bindings: {
      ...bindings,
      ARENAFLOW_ENV: "production",
      ARENAFLOW_KEYS: JSON.stringify(KEY_LIST),
      ARENAFLOW_TITLES: JSON.stringify({ one: { address_secret: ADDRESS_SECRET } }),
      ARENAFLOW_GAMEANALYTICS: JSON.stringify(games),
    },
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Sends a request as it is. Gives the whole answer as text; of a feed or WebSocket its beginning. */
async function send(port: number, { method, path, headers = {}, body = "" }: Sent) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const length = method === "POST" ? { "content-length": String(Buffer.byteLength(body)) } : {};
    const sending = request({ port, method, path, headers: { ...length, ...headers } });
    sending.on("upgrade", (answer, socket) => {
      socket.destroy();
      resolve({ status: 101, text: answer.rawHeaders.join("\n") });
    });
    sending.on("response", (answer) => {
      const status = answer.statusCode ?? 0;
      let text = answer.rawHeaders.join("\n");
      const done = () => resolve({ status, text });
      if (answer.headers["content-type"]?.includes("ndjson") === true) {
        done();
        answer.destroy();
        return;
      }
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer.on("end", done);
    });
    sending.on("error", reject);
    sending.end(body);
  });
}

const UPGRADE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** Every place that a key is sent in, or is put in by mistake. */
function requestsWith(key: string): readonly Sent[] {
  const body = JSON.stringify([MOVE, { ...MOVE, event_type: "fly" }]);
  const bearer = { authorization: `Bearer ${key}` };
  const posts = ["/v1/events/player-events", "/v1/events", "/v1/events/nothing", "/v1/acks"];
  const gets = ["live", "status", "recent", "rejected", "titles", "insights/level-activity"];
  const schemes = [`Basic ${key}`, key, `Bearer ${key} ${key}`, `Bearer\t${key}`];
  const pathOfGame = `/v2/${GAME_KEY}/events`;
  return [
    ...posts.map((path) => ({ method: "POST", path, headers: bearer, body })),
    ...posts.map((path) => ({ method: "POST", path, headers: bearer, body: "{" })),
    ...posts.map((path) => ({ method: "POST", path: `${path}?key=${key}&token=${key}`, body })),
    ...gets.map((name) => ({ method: "GET", path: `/v1/${name}`, headers: bearer })),
    ...gets.map((name) => ({ method: "GET", path: `/v1/${name}?key=${key}&access_token=${key}` })),
    ...schemes.map((authorization) => ({
      method: "POST",
      path: "/v1/events/player-events",
      headers: { authorization },
      body,
    })),
    { method: "DELETE", path: "/v1/players/12345", headers: bearer },
    { method: "GET", path: "/v1/stream/purchases", headers: bearer },
    { method: "POST", path: "/v1/insights/level-activity", headers: bearer, body: "{}" },
    ...[`arenaflow.v1, bearer.${key}`, `bearer.${key}`, key].map((protocols) => ({
      method: "GET",
      path: "/v1/live?title=one",
      headers: { ...UPGRADE, "sec-websocket-protocol": protocols },
    })),
    { method: "GET", path: `/v1/live?key=${key}`, headers: UPGRADE },
    { method: "POST", path: pathOfGame, headers: { authorization: key }, body },
    { method: "POST", path: pathOfGame, headers: { authorization: signature("{}") }, body: "{}" },
  ];
}

function signature(body: string): string {
  return createHmac("sha256", GAME_SECRET).update(body).digest("base64");
}

function leakIn(text: string): string | undefined {
  for (const secret of SECRETS) {
    for (let at = 0; at + PART_CHARS <= secret.length; at += 1) {
      if (text.includes(secret.slice(at, at + PART_CHARS))) return secret;
    }
  }
  return undefined;
}

test("no key or secret is in an answer or a line of the log", async () => {
  const statuses = new Set<number>();
  for (const { port } of [whole, broken]) {
    for (const key of [...Object.values(KEYS), UNKNOWN_KEY]) {
      for (const sent of requestsWith(key)) {
        const { status, text } = await send(port, sent);
        statuses.add(status);
        expect(leakIn(text), `${sent.method} ${sent.path}: ${text}`).toBeUndefined();
      }
    }
  }
  // Good and bad ones were among them, or nothing would be shown.
  expect([...statuses]).toEqual(expect.arrayContaining([101, 200, 202, 400, 401, 403, 503]));
  expect(broken.log.join("\n")).toMatch(/request .* POST \/v1\/events\/player-events failed/);
  for (const line of [...whole.log, ...broken.log]) expect(leakIn(line), line).toBeUndefined();
});
