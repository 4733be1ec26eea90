/** Looking at the world and meddling with it. */
import { describeValue } from "@arenaflow/events";
import { SCENARIO_NAMES, scenarioNamed } from "@arenaflow/simulation";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Env } from "../env.ts";
import { badValue, problemResponse } from "../problem.ts";
import { theWorld } from "../the-world.ts";
import { readNumber } from "./query.ts";

/** Bytes of one injection. */
const INJECTION_BYTES_MAX = 16 * 1024;
const TRUTH_ENTRIES_MAX = 1000;
const AFTER_RANGE = {
  name: "after",
  min: 0,
  max: Number.MAX_SAFE_INTEGER,
  integer: true,
  fallback: 0,
} as const;
const LIMIT_RANGE = {
  name: "limit",
  min: 1,
  max: TRUTH_ENTRIES_MAX,
  integer: true,
  fallback: TRUTH_ENTRIES_MAX,
} as const;

export const world = new Hono<{ Bindings: Env }>();

world.get("/state", async (c) => {
  c.header("cache-control", "no-store");
  return c.json(await theWorld(c.env).state());
});

world.get("/truth", async (c) => {
  const after = readNumber(c.req.query("after"), AFTER_RANGE);
  if (after instanceof Response) return after;
  const limit = readNumber(c.req.query("limit"), LIMIT_RANGE);
  if (limit instanceof Response) return limit;
  const items = await theWorld(c.env).truth(after, limit);
  const next = items.length === limit ? (items.at(-1)?.position ?? null) : null;
  c.header("cache-control", "no-store");
  return c.json({ items, next });
});

world.get("/scenario", (c) =>
  c.json({
    items: SCENARIO_NAMES.map((name) => ({ name, description: scenarioNamed(name).description })),
  }),
);

const refuseLargeBody = bodyLimit({
  maxSize: INJECTION_BYTES_MAX,
  onError: () =>
    problemResponse({
      status: 413,
      code: "body_too_large",
      title: "The body is too large",
      detail: `An injection has at most ${INJECTION_BYTES_MAX} bytes; send one JSON object.`,
    }),
});

world.post("/scenario", refuseLargeBody, async (c) => {
  const key = c.env.CONTROL_KEY;
  if (key !== undefined && c.req.header("authorization") !== `Bearer ${key}`) {
    return problemResponse({
      status: 401,
      code: "unauthorized",
      title: "A key is needed",
      detail: "Send the header `Authorization: Bearer <key>` with this Worker's CONTROL_KEY.",
    });
  }
  const text = await c.req.text();
  let request: unknown;
  try {
    request = JSON.parse(text);
  } catch {
    const expected = 'JSON such as {"inject": "fraud-burst"}';
    return badValue({ code: "invalid_json", field: "body", expected, got: describeValue(text) });
  }
  const answer = await theWorld(c.env).inject(request);
  if ("receipt" in answer) return c.json(answer.receipt, 202);
  const { code, field, expected, got } = answer.problem;
  return badValue({ code, field: field === "" ? "body" : field, expected, got });
});
