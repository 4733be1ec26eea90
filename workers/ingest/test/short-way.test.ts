/** Events for a topic go a short way of their own; whatever they are, it answers as Hono's routes do. */
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { app } from "../src/app.ts";
import { shortWay } from "../src/routes/short-way.ts";
import { AUTH, MOVE, ORIGIN } from "./helpers.ts";

const PATH = "/v1/events/player-events";
const GZIP = { ...AUTH, "content-encoding": "gzip" };
const batch = JSON.stringify(Array.from({ length: 40 }, () => MOVE));
const half = JSON.stringify([MOVE, { ...MOVE, event_type: "fly" }]);

const CASES: readonly (readonly [what: string, body: string, headers: Record<string, string>])[] = [
  ["one event", JSON.stringify(MOVE), AUTH],
  ["a batch", batch, AUTH],
  ["lines", `${JSON.stringify(MOVE)}\n{`, { ...AUTH, "content-type": "application/x-ndjson" }],
  ["one good event of two", half, AUTH],
  ["no good event", "[{}]", AUTH],
  ["no JSON", "{", AUTH],
  ["no key", batch, {}],
  ["an unknown key", batch, { authorization: "Bearer nobody" }],
  ["another scheme", batch, { authorization: "Basic dev" }],
  ["a type that is not read", batch, { ...AUTH, "content-type": "image/png" }],
  ["gzip that is none", batch, GZIP],
  ["a clock that is none", batch, { ...AUTH, "x-client-time": "now" }],
  ["too many bytes", " ".repeat(1_100_000), AUTH],
];

function requestOf(body: string, headers: Record<string, string>, url = `${ORIGIN}${PATH}`) {
  return new Request(url, { method: "POST", body, headers });
}

/** An answer without the id of its request, which is a new one each time. */
async function shown(response: Response | undefined) {
  if (response === undefined) throw new Error("it did not go the short way");
  const headers = Object.fromEntries(response.headers);
  expect(headers["x-request-id"] ?? "").toMatch(/^([0-9a-f-]{36})?$/);
  delete headers["x-request-id"];
  const body = (await response.text()).replace(/"request_id":"[0-9a-f-]{36}"/, "");
  return { status: response.status, headers, body };
}

test.each(CASES)("%s", async (_, body, headers) => {
  const ctx = createExecutionContext();
  const long = await shown(await app.fetch(requestOf(body, headers), env, ctx));
  const short = await shown(await shortWay(requestOf(body, headers), env));
  expect(short).toEqual(long);
});

test("a host that is not loopback is refused in both ways", async () => {
  const url = `https://edge.example${PATH}`;
  const ctx = createExecutionContext();
  const long = await shown(await app.fetch(requestOf(batch, AUTH, url), env, ctx));
  const short = await shown(await shortWay(requestOf(batch, AUTH, url), env));
  expect(long.status).toBe(503);
  expect(short).toEqual(long);
});

test.each([
  ["a page", `${ORIGIN}${PATH}`, { ...AUTH, origin: "https://dash.example" }],
  ["a query", `${ORIGIN}${PATH}?title=two`, AUTH],
  ["no topic", `${ORIGIN}/v1/events`, AUTH],
  ["an unknown topic", `${ORIGIN}/v1/events/nothing`, AUTH],
  ["a path below another", `${ORIGIN}/x${PATH}`, AUTH],
])("%s goes the long way", (_, url, headers) => {
  expect(shortWay(requestOf(batch, headers, url), env)).toBeUndefined();
});
