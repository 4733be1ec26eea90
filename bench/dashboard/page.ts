/** A real page in Chromium, and what it costs. */
import { gzipSync } from "node:zlib";
import type { Browser, CDPSession, Page } from "playwright-core";

/** Scripts that a first view loads, in bytes of gzip. */
export async function firstViewGzipBytes(browser: Browser, url: string): Promise<number> {
  const page = await browser.newPage();
  const sizes: Promise<number>[] = [];
  page.on("response", (response) => {
    if (new URL(response.url()).pathname.endsWith(".js")) {
      sizes.push(response.body().then((body) => gzipSync(body).length));
    }
  });
  await page.goto(url);
  await page.locator(".overview canvas").first().waitFor();
  await page.waitForLoadState("load");
  const all = await Promise.all(sizes);
  await page.close();
  return all.reduce((sum, size) => sum + size, 0);
}

/**
 * Milliseconds from the start of a load to the first text or picture on the page, as the browser
 * reports it. Every call has a context of its own, and so finds nothing in a cache.
 */
export async function firstPaintMs(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(url);
  await page.locator(".overview canvas").first().waitFor();
  const paintMs = await page.evaluate(
    () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
  );
  await context.close();
  if (paintMs === undefined) throw new Error("the browser did not report a first paint");
  return paintMs;
}

interface ProcessInfo {
  readonly type: string;
  readonly cpuTime: number;
}

/** CPU seconds of all processes that draw pages, without the one that talks to us. */
export async function drawingSeconds(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = (await session.send("SystemInfo.getProcessInfo")) as {
    processInfo: readonly ProcessInfo[];
  };
  await session.detach();
  return processInfo
    .filter(({ type }) => type !== "browser")
    .reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

/** Bytes of JavaScript that are still in use after a collection. */
export async function usedHeapBytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.enable");
  // Twice: what finalizers let go of is collected the second time.
  await session.send("HeapProfiler.collectGarbage");
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = (await usage(session)) as { usedSize: number };
  await session.detach();
  return usedSize;
}

function usage(session: CDPSession): Promise<unknown> {
  return session.send("Runtime.getHeapUsage");
}

/** The slope of a line through points, by least squares. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (pick: 0 | 1): number =>
    points.reduce((sum, point) => sum + point[pick], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const over = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const under = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return under === 0 ? 0 : over / under;
}
