/** Who may do what, where it is served at all, and from which origins. */
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";

import { app } from "../src/app.ts";
import type { Env } from "../src/env.ts";
import { answerOf, ask, call, deployed, MOVE, ORIGIN } from "./helpers.ts";

async function status(bindings: Env, path: string, key: string, body?: unknown): Promise<number> {
  return (await ask(bindings, path, { key, body })).status;
}

describe("a deployed Worker", () => {
  test("lets each key do what its roles say, and nothing else", async () => {
    const bindings = await deployed([
      { key: "game-key", title: "acme", roles: ["write"] },
      { key: "team-key", title: "acme", roles: ["read"] },
    ]);
    expect(await status(bindings, "/v1/events/player-events", "game-key", MOVE)).toBe(202);
    expect(await status(bindings, "/v1/status", "game-key")).toBe(403);
    expect(await status(bindings, "/v1/status", "team-key")).toBe(200);
    expect(await status(bindings, "/v1/events/player-events", "team-key", MOVE)).toBe(403);
    expect(await status(bindings, "/v1/acks", "team-key", {})).toBe(403);
    expect(await status(bindings, "/v1/status", "dev")).toBe(401);
    expect(await status(bindings, "/v1/status", "x".repeat(300))).toBe(401);
  });

  test("shows a title's events to nobody else", async () => {
    const bindings = await deployed([
      { key: "one-key", title: "one", roles: ["write", "read"] },
      { key: "two-key", title: "two", roles: ["write", "read"] },
    ]);
    expect(await status(bindings, "/v1/events/player-events", "one-key", [MOVE, 7])).toBe(202);
    for (const path of ["/v1/recent", "/v1/rejected"]) {
      const seen = async (key: string) => {
        const headers = { authorization: `Bearer ${key}` };
        const request = new Request(`https://play.example${path}`, { headers });
        const page = await (await app.fetch(request, bindings)).json<{ items: unknown[] }>();
        return page.items.length;
      };
      expect(await seen("one-key")).toBe(1);
      expect(await seen("two-key")).toBe(0);
    }
  });

  test.each([
    ["no keys", undefined],
    ["keys that are not JSON", "secret"],
    ["an empty list", "[]"],
    ["a key without roles", '[{"sha256":"00","title":"a"}]'],
  ])("refuses to serve with %s, and says what to do", async (_, keys) => {
    const bindings = { ...env, ARENAFLOW_ENV: "production", ARENAFLOW_KEYS: keys } as Env;
    const response = await app.fetch(new Request("https://play.example/healthz"), bindings);
    expect(response.status).toBe(503);
    const problem = await answerOf(response);
    expect(problem.code).toBe("misconfigured");
    expect(problem.detail).toContain("ARENAFLOW_KEYS");
  });

  test("refuses to serve with the development key", async () => {
    const bindings = await deployed([{ key: "dev", title: "acme", roles: ["read"] }]);
    expect(await status(bindings, "/v1/status", "dev")).toBe(503);
  });

  test("refuses to serve when it was left local", async () => {
    const request = new Request("https://play.example/v1/status", {
      headers: { authorization: "Bearer dev" },
    });
    const response = await app.fetch(request, env);
    expect(response.status).toBe(503);
    expect((await answerOf(response)).detail).toContain("ARENAFLOW_ENV");
  });

  test("names a setting that is wrong", async () => {
    const bindings = { ...env, SHARDS: "none" };
    const response = await app.fetch(new Request(`${ORIGIN}/healthz`), bindings);
    expect(response.status).toBe(503);
    expect((await answerOf(response)).detail).toContain("SHARDS");
  });
});

test("no key, an unknown key: 401 with the way to do it", async () => {
  const response = await call("/v1/status", { headers: { authorization: "Basic dev" } });
  expect(response.status).toBe(401);
  expect(response.headers.get("www-authenticate")).toContain("Bearer");
  expect((await answerOf(response)).detail).toContain("Authorization: Bearer");
  expect((await call("/v1/status", { headers: { authorization: "Bearer x" } })).status).toBe(401);
});

async function preflight(path: string): Promise<Response> {
  return call(path, {
    method: "OPTIONS",
    headers: {
      origin: "https://dash.example",
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type",
    },
  });
}

test("browsers of any origin may read and write, not feed or sink", async () => {
  const allowed = await preflight("/v1/events/player-events");
  expect(allowed.status).toBe(204);
  expect(allowed.headers.get("access-control-allow-origin")).toBe("*");
  expect(allowed.headers.get("access-control-allow-headers")).toContain("authorization");
  expect((await preflight("/v1/acks")).headers.get("access-control-allow-origin")).toBeNull();

  const failed = await call("/v1/status", {
    headers: { authorization: "Bearer x", origin: "https://dash.example" },
  });
  expect(failed.headers.get("access-control-allow-origin")).toBe("*");
});

test("only the origins of a list, when there is one", async () => {
  const bindings = { ...env, ALLOWED_ORIGINS: "https://dash.example" };
  const allowed = async (origin: string) => {
    const headers = { authorization: "Bearer dev", origin };
    const response = await app.fetch(new Request(`${ORIGIN}/v1/status`, { headers }), bindings);
    return response.headers.get("access-control-allow-origin");
  };
  expect(await allowed("https://dash.example")).toBe("https://dash.example");
  expect(await allowed("https://other.example")).toBeNull();
});

test("healthz answers without a key; other paths say that they are none", async () => {
  const health = await call("/healthz", { headers: { authorization: "" } });
  expect(await health.json()).toEqual({ status: "ok" });
  const nothing = await call("/v1/nothing");
  expect(nothing.status).toBe(404);
  expect((await answerOf(nothing)).code).toBe("not_found");
  const wrong = await call("/v1/events/purchases");
  expect(wrong.status).toBe(405);
  expect(wrong.headers.get("allow")).toBe("POST");
});
