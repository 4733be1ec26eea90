/**
 * Whether the page's memory stays flat. The page's clock is moved on by hand, one window at a time,
 * and only when the page has drawn the window before: hours pass in minutes, and a busy machine
 * makes it slower, but changes nothing of what the page is told.
 */
import type { Browser, Page } from "playwright-core";
import { insightsOf, type PostedInsight, WINDOW_MS } from "./insights.ts";
import { slope, usedHeapBytes } from "./page.ts";

/** A third of the game: an hour of it has to be told within minutes. */
const SHARE = 1 / 3;
/** After this the page holds the quarter of an hour it keeps, and its code is compiled. */
const WARM_MS = 16 * 60_000;
const SAMPLES = 10;
/** Of the page's own time, as all times here. */
const SAMPLE_MS = 2 * 60_000;
/** A window's insights are there this long after its end. */
const ARRIVAL_MS = 3_000;
const DRAWN_WITHIN_MS = 30_000;

/** `[hours of the page's time, bytes in use]`, after a forced collection each time. */
export type HeapSample = readonly [hours: number, bytes: number];

/** Opens the overview and tells it windows until there are enough samples. */
export async function heapSamples(
  browser: Browser,
  url: string,
  post: (insights: readonly PostedInsight[]) => Promise<void>,
): Promise<readonly HeapSample[]> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.addInitScript(() => {
    const clock = Date.now.bind(Date);
    let skippedMs = 0;
    Date.now = () => clock() + skippedMs;
    Object.assign(globalThis, {
      skipTo: (ms: number) => {
        skippedMs = Math.max(skippedMs, ms - clock());
      },
    });
  });
  await page.goto(url, { waitUntil: "networkidle" });
  await page.locator(".overview canvas").first().waitFor();

  const beganMs = Math.floor(Date.now() / WINDOW_MS) * WINDOW_MS;
  const samples: HeapSample[] = [];
  let startMs = beganMs;
  for (let n = 0; n <= SAMPLES; n += 1) {
    const untilMs = beganMs + WARM_MS + n * SAMPLE_MS;
    for (; startMs < untilMs; startMs += WINDOW_MS) {
      await post(insightsOf(startMs, { flags: 0, share: SHARE }));
      await drawnUntil(page, startMs + WINDOW_MS);
    }
    samples.push([(startMs - beganMs) / 3_600_000, await usedHeapBytes(page)]);
  }
  await page.close();
  return samples;
}

/** Moves the page's clock past a window's end, and waits until the page shows that window. */
async function drawnUntil(page: Page, endMs: number): Promise<void> {
  await page.evaluate((ms) => {
    (globalThis as unknown as { skipTo(ms: number): void }).skipTo(ms);
  }, endMs + ARRIVAL_MS);
  await page
    .locator(`[data-testid="players-over-time"] tr[data-window-end="${endMs}"]`)
    .waitFor({ state: "attached", timeout: DRAWN_WITHIN_MS });
}

/** MiB per hour: the slope of a line through the samples. */
export function growthPerHour(samples: readonly HeapSample[]): number {
  return slope(samples.map(([hours, bytes]) => [hours, bytes / 1024 / 1024]));
}
