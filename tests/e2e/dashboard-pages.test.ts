/**
 * The dashboard as Cloudflare Pages serves it: the built files with their `_headers`, configured for an
 * API of another origin as `npm run deploy` does, live in a real Chromium under that narrow policy.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Stack } from "../../local/fluvio-bridge/src/stack/index.ts";
import { configureDashboard } from "../../scripts/configure-dashboard.ts";
import { chromiumMissing, launchChromium } from "./chromium.ts";
import { SHOWN_MS_MAX, valueOf } from "./dashboard-page.ts";
import { post, removeFolder, startTestStack, temporaryFolder } from "./test-stack.ts";

const ROOT = join(import.meta.dirname, "../..");
const DIST_DIR = join(ROOT, "dashboard/dist");
const WRANGLER = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
const COMPATIBILITY_DATE = "2026-10-01";
const STARTED_MS_MAX = 60_000;

const skipped = chromiumMissing() !== undefined && process.env["CI"] !== "true";

describe.skipIf(skipped)("the dashboard on Pages", () => {
  const folder = temporaryFolder();
  let stack: Stack;
  let browser: Browser;
  let pages: { readonly url: string; stop(): Promise<void> };

  beforeAll(async () => {
    stack = await startTestStack(join(folder, "stack"));
    pages = await servePages(join(folder, "project"), stack.urls.ingest);
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await pages?.stop();
    await stack?.close();
    removeFolder(folder);
  });

  test("every answer carries the policy for this API; only what has its hash in the name is kept", async () => {
    const { ingest } = stack.urls;
    const policy = `connect-src 'self' ${ingest} ${ingest.replace("http", "ws")};`;
    const index = await fetch(pages.url);
    const script = /assets\/[\w-]+\.js/.exec(await index.text())?.[0] ?? "";
    const [config, asset] = await Promise.all(
      ["config.json", script].map(async (path) => fetch(`${pages.url}/${path}`)),
    );
    for (const answer of [index, config!, asset!]) {
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-security-policy")).toContain(policy);
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    }
    expect(config!.headers.get("cache-control")).toBe("no-store");
    expect(asset!.headers.get("cache-control")).toContain("immutable");
  });

  test("the page is live from another origin, without an error, and connects nowhere else", async () => {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    await page.goto(pages.url);
    await page.locator('[data-testid="connection"][data-state="empty"]').waitFor();
    const event = {
      player_id: "pages_player",
      session_id: "pages_session",
      event_type: "move",
      level_id: "level_01",
      map_id: "map_05",
      timestamp: new Date().toISOString(),
    };
    expect((await post(stack, "/v1/events/player-events", [event])).status).toBe(202);
    await expect.poll(() => valueOf(page, "players-now"), { timeout: SHOWN_MS_MAX }).toBe(1);
    await page.locator('[data-testid="connection"][data-state="live"]').waitFor();
    expect(errors).toEqual([]);

    const outcome = await page.evaluate(() =>
      fetch("http://localhost:9/").then(
        () => "answered",
        (error: Error) => error.name,
      ),
    );
    expect(outcome).toBe("TypeError");
    expect(errors.join("\n")).toContain("connect-src");
    await page.close();
  });
});

/**
 * Serves a copy of the build with `wrangler pages dev`. A project of its own, with a function that
 * nothing reaches: without one, wrangler takes the configuration above its own files, which is the
 * ingest Worker's.
 */
async function servePages(
  project: string,
  api: string,
): Promise<{ url: string; stop(): Promise<void> }> {
  const site = join(project, "site");
  cpSync(DIST_DIR, site, { recursive: true });
  configureDashboard(site, { api, readKey: "dev" });
  mkdirSync(join(project, "functions"));
  writeFileSync(
    join(project, "functions/unused.js"),
    "export const onRequest = () => new Response();",
  );
  writeFileSync(
    join(site, "_routes.json"),
    JSON.stringify({ version: 1, include: ["/unused"], exclude: [] }),
  );
  const flags = ["--ip", "127.0.0.1", "--port", "0", "--inspector-port", "0"];
  const child = spawn(
    process.execPath,
    [WRANGLER, "pages", "dev", "site", ...flags, "--compatibility-date", COMPATIBILITY_DATE],
    {
      cwd: project,
      env: { ...process.env, CI: "true", WRANGLER_SEND_METRICS: "false" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
  };
  try {
    return { url: await readyUrl(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits for wrangler's word on where it listens. */
function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const fail = (): void => reject(new Error(`wrangler pages dev did not start:\n${said}`));
    const timer = setTimeout(fail, STARTED_MS_MAX);
    child.once("exit", fail);
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      const url = /Ready on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
  });
}
