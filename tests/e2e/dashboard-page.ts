/** The dashboard in a browser, for tests: opening views, reading tables, and what must never happen. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import type { Stack } from "../../local/fluvio-bridge/src/stack/index.ts";

export const VIEWS = [
  "overview",
  "engagement",
  "economy",
  "fraud",
  "operations",
  "pipeline",
  "events",
  "level/level_01",
  "item/skin_dragon",
  "player/player_00001",
  "server/server_1",
] as const;

/** How long something may take to show: a window, its grace, and a busy machine. */
export const SHOWN_MS_MAX = 90_000;

export interface Watched {
  readonly page: Page;
  /** Errors of scripts and refusals of the content security policy. */
  readonly faults: string[];
}

/** A page that notes what went wrong on it. */
export async function openPage(
  browser: Browser,
  options: Parameters<Browser["newPage"]>[0] = {},
): Promise<Watched> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, ...options });
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) faults.push(message.text());
  });
  return { page, faults };
}

/** Goes to a view and waits until it stands. */
export async function showView(page: Page, stack: Stack, view: string): Promise<void> {
  await page.goto(`${stack.urls.ingest}/#/${view}`);
  await page.locator('[data-testid="connection"][data-state="live"]').waitFor();
  await page.locator(".view:visible").waitFor();
}

/** A row of a table by its `data-…` attributes. */
export function rowOf(page: Page, table: string, attributes: Readonly<Record<string, string>>) {
  const wanted = Object.entries(attributes).map(([name, value]) => `[data-${name}="${value}"]`);
  return page.locator(`[data-testid="${table}"] tr${wanted.join("")}`);
}

/** Waits for a row, in sight or not. */
export async function untilRow(
  page: Page,
  table: string,
  attributes: Readonly<Record<string, string>>,
): Promise<void> {
  await rowOf(page, table, attributes)
    .first()
    .waitFor({ state: "attached", timeout: SHOWN_MS_MAX });
}

/** The exact number behind a text. */
export async function valueOf(page: Page, testId: string): Promise<number> {
  return Number(await page.locator(`[data-testid="${testId}"]`).getAttribute("data-value"));
}

/** Makes something happen in the simulated game; returns what it chose. */
export async function inject(
  stack: Stack,
  injection: Readonly<Record<string, string | number>>,
): Promise<{ readonly detail: Readonly<Record<string, unknown>> }> {
  const response = await fetch(`${stack.urls.generator}/v1/scenario`, {
    method: "POST",
    body: JSON.stringify(injection),
  });
  if (response.status !== 202) throw new Error(`not injected: ${await response.text()}`);
  return (await response.json()) as { detail: Record<string, unknown> };
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly {
    readonly target: readonly string[];
    readonly failureSummary?: string;
  }[];
}

/** What axe finds wrong by WCAG 2.2 A and AA: one line per rule and element. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // Run as the debugger's own script: the page's policy allows none that it does not serve.
  const source = readFileSync(
    createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
    "utf8",
  );
  await page.evaluate(source);
  const found = (await page.evaluate(
    `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then((r) => r.violations)`,
  )) as readonly Violation[];
  return found.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")} — ${node.failureSummary ?? ""}`),
  );
}
