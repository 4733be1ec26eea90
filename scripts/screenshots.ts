/**
 * `npm run screenshots [-- view…]`: every view of the dashboard, dark and light, on a desktop, a phone
 * and a wall, into `screenshots/`. Starts a stack of its own, makes things happen in its game, and
 * stops it. `-- --minutes=1` waits for less of a past before the pictures are taken (default 4).
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Browser, Page } from "playwright-core";
import { startStack, type Stack } from "../local/fluvio-bridge/src/stack/index.ts";
import { launchChromium } from "../tests/e2e/chromium.ts";
import { ROOT } from "./run.ts";

const FOLDER = join(ROOT, "screenshots");

/** Long enough for a chunk to load, a first answer to come and lines to be drawn. */
const SETTLE_MS = 2_500;

const SIZES = {
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
  wall: { width: 2560, height: 1440 },
} as const;

const VIEWS = [
  "overview",
  "engagement",
  "economy",
  "fraud",
  "operations",
  "pipeline",
  "events",
  "level/level_02",
  "item/skin_dragon",
  "server/server_3",
];

/** What there is to see: each is felt for a while, so they come one after the other. */
const INJECTIONS = [
  { inject: "fraud-burst", pattern: "velocity-address", item_id: "skin_dragon", count: 8 },
  { inject: "latency-spike", server_id: "server_3", factor: 8, seconds: 40 },
  { inject: "fraud-burst", item_id: "battle_pass", count: 9 },
  { inject: "stuck-level", seconds: 180 },
  { inject: "server-crash", server_id: "server_6", seconds: 20 },
  { inject: "fraud-burst", pattern: "velocity-shared-address" },
] as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: "string", default: "4" } },
});
const wanted = VIEWS.filter(
  (view) => positionals.length === 0 || positionals.some((name) => view.startsWith(name)),
);

const dataDir = mkdtempSync(join(tmpdir(), "arenaflow-screenshots-"));
const stack = await startStack({ dataDir });
let browser: Browser | undefined;
try {
  browser = await launchChromium();
  await happen(stack, Number(values.minutes) * 60_000);
  mkdirSync(FOLDER, { recursive: true });
  for (const colorScheme of ["dark", "light"] as const) {
    for (const [size, viewport] of Object.entries(SIZES)) {
      const page = await browser.newPage({ viewport, colorScheme, reducedMotion: "reduce" });
      for (const view of wanted) await take(page, view, `${colorScheme}-${size}`);
      await page.close();
    }
  }
  console.log(`${wanted.length * 6} pictures in ${FOLDER}`);
} finally {
  await browser?.close();
  await stack.close();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Lets the game be played for a while, with one injection after the other, and posts a few events. */
async function happen({ urls }: Stack, ms: number): Promise<void> {
  const pauseMs = ms / (INJECTIONS.length + 2);
  await pause(2 * pauseMs);
  for (const injection of INJECTIONS) {
    await send(`${urls.generator}/v1/scenario`, injection);
    await send(`${urls.ingest}/v1/events/purchases`, [purchase(4.99), purchase(-1)]);
    await pause(pauseMs);
  }
}

function purchase(price: number): object {
  return {
    player_id: "12345",
    item_id: "skin_dragon",
    price,
    currency: "USD",
    purchase_timestamp: new Date().toISOString(),
    platform: "ios",
  };
}

async function send(url: string, body: object): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: "Bearer dev", "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${answer}`);
}

async function take(page: Page, view: string, suffix: string): Promise<void> {
  await page.goto(`${stack.urls.ingest}/#/${view}`);
  await page.locator('[data-testid="connection"][data-state="live"]').waitFor();
  await page.locator(".view:visible").waitFor();
  await pause(SETTLE_MS);
  const path = join(FOLDER, `${view.replace("/", "-")}-${suffix}.png`);
  await page.screenshot({ path, fullPage: true });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
