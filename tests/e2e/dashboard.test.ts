/**
 * The dashboard in a real Chromium against the real stack with the simulated game: what is made to
 * happen there has to show, and every view has to be usable by everyone.
 */
import { readFileSync, statSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Stack } from "../../local/fluvio-bridge/src/stack/index.ts";
import { chromiumMissing, launchChromium } from "./chromium.ts";
import {
  accessibilityFaults,
  inject,
  openPage,
  rowOf,
  SHOWN_MS_MAX,
  showView,
  untilRow,
  valueOf,
  VIEWS,
  type Watched,
} from "./dashboard-page.ts";
import { post, removeFolder, startTestStack, temporaryFolder } from "./test-stack.ts";

const skipped = chromiumMissing() !== undefined && process.env["CI"] !== "true";
/** For eleven views, each looked at from end to end. */
const AXE_MS_MAX = 300_000;

describe.skipIf(skipped)("the dashboard", () => {
  let dataDir: string;
  let stack: Stack;
  let browser: Browser;
  let watched: Watched;
  let page: Page;

  beforeAll(async () => {
    dataDir = temporaryFolder();
    stack = await startTestStack(dataDir, { generator: true });
    browser = await launchChromium();
    watched = await openPage(browser);
    ({ page } = watched);
  });

  afterAll(async () => {
    await browser?.close();
    await stack?.close();
    removeFolder(dataDir);
  });

  test("a fraud burst appears on Fraud with its rule and evidence, and is found right", async () => {
    await showView(page, stack, "fraud");
    await inject(stack, { inject: "fraud-burst", item_id: "battle_pass", count: 9 });
    // By its player: the flag names the item of the newest purchase, which may be another one.
    const truth = await injectedDeed(stack);
    const wanted = { rule: "purchase-velocity-per-account", player: truth.player_ids[0] ?? "" };
    await untilRow(page, "fraud-flags", wanted);
    const row = rowOf(page, "fraud-flags", wanted).first();
    const evidence = ((await row.getAttribute("data-evidence")) ?? "").split(" ");
    expect(truth.event_ids.some((id) => evidence.includes(id))).toBe(true);
    await untilRow(page, "account-links", { account: truth.player_ids[0] ?? "" });
    await expect
      .poll(() => valueOf(page, "precision"), { timeout: SHOWN_MS_MAX })
      .toBeGreaterThan(0);
    await untilRow(page, "flags-by-rule", { rule: "purchase-velocity-per-account" });
  });

  test("a latency spike and a crash appear on Operations, with the reason", async () => {
    await showView(page, stack, "operations");
    await inject(stack, {
      inject: "latency-spike",
      server_id: "server_2",
      factor: 12,
      seconds: 25,
    });
    await inject(stack, { inject: "server-crash", server_id: "server_5", seconds: 25 });
    await untilRow(page, "outages", { server: "server_2", state: "degraded" });
    const spike = rowOf(page, "outages", { server: "server_2", state: "degraded" }).first();
    expect(await spike.getAttribute("data-reason")).toContain("latency");
    await untilRow(page, "outages", { server: "server_5", state: "down" });
    const crash = rowOf(page, "outages", { server: "server_5", state: "down" }).first();
    expect(await crash.getAttribute("data-reason")).toContain("silent");
    await untilRow(page, "disconnects-by-server", { server: "server_5" });
  });

  test("a stuck level appears on Engagement, named and explained", async () => {
    await showView(page, stack, "engagement");
    const { detail } = await inject(stack, { inject: "stuck-level", seconds: 90 });
    const [level = ""] = detail["level_ids"] as string[];
    await untilRow(page, "stuck-points", { level, current: "true" });
    const words = await rowOf(page, "stuck-points", { level }).first().textContent();
    expect(words).toMatch(/attempts fail|leave the game|takes \d+ s/);
    await untilRow(page, "player-movement", {});
    await untilRow(page, "level-retention", { level });
  });

  test("Economy adds up, and the accounts on Pipeline come out", async () => {
    await showView(page, stack, "economy");
    await expect
      .poll(() => page.locator('[data-testid="revenue-by-type"] tbody tr').count(), {
        timeout: SHOWN_MS_MAX,
      })
      .toBeGreaterThan(1);
    expect(await page.locator('[data-testid="buyers-over-time"] tbody tr').count()).toBeGreaterThan(
      0,
    );
    await showView(page, stack, "pipeline");
    await expect
      .poll(() => valueOf(page, "dataflows-read"), { timeout: SHOWN_MS_MAX })
      .toBeGreaterThan(0);
    const [read, ...parts] = await page
      .locator('[data-testid^="dataflows-"][data-value]')
      .evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute("data-value"))));
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(read);
    expect(await page.locator('[data-testid="dataflows-verdict"]').getAttribute("data-tone")).toBe(
      "ok",
    );
  });

  test("Events shows what was posted and why some was rejected, searches and replays", async () => {
    await showView(page, stack, "events");
    const purchase = {
      player_id: "e2e_player",
      item_id: "skin_dragon",
      price: 4.99,
      currency: "USD",
      purchase_timestamp: new Date().toISOString(),
      platform: "ios",
    };
    await post(stack, "/v1/events/purchases", [purchase, { ...purchase, price: -1 }]);
    await untilRow(page, "recent-events", { topic: "purchases" });
    await untilRow(page, "rejected-events", { topic: "purchases", field: "price" });
    await rowOf(page, "rejected-events", { field: "price" }).first().locator("button").click();
    expect(await page.locator('[data-testid="event-in-full"]').textContent()).toContain(
      "e2e_player",
    );
    await page.locator('[data-testid="event-search"]').fill("no such event");
    await expect.poll(() => rowOf(page, "recent-events", { topic: "purchases" }).count()).toBe(0);
    await page.locator('[data-testid="event-search"]').fill("E2E_player");
    await expect.poll(() => rowOf(page, "recent-events", { topic: "purchases" }).count()).toBe(1);
    await page.locator('[data-testid="replay"]').click();
    await expect
      .poll(() => page.locator('[data-testid="replay-outcome"]').textContent())
      .toMatch(/0 taken, 1 still rejected/);
  });

  test("filters live in the address and hold across views; a thing has a page of its own", async () => {
    await showView(page, stack, "operations");
    await page.locator('[data-testid="filter-server"]').selectOption("server_3");
    await expect.poll(() => page.url()).toContain("server=server_3");
    await expect.poll(() => page.locator('[data-testid="server-health"] tbody tr').count()).toBe(1);
    await page.locator('nav a[data-view="engagement"]').click();
    await page.locator(".engagement").waitFor();
    expect(page.url()).toContain("server=server_3");
    await page.locator('nav a[data-view="operations"]').click();
    await page.locator('[data-testid="server-health"] a:has-text("server_3")').click();
    await page.locator('[data-testid="server-page"][data-id="server_3"]').waitFor();
    expect(page.url()).toContain("#/server/server_3");
    await page.locator('[data-testid="clear-filters"]').click();
    expect(page.url()).not.toContain("server=server_3");
  });

  test("a chart is saved as PNG and its data as CSV", async () => {
    await showView(page, stack, "overview");
    for (const [format, bytesMin] of [
      ["PNG", 5_000],
      ["CSV", 20],
    ] as const) {
      const download = page.waitForEvent("download");
      await page
        .getByRole("button", { name: `Players over time: save as ${format}` })
        .click({ force: true });
      const saved = await download;
      expect(saved.suggestedFilename()).toBe(`arenaflow-players.${format.toLowerCase()}`);
      expect(statSync(await saved.path()).size).toBeGreaterThan(bytesMin);
    }
  });

  test("items are called by their names; the spreadsheet has the ids", async () => {
    await showView(page, stack, "economy");
    await untilRow(page, "item-sales", { item: "skin_dragon" });
    const row = rowOf(page, "item-sales", { item: "skin_dragon" });
    expect(await row.locator("th").textContent()).toBe("Dragon Skin");
    const download = page.waitForEvent("download");
    await page
      .getByRole("button", { name: "Items by revenue: save as CSV" })
      .click({ force: true });
    const lines = readFileSync(await (await download).path(), "utf8").split("\r\n");
    expect(lines[0]).toMatch(/^Item,Revenue,/);
    expect(lines.some((line) => line.startsWith("skin_dragon,"))).toBe(true);
  });

  test("what the keyboard reaches in a chart's table comes into sight", async () => {
    await showView(page, stack, "engagement");
    const link = page.locator('[data-testid="level-activity"] a').first();
    await link.waitFor({ state: "attached" });
    const plot = page.locator(".area-places .plot-box");
    const visibility = (): Promise<string> =>
      plot.evaluate((element) => getComputedStyle(element).visibility);
    expect(await visibility()).toBe("visible");
    await page.getByRole("button", { name: "Players by level and map: show as table" }).focus();
    await page.keyboard.press("Tab");
    expect(await link.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(await visibility()).toBe("hidden");
    const box = await link.boundingBox();
    expect(
      await link.evaluate((element) => element.closest(".table-box")!.clientHeight),
    ).toBeGreaterThan(box!.height);
  });

  test("the reader scrubs back to what the page never held", async () => {
    const agoMs = 2 * 3_600_000;
    const end = Math.floor((Date.now() - agoMs) / 5_000) * 5_000;
    const value = {
      level_id: "level_past",
      map_id: "map_01",
      active_players: 77,
      average_session_duration: 10,
      window_start: end - 5_000,
      window_end: end,
    };
    await postInsight(stack, "level-activity", value);
    await showView(page, stack, `overview?at=${end + 60_000}`);
    await untilRow(page, "level-activity", { level: "level_past" });
    await page.getByRole("button", { name: "Resume" }).click();
    await expect.poll(() => rowOf(page, "level-activity", { level: "level_past" }).count()).toBe(0);
    await page.keyboard.press("p");
    await page.locator('[data-testid="paused-at"]').waitFor();
    expect(page.url()).toContain("at=");
  });

  test.each(["dark", "light"] as const)(
    "axe finds nothing on any view, %s",
    async (colorScheme) => {
      const own = await openPage(browser, { colorScheme, reducedMotion: "reduce" });
      const found: Record<string, string[]> = {};
      for (const view of VIEWS) {
        await showView(own.page, stack, view);
        const faults = await accessibilityFaults(own.page);
        if (faults.length > 0) found[view] = faults;
      }
      await own.page.close();
      expect(found).toEqual({});
      expect(own.faults).toEqual([]);
    },
    AXE_MS_MAX,
  );

  test("the policy lets the page reach an API elsewhere on this machine, and nothing unknown", async () => {
    const own = await openPage(browser);
    const api = stack.urls.ingest.replace("127.0.0.1", "localhost");
    await own.page.route("**/config.json", (route) =>
      route.fulfill({ json: { api, readKey: "dev" } }),
    );
    await showView(own.page, stack, "overview");
    expect(own.faults).toEqual([]);
    const outcome = await own.page.evaluate(() =>
      fetch("http://203.0.113.1/").then(
        () => "answered",
        (error: Error) => error.name,
      ),
    );
    expect(outcome).toBe("TypeError");
    expect(own.faults.join("\n")).toContain("connect-src");
    await own.page.close();
  });

  test("nothing failed on the page meanwhile", () => expect(watched.faults).toEqual([]));
});

interface Deed {
  readonly injected: boolean;
  readonly pattern: string;
  readonly complete: boolean;
  readonly player_ids: readonly string[];
  readonly event_ids: readonly string[];
}

/** The burst that was injected, once it has been played to its end. */
async function injectedDeed(stack: Stack): Promise<Deed> {
  return await vi.waitUntil(
    async () => {
      const response = await fetch(`${stack.urls.generator}/v1/truth`);
      const { items } = (await response.json()) as { items: Deed[] };
      return items.findLast(
        ({ injected, pattern, complete }) => injected && complete && pattern === "velocity-account",
      );
    },
    { timeout: SHOWN_MS_MAX, interval: 250 },
  );
}

async function postInsight(stack: Stack, topic: string, value: object): Promise<void> {
  const answer = await post(stack, `/v1/insights/${topic}`, value);
  expect(answer.status).toBe(200);
}
