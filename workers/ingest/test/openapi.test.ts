/** The OpenAPI document says what the edge does. */
import { EVENT_FIELDS, EVENT_TOPICS } from "@arenaflow/events";
import { expect, test } from "vitest";

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

test("every path in it exists, and answers what it says", async () => {
  const { paths } = await document();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const url = path.replace("{topic}", "level-activity");
      const body = method === "post" ? { body: "{}" } : {};
      const response = await call(url, { method: method.toUpperCase(), ...body });
      expect(Object.keys(operation.responses)).toContain(String(response.status));
      const keyless = { authorization: "" };
      const refused = await call(url, { method: method.toUpperCase(), headers: keyless });
      expect(refused.status).toBe(401);
      expect(Object.keys(operation.responses)).toContain("401");
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
