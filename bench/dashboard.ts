/**
 * What the page costs: the scripts of its first view, the time to its first paint, CPU time at 50
 * updates a second, and whether its memory stays flat. Run: `node bench/dashboard.ts [--json]`
 *
 * The page is real, in a real Chromium, served by the real Workers; only the insights are made up,
 * and posted as an http-sink posts them. CPU time is that of all drawing processes, as the browser
 * counts it: another load on the machine slows the page, but adds none to it.
 *
 * The first paint is what the browser itself reports, on loads that find nothing in a cache.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { startStack } from "../local/fluvio-bridge/src/stack/index.ts";
import { launchChromium } from "../tests/e2e/chromium.ts";
import { insightsOf, type PostedInsight, WINDOW_MS } from "./dashboard/insights.ts";
import { growthPerHour, heapSamples } from "./dashboard/memory.ts";
import { drawingSeconds, firstPaintMs, firstViewGzipBytes } from "./dashboard/page.ts";
import { median, round3 } from "./sdf/numbers.ts";

/** Flags that are written again as they grow: what fills a window up to the rate. */
const FLAGS = 113;
/** What the overview shows at first. */
const SHOWN_MS = 5.5 * 60_000;
const PAINT_ROUNDS = 7;
const CPU_ROUNDS = 5;
const CPU_ROUND_MS = 10_000;
/** How many insights are posted together while they come steadily. */
const STEADY_POSTS = 10;
const POSTS_AT_ONCE = 16;
const POST_ATTEMPTS_MAX = 5;

const dataDir = mkdtempSync(join(tmpdir(), "arenaflow-bench-dashboard-"));
const stack = await startStack({ dataDir, generator: false });
const browser = await launchChromium();
const metrics: Record<string, number> = {};
try {
  await fill(Date.now() - SHOWN_MS, Date.now());
  const url = stack.urls.ingest;
  metrics["first_view_gzip_kb"] = Math.round((await firstViewGzipBytes(browser, url)) / 102.4) / 10;
  metrics["first_paint_ms"] = Math.round(await firstPaint(browser, url));
  metrics["cpu_share_50_updates"] = round3(await cpuShare(browser, url));
  metrics["heap_growth_mb_per_hour"] = round3(await heapGrowth(browser, url));
} finally {
  await browser.close();
  await stack.close();
  rmSync(dataDir, { recursive: true, force: true });
}
console.log(JSON.stringify({ dashboard: metrics }));

/** The median over rounds of CPU time / time, with the overview open. */
async function cpuShare(chromium: Browser, url: string): Promise<number> {
  const page = await chromium.newPage({ viewport: { width: 1440, height: 900 } });
  const feeding = feed();
  await page.goto(url);
  await page.locator('[data-testid="connection"][data-state="live"]').waitFor();
  const shares: number[] = [];
  await pause(WINDOW_MS);
  for (let round = 0; round < CPU_ROUNDS; round += 1) {
    const before = await drawingSeconds(chromium);
    const started = performance.now();
    await pause(CPU_ROUND_MS);
    const seconds = (performance.now() - started) / 1000;
    shares.push(((await drawingSeconds(chromium)) - before) / seconds);
  }
  const posted = await feeding.stop();
  await page.close();
  console.error(
    `cpu: ${shares.map((share) => share.toFixed(3)).join(", ")} of a core at ${posted.toFixed(1)} updates a second`,
  );
  return median(shares);
}

/** The median over loads with an empty cache. */
async function firstPaint(chromium: Browser, url: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < PAINT_ROUNDS; round += 1) {
    times.push(await firstPaintMs(chromium, url));
  }
  console.error(`first paint: ${times.map((ms) => ms.toFixed(0)).join(", ")} ms`);
  return median(times);
}

/** MiB per hour of the page's own time. */
async function heapGrowth(chromium: Browser, url: string): Promise<number> {
  const samples = await heapSamples(chromium, url, postAll);
  const words = samples.map(
    ([hours, bytes]) => `${(bytes / 1024 / 1024).toFixed(2)} MiB at ${hours.toFixed(2)} h`,
  );
  console.error(`heap: ${words.join(", ")}`);
  return growthPerHour(samples);
}

/** Posts the insights of each window when it is over, spread evenly over the five seconds after. */
function feed() {
  const state = { stopped: false, posted: 0 };
  const started = performance.now();
  const done = (async () => {
    let startMs = Math.floor(Date.now() / WINDOW_MS) * WINDOW_MS;
    while (!state.stopped) {
      await pause(Math.max(0, startMs + WINDOW_MS - Date.now()));
      const insights = insightsOf(startMs, { flags: FLAGS });
      const stepMs = (WINDOW_MS / insights.length) * 0.98;
      const windowStarted = performance.now();
      for (let i = 0; i < insights.length && !state.stopped; i += STEADY_POSTS) {
        const wait = windowStarted + i * stepMs - performance.now();
        if (wait > 0) await pause(wait);
        const some = insights.slice(i, i + STEADY_POSTS);
        await Promise.all(some.map(postInsight));
        state.posted += some.length;
      }
      startMs += WINDOW_MS;
    }
  })();
  return {
    /** Resolves with the updates a second that were told. */
    async stop(): Promise<number> {
      state.stopped = true;
      await done;
      return state.posted / ((performance.now() - started) / 1000);
    },
  };
}

async function fill(fromMs: number, toMs: number): Promise<void> {
  const all: PostedInsight[] = [];
  for (
    let ms = Math.floor(fromMs / WINDOW_MS) * WINDOW_MS;
    ms + WINDOW_MS <= toMs;
    ms += WINDOW_MS
  ) {
    all.push(...insightsOf(ms, { flags: 0 }));
  }
  console.error(`${all.length} insights of the minutes before`);
  await postAll(all);
}

async function postAll(all: readonly PostedInsight[]): Promise<void> {
  let next = 0;
  const poster = async (): Promise<void> => {
    for (let insight = all[next++]; insight !== undefined; insight = all[next++]) {
      await postInsight(insight);
    }
  };
  await Promise.all(Array.from({ length: POSTS_AT_ONCE }, poster));
}

/** Posts one, again after a connection that was closed: an insight that comes twice overwrites itself. */
async function postInsight(insight: PostedInsight): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await postOnce(insight);
    } catch (error) {
      if (attempt === POST_ATTEMPTS_MAX) throw error;
      await pause(attempt * 200);
    }
  }
}

async function postOnce({ topic, value }: PostedInsight): Promise<void> {
  const response = await fetch(`${stack.urls.ingest}/v1/insights/${topic}`, {
    method: "POST",
    headers: { authorization: "Bearer dev", "content-type": "application/json" },
    body: JSON.stringify(value),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`posting to ${topic} was answered with ${response.status}`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
