import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configureDashboard, targetFrom } from "../../../scripts/configure-dashboard.ts";

const HEADERS = join(import.meta.dirname, "../../../dashboard/public/_headers");
const LOCAL_CONFIG = '{ "api": "", "readKey": "dev" }\n';
/** As Vite writes it. */
const POLICY =
  '<meta content="default-src &#39;none&#39;; connect-src &#39;self&#39; https: wss:; base-uri &#39;none&#39;">';

test("a build becomes one deployment's: its API, its key, and a policy for them alone", () => {
  const dist = mkdtempSync(join(tmpdir(), "arenaflow-dist-"));
  writeFileSync(join(dist, "_headers"), readFileSync(HEADERS));
  writeFileSync(join(dist, "index.html"), POLICY);
  writeFileSync(join(dist, "config.json"), LOCAL_CONFIG);
  const restore = configureDashboard(
    dist,
    targetFrom({ ARENAFLOW_API_URL: "https://api.example.com/", ARENAFLOW_READ_KEY: "read-1" }),
  );
  const read = (file: string): string => readFileSync(join(dist, file), "utf8");
  expect(JSON.parse(read("config.json"))).toEqual({
    api: "https://api.example.com",
    readKey: "read-1",
    truth: "",
  });
  for (const file of ["_headers", "index.html"]) {
    expect(read(file)).toContain(
      "connect-src 'self' https://api.example.com wss://api.example.com;",
    );
    expect(read(file)).not.toMatch(/https: |wss:;|127\.0\.0\.1/);
  }
  expect(read("index.html")).toBe(
    '<meta content="default-src &#39;none&#39;; ' +
      "connect-src 'self' https://api.example.com wss://api.example.com; base-uri &#39;none&#39;\">",
  );
  expect(read("_headers")).toContain("frame-ancestors 'none'");

  restore();
  expect(read("config.json")).toBe(LOCAL_CONFIG);
  expect(read("index.html")).toBe(POLICY);
  expect(read("_headers")).toBe(readFileSync(HEADERS, "utf8"));
  rmSync(dist, { recursive: true });
});

test.each([
  [{}, "ARENAFLOW_API_URL"],
  [{ ARENAFLOW_API_URL: "http://api.example.com", ARENAFLOW_READ_KEY: "k" }, "https"],
  [{ ARENAFLOW_API_URL: "https://api.example.com", ARENAFLOW_READ_KEY: "two words" }, "letters"],
  [{ ARENAFLOW_API_URL: "https://api.example.com", ARENAFLOW_READ_KEY: "dev" }, "local stack"],
])("%j is refused with what to set", (env, words) => expect(() => targetFrom(env)).toThrow(words));
