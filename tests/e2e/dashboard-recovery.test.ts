/** The page tells the truth about its connection, comes back by itself, and fills the gap. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startStack, type Stack } from "../../local/fluvio-bridge/src/stack/index.ts";
import { chromiumMissing, launchChromium } from "./chromium.ts";
import { openPage, SHOWN_MS_MAX, valueOf } from "./dashboard-page.ts";
import { removeFolder, temporaryFolder } from "./test-stack.ts";

const skipped = chromiumMissing() !== undefined && process.env["CI"] !== "true";
const READ = { headers: { Authorization: "Bearer dev" } };

describe.skipIf(skipped)("the page and a stack that restarts", () => {
  let dataDir: string;
  let stack: Stack;
  let browser: Browser;
  let page: Page;
  let faults: readonly string[];

  beforeAll(async () => {
    dataDir = temporaryFolder();
    stack = await startStack({ dataDir, generator: false });
    browser = await launchChromium();
    ({ page, faults } = await openPage(browser));
  });

  afterAll(async () => {
    await browser?.close();
    await stack?.close();
    removeFolder(dataDir);
  });

  const state = (): Promise<string | null> =>
    page.locator('[data-testid="connection"]').getAttribute("data-state");

  test("before any data it says what to do", async () => {
    await page.goto(stack.urls.ingest);
    await expect.poll(state, { timeout: SHOWN_MS_MAX }).toBe("empty");
    const command = await page.locator('[data-testid="first-event"] code').textContent();
    expect(command).toContain(`curl ${stack.urls.ingest}/v1/events/player-events`);
  });

  test("it shows data, says when it lost the stack, and comes back with the gap filled", async () => {
    const first = windowEnd(0);
    await postWindow(stack, first, 10);
    await expect.poll(state, { timeout: SHOWN_MS_MAX }).toBe("live");
    await expect.poll(() => valueOf(page, "players-now")).toBe(10);

    const { ingest, fluvio } = stack.urls;
    await stack.close();
    await expect.poll(state, { timeout: SHOWN_MS_MAX }).toBe("reconnecting");
    const detail = await page.locator(".status-detail").textContent();
    expect(detail).toMatch(/Missing the last \d+/);

    // Hidden from the page until it has been told of what happened meanwhile.
    await page.route("**/v1/insights/**", (route) => route.abort());
    stack = await startStack({
      dataDir,
      generator: false,
      ports: { ingest: portOf(ingest), fluvio: portOf(`http://${fluvio}`) },
    });
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, first + 15_000 - Date.now())));
    const missed = [windowEnd(1), windowEnd(0)];
    expect(missed[0]).toBeGreaterThan(first);
    for (const [i, end] of missed.entries()) await postWindow(stack, end, 20 + i);
    await page.unroute("**/v1/insights/**");
    await expect.poll(state, { timeout: SHOWN_MS_MAX }).toBe("live");
    for (const [i, end] of missed.entries()) {
      const row = page.locator(`[data-testid="players-over-time"] tr[data-window-end="${end}"]`);
      await expect.poll(() => row.getAttribute("data-players")).toBe(String(20 + i));
    }
    expect(faults).toEqual([]);
  });

  test("what it shows is all that the API has", async () => {
    const since = Date.now() - 5 * 60_000;
    const response = await fetch(
      `${stack.urls.ingest}/v1/insights/level-activity?since=${since}`,
      READ,
    );
    const { items } = (await response.json()) as { items: { value: { window_end: number } }[] };
    const kept = [...new Set(items.map(({ value }) => value.window_end))];
    const shown = await page
      .locator('[data-testid="players-over-time"] tr[data-window-end]')
      .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute("data-window-end"))));
    expect(kept.length).toBeGreaterThanOrEqual(3);
    expect(new Set(shown)).toEqual(new Set(kept));
  });

  test("before it has read the past it shows no sums of what is live alone", async () => {
    const { page: other } = await openPage(browser);
    const past = Promise.withResolvers<void>();
    await other.route("**/v1/insights/**", async (route) => {
      await past.promise;
      await route.continue();
    });
    const opening = other.waitForEvent("websocket");
    await other.goto(stack.urls.ingest);
    const socket = await opening;
    const heard = socket.waitForEvent("framereceived", ({ payload }) =>
      String(payload).includes("level-activity"),
    );
    await postWindow(stack, windowEnd(0), 30);
    await heard;
    await other.locator('[data-testid="connection"][data-state="connecting"]').waitFor();
    // A drawing that should not come would be there by then.
    await other.waitForTimeout(1_500);
    expect(await other.locator(".view:visible").count()).toBe(0);
    past.resolve();
    await other.locator(".view:visible").waitFor();
    await expect.poll(() => valueOf(other, "players-now")).toBe(30);
    await other.close();
  });

  test("old data is called old", async () => {
    await expect.poll(state, { timeout: SHOWN_MS_MAX }).toBe("stale");
    expect(await page.locator(".status-detail").textContent()).toMatch(/newest insight is .+ old/);
  });
});

/** The end of a window that is over, `back` windows before the newest one. */
function windowEnd(back: number): number {
  return (Math.floor(Date.now() / 5_000) - back) * 5_000;
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

/** One insight, as an http-sink brings it. */
async function postWindow(stack: Stack, end: number, players: number): Promise<void> {
  const response = await fetch(`${stack.urls.ingest}/v1/insights/level-activity`, {
    method: "POST",
    headers: { Authorization: "Bearer dev", "Content-Type": "application/json" },
    body: JSON.stringify({
      level_id: "level_01",
      map_id: "map_01",
      active_players: players,
      average_session_duration: 5,
      window_start: end - 5_000,
      window_end: end,
    }),
  });
  expect(response.status).toBe(200);
}
