/** The OpenAPI document says what the edge does. */
import { EVENT_FIELDS, EVENT_TOPICS } from "@arenaflow/events";
import { expect, test } from "vitest";

import { app } from "../src/app.ts";
import { differences } from "./conforms.ts";
import { call } from "./helpers.ts";

interface Document {
  openapi: string;
  components: {
    schemas: Record<string, { required: string[]; properties: Record<string, unknown> }>;
  };
  paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
}

async function document(): Promise<Document> {
  return (await call("/openapi.json", { headers: { authorization: "" } })).json<Document>();
}

test("the schemas have the fields of the validation", async () => {
  const { components } = await document();
  for (const topic of EVENT_TOPICS) {
    const schema = components.schemas[topic];
    expect(Object.keys(schema?.properties ?? {})).toEqual(EVENT_FIELDS[topic].map((f) => f.name));
    expect(schema?.required).toEqual(
      EVENT_FIELDS[topic].filter((f) => f.required).map((f) => f.name),
    );
  }
});

test("it names every route that the router has, and no other", async () => {
  const { paths } = await document();
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  // One path a topic in the document, because each has a schema of its own.
  const named = documented.map((route) =>
    route.replace(/(\/events\/).+/, "$1:topic").replace(/\{(\w+)\}/g, ":$1"),
  );
  const routed = app.routes
    .filter(({ method, path }) => method !== "ALL" && !path.includes("*"))
    .map(({ method, path }) => `${method} ${path.replace("/v2/:key", "/v2/:game_key")}`)
    .filter((route) => !/ \/(openapi.json|docs)$/.test(route));
  expect(
    new Set(
      named.map((route) => route.replace("/v2/:game_key/events/:topic", "/v2/:game_key/events")),
    ),
  ).toEqual(new Set(routed));
});

test("every path in it exists, and answers what it says, with a key and without", async () => {
  const { paths } = await document();
  for (const [template, methods] of Object.entries(paths)) {
    for (const name of Object.keys(methods)) {
      const method = name.toUpperCase();
      const path = template.replace("{topic}", "level-activity").replace(/\{\w+\}/, "x");
      const body = method === "POST" ? { body: "{}" } : {};
      const response = await call(path, { method, ...body });
      expect(await differences(method, path, response)).toEqual([]);
      const refused = await call(path, { method, headers: { authorization: "" }, ...body });
      if (path !== "/healthz") expect(refused.status).toBe(401);
      expect(await differences(method, path, refused)).toEqual([]);
    }
  }
});

test("/docs shows the document, and runs its own script only", async () => {
  const response = await call("/docs", { headers: { authorization: "" } });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toContain("text/html");
  const html = await response.text();
  const script = /<script type="module">([^]*)<\/script>/.exec(html)?.[1] ?? "";
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(script));
  const name = btoa(String.fromCharCode(...new Uint8Array(digest)));
  expect(response.headers.get("content-security-policy")).toContain(`'sha256-${name}'`);
});
