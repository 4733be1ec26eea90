/**
 * `npm run screenshots [-- view…]`: every view of the dashboard, dark and light, on a desktop, a phone
 * and a wall, and the page's states other than live (`-- state`), into `screenshots/`. Starts a stack
 * of its own, makes things happen in its game, and stops it. `-- --minutes=1` waits for less of a
 * past before the pictures are taken (default 4).
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Browser, Page } from "playwright-core";
import { startStack, type Stack } from "../local/fluvio-bridge/src/stack/index.ts";
import { launchChromium } from "../tests/e2e/chromium.ts";
import { pageStates, type PageState } from "./page-states.ts";
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
const isWanted = (name: string): boolean =>
  positionals.length === 0 || positionals.some((start) => name.startsWith(start));

const dataDir = mkdtempSync(join(tmpdir(), "arenaflow-screenshots-"));
const stack = await startStack({ dataDir });
let opened: Browser | undefined;
try {
  const browser = await launchChromium();
  opened = browser;
  await happen(stack, Number(values.minutes) * 60_000);
  mkdirSync(FOLDER, { recursive: true });
  const views = [...VIEWS, `player/${await flaggedPlayer(stack)}`].filter(isWanted);
  const states = pageStates().filter(({ name }) => isWanted(`state-${name}`));
  for (const colorScheme of ["dark", "light"] as const) {
    for (const [size, viewport] of Object.entries(SIZES)) {
      const open = async (): Promise<Page> =>
        browser.newPage({ viewport, colorScheme, reducedMotion: "reduce" });
      const page = await open();
      for (const view of views) await take(page, view, `${colorScheme}-${size}`);
      await page.close();
      if (size === "wall") continue;
      for (const state of states) await takeState(await open(), state, `${colorScheme}-${size}`);
    }
  }
  console.log(`${views.length * 6 + states.length * 4} pictures in ${FOLDER}`);
} finally {
  await opened?.close();
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
  // The one player is another in every run.
  const name = view.replace(/^player\/.*/, "player").replace("/", "-");
  await page.screenshot({ path: join(FOLDER, `${name}-${suffix}.png`), fullPage: true });
}

async function takeState(page: Page, state: PageState, suffix: string): Promise<void> {
  await state.before(page);
  await page.goto(stack.urls.ingest);
  if (state.onceLive !== undefined) {
    await page.locator('[data-testid="connection"][data-state="live"]').waitFor();
    await state.onceLive();
  }
  await page.locator(state.shows).waitFor();
  await pause(SETTLE_MS / 2);
  await page.screenshot({ path: join(FOLDER, `state-${state.name}-${suffix}.png`) });
  await page.close();
}

/** The account of the newest flag. */
async function flaggedPlayer({ urls }: Stack): Promise<string> {
  const response = await fetch(`${urls.ingest}/v1/insights/fraud-flags?since=0`, {
    headers: { authorization: "Bearer dev" },
  });
  const { items } = (await response.json()) as { items: { value: { player_id: string } }[] };
  return items.at(-1)?.value.player_id ?? "12345";
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
