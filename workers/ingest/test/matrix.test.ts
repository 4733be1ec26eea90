/** Every route with every kind of key: what it lets in, what it must refuse. */
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";

import { app } from "../src/app.ts";
import { ROLES } from "../src/auth/roles.ts";
import { ask, deployed, MOVE, type Ask } from "./helpers.ts";

afterEach(async () => reset());

const INSIGHT = {
  window_start: 0,
  window_end: 5_000,
  level_id: "a",
  map_id: "b",
  title_id: "acme",
};
const ACK = { topic: "purchases", shard: 0, ranges: [] };

/** The operator's keys are of no title, so they name one where it matters. */
const KEYS = [
  { key: "write-key", title: "acme", roles: ["write"] },
  { key: "backfill-key", title: "acme", roles: ["backfill"] },
  { key: "read-key", title: "acme", roles: ["read"] },
  { key: "admin-key", title: "acme", roles: ["admin"] },
  { key: "feed-key", title: "*", roles: ["feed"] },
  { key: "sink-key", title: "*", roles: ["sink"] },
  { key: "all-read-key", title: "*", roles: ["read"] },
  { key: "all-admin-key", title: "*", roles: ["admin"] },
] as const;
type Name = (typeof KEYS)[number]["key"];

interface Route {
  /** As the router knows it. */
  readonly route: string;
  readonly path: string;
  readonly ask?: Ask;
  /** "anyone": a route without keys; "signed": with a signature of its own. */
  readonly allowed: readonly Name[] | "anyone" | "signed";
}

const READERS = ["read-key", "all-read-key"] as const;
const WRITERS = ["write-key", "backfill-key"] as const;
const ROUTES: readonly Route[] = [
  {
    route: "POST /v1/events",
    path: "/v1/events",
    ask: { body: [{ topic: "player-events", ...MOVE }] },
    allowed: WRITERS,
  },
  {
    route: "POST /v1/events/:topic",
    path: "/v1/events/player-events",
    ask: { body: [MOVE] },
    allowed: WRITERS,
  },
  { route: "GET /v1/stream/:topic", path: "/v1/stream/purchases", allowed: ["feed-key"] },
  { route: "POST /v1/acks", path: "/v1/acks", ask: { body: ACK }, allowed: ["sink-key"] },
  {
    route: "POST /v1/insights/:topic",
    path: "/v1/insights/level-activity",
    ask: { body: INSIGHT },
    allowed: ["sink-key"],
  },
  {
    route: "GET /v1/insights/:topic",
    path: "/v1/insights/level-activity?title=acme",
    allowed: READERS,
  },
  {
    route: "GET /v1/live",
    path: "/v1/live?title=acme",
    ask: { headers: { upgrade: "websocket" } },
    allowed: READERS,
  },
  { route: "GET /v1/status", path: "/v1/status?title=acme", allowed: READERS },
  { route: "GET /v1/recent", path: "/v1/recent?title=acme", allowed: READERS },
  { route: "GET /v1/rejected", path: "/v1/rejected?title=acme", allowed: READERS },
  {
    route: "POST /v1/rejected/replay",
    path: "/v1/rejected/replay?title=acme",
    ask: { body: {} },
    allowed: ["write-key", "admin-key", "all-admin-key"],
  },
  {
    route: "GET /v1/titles",
    path: "/v1/titles",
    allowed: [...READERS, "admin-key", "all-admin-key"],
  },
  {
    route: "DELETE /v1/players/:id",
    path: "/v1/players/12345?title=acme",
    ask: { method: "DELETE" },
    allowed: ["admin-key", "all-admin-key"],
  },
  { route: "GET /healthz", path: "/healthz", allowed: "anyone" },
  { route: "GET /openapi.json", path: "/openapi.json", allowed: "anyone" },
  { route: "GET /docs", path: "/docs", allowed: "anyone" },
  {
    route: "POST /remote_configs/v1/init",
    path: "/remote_configs/v1/init?game_key=x",
    ask: { body: {} },
    allowed: "signed",
  },
  { route: "POST /v2/:key/init", path: "/v2/x/init", ask: { body: {} }, allowed: "signed" },
  { route: "POST /v2/:key/events", path: "/v2/x/events", ask: { body: [] }, allowed: "signed" },
];

test("the table names every route and every role", () => {
  const known = app.routes.filter(({ method, path }) => method !== "ALL" && !path.includes("*"));
  const routes = new Set(known.map(({ method, path }) => `${method} ${path}`));
  expect(new Set(ROUTES.map(({ route }) => route))).toEqual(routes);
  expect(new Set(KEYS.flatMap(({ roles }) => [...roles]))).toEqual(new Set(ROLES));
});

async function statusOf(route: Route, key: string | undefined): Promise<number> {
  const bindings = await deployed(KEYS);
  const request = { ...route.ask, ...(key === undefined ? {} : { key }) };
  const response = await ask(bindings, route.path, request);
  response.webSocket?.accept();
  response.webSocket?.close();
  await response.body?.cancel();
  return response.status;
}

describe.each(ROUTES)("$route", (route) => {
  const { allowed } = route;

  test("with every key, and with none", async () => {
    const statuses = await Promise.all(
      [...KEYS.map(({ key }) => key), undefined, "dev", "nobody's"].map(
        async (key) => [key, await statusOf(route, key)] as const,
      ),
    );
    for (const [key, status] of statuses) {
      const known = KEYS.find((one) => one.key === key)?.key;
      if (allowed === "anyone") expect([key, status]).toEqual([key, 200]);
      else if (allowed === "signed" || known === undefined)
        expect([key, status]).toEqual([key, 401]);
      else if (allowed.includes(known)) expect([101, 200, 202]).toContain(status);
      else expect([key, status]).toEqual([key, 403]);
    }
  });

  test("of another title's data: nothing", async () => {
    const title = new URL(route.path, "https://x").searchParams.get("title");
    if (title === null || !Array.isArray(allowed)) return;
    const bindings = await deployed(
      KEYS.map((key) => (key.title === "*" ? key : { ...key, title: "other" })),
    );
    for (const { key } of KEYS.filter(({ title: of }) => of !== "*")) {
      expect((await ask(bindings, route.path, { ...route.ask, key })).status).toBe(403);
    }
    for (const { key } of KEYS.filter(({ title: of }) => of === "*")) {
      const path = route.path.replace("title=acme", "title=no/title");
      expect([400, 403]).toContain((await ask(bindings, path, { ...route.ask, key })).status);
    }
  });
});
