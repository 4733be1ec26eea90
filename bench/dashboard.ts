/**
 * What the page costs: the scripts of its first view, CPU time at 50 updates a second, and whether
 * its memory stays flat. Run: `node bench/dashboard.ts [--json]`
 *
 * The page is real, in a real Chromium, served by the real Workers; only the insights are made up,
 * and posted as an http-sink posts them. CPU time is that of all drawing processes, as the browser
 * counts it: another load on the machine slows the page, but adds none to it.
 *
 * Memory is measured with a clock that runs fast, in page and insights alike, once the page holds
 * the quarter of an hour it keeps; after a forced collection each time. The slope of a line through
 * the samples is given per hour of the page's own time.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { startStack } from "../local/fluvio-bridge/src/stack/index.ts";
import { launchChromium } from "../tests/e2e/chromium.ts";
import { insightsOf, type PostedInsight } from "./dashboard/insights.ts";
import { drawingSeconds, firstViewGzipBytes, slope, usedHeapBytes } from "./dashboard/page.ts";
import { median, round3 } from "./sdf/numbers.ts";

const WINDOW_MS = 5_000;
/** Flags that are written again as they grow: what fills a window up to the rate. */
const FLAGS = 116;
/** What the overview shows at first. */
const SHOWN_MS = 5.5 * 60_000;
/** What the page keeps, and a little more. */
const KEPT_MS = 16 * 60_000;
const CPU_ROUNDS = 5;
const CPU_ROUND_MS = 10_000;
/** How much faster the clock of the memory run goes. */
const HASTE = 10;
/** A third of the game: half an hour of it has to be told within minutes. */
const HEAP_SHARE = 1 / 3;
const HEAP_SAMPLES = 10;
/** Of the page's own time. */
const HEAP_SAMPLE_MS = 90_000;
const POSTS_AT_ONCE = 16;
const POST_ATTEMPTS_MAX = 5;
const POLL_MS = 50;

const dataDir = mkdtempSync(join(tmpdir(), "arenaflow-bench-dashboard-"));
const stack = await startStack({ dataDir, generator: false });
const browser = await launchChromium();
const metrics: Record<string, number> = {};
try {
  await fill(Date.now() - SHOWN_MS, Date.now());
  const url = stack.urls.ingest;
  metrics["first_view_gzip_kb"] = Math.round((await firstViewGzipBytes(browser, url)) / 102.4) / 10;
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
  const feeding = feed({ haste: 1, flags: FLAGS });
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

/** MiB per hour of the page's own time. */
async function heapGrowth(chromium: Browser, url: string): Promise<number> {
  const page = await chromium.newPage({ viewport: { width: 1440, height: 900 } });
  const beganMs = Date.now();
  await page.addInitScript(
    ([began, haste]) => {
      const clock = Date.now.bind(Date);
      Date.now = () => began + (clock() - began) * haste;
    },
    [beganMs, HASTE] as const,
  );
  const feeding = feed({ haste: HASTE, flags: 0, share: HEAP_SHARE, beganMs });
  await page.goto(url);
  await page.locator(".overview canvas").first().waitFor();
  const points: [hours: number, mib: number][] = [];
  await feeding.reach(beganMs + KEPT_MS);
  for (let sample = 1; sample <= HEAP_SAMPLES; sample += 1) {
    // By what has been told, not by the clock: a busy machine falls behind, and is no leak.
    const toMs = await feeding.reach(beganMs + KEPT_MS + sample * HEAP_SAMPLE_MS);
    points.push([(toMs - beganMs) / 3_600_000, (await usedHeapBytes(page)) / 1024 / 1024]);
  }
  const posted = await feeding.stop();
  await page.close();
  console.error(
    `heap: ${points.map(([hours, mib]) => `${mib.toFixed(1)} MiB at ${hours.toFixed(2)} h`).join(", ")}; ${posted.toFixed(0)} updates a second`,
  );
  return slope(points);
}

/**
 * Posts the insights of each window when it is over, spread evenly over the five seconds after.
 * @param haste how much faster than real time windows end
 */
function feed({
  haste,
  flags,
  share = 1,
  beganMs = Date.now(),
}: {
  readonly haste: number;
  readonly flags: number;
  readonly share?: number;
  readonly beganMs?: number;
}) {
  const state = { stopped: false, posted: 0, reachedMs: beganMs };
  const started = performance.now();
  const now = (): number => beganMs + (Date.now() - beganMs) * haste;
  const done = (async () => {
    let startMs = Math.floor(beganMs / WINDOW_MS) * WINDOW_MS;
    while (!state.stopped) {
      await pause(Math.max(0, (startMs + WINDOW_MS - now()) / haste));
      const insights = insightsOf(startMs, { flags, share });
      const stepMs = (WINDOW_MS / haste / insights.length) * 0.98;
      const windowStarted = performance.now();
      for (let i = 0; i < insights.length && !state.stopped; i += HASTE) {
        const wait = windowStarted + i * stepMs - performance.now();
        if (wait > 0) await pause(wait);
        await Promise.all(insights.slice(i, i + HASTE).map(postInsight));
        state.posted += Math.min(HASTE, insights.length - i);
      }
      startMs += WINDOW_MS;
      state.reachedMs = startMs;
    }
  })();
  return {
    /** Waits until windows up to a time have been told. */
    async reach(toMs: number): Promise<number> {
      while (state.reachedMs < toMs) await pause(POLL_MS);
      return state.reachedMs;
    },
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
