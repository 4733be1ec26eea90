/**
 * The whole path, all real: known events go in over HTTP, insights come out on the WebSocket and on
 * the page, and both are compared with a reference model that knows nothing of the dataflows.
 */
import { readFileSync } from "node:fs";
import type { InsightTopic } from "@arenaflow/events";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Stack } from "../../local/fluvio-bridge/src/stack/index.ts";
import { CATALOGS } from "../reference/catalogs.ts";
import { type ItemSales, itemSales, type Purchase } from "../reference/sales.ts";
import {
  type KnownServer,
  type ServerHealth,
  serverHealth,
  type ServerMetric,
} from "../reference/servers.ts";
import { catalogNames } from "../reference/engagement/catalog-names.ts";
import { type LevelActivity, levelActivity } from "../reference/engagement/activity.ts";
import type { PlayerEvent } from "../reference/engagement/event.ts";
import { windowOf } from "../reference/window.ts";
import { chromiumMissing, launchChromium } from "./chromium.ts";
import { knownEvents, seededRandom } from "./known-events.ts";
import { type LineListener, listenForLines } from "./line-listener.ts";
import { LiveCollector } from "./live-collector.ts";
import { post, removeFolder, startTestStack, temporaryFolder } from "./test-stack.ts";

const SEED = 20_241_112;
const SLICE_MS = 500;
const PLAY_MS = 12_000;
/** Grace period and processing after a window's end: generous, a busy machine is no failure. */
const SETTLE_MS = 15_000;
const { servers: SERVERS } = JSON.parse(
  readFileSync(new URL("../../catalog/servers.json", import.meta.url), "utf8"),
) as { servers: KnownServer[] };

const SAMPLES = {
  "player-events":
    '{"player_id":"12345","session_id":"abcd1234","event_type":"move","level_id":"level_01","map_id":"map_05","timestamp":"2024-11-12T10:00:00Z"}',
  purchases:
    '{"player_id":"12345","item_id":"skin_dragon","price":4.99,"currency":"USD","purchase_timestamp":"2024-11-12T10:05:00Z","ip_address":"192.168.0.1"}',
  "server-metrics":
    '{"server_id":"server_1","cpu_load":65,"memory_usage":80,"latency":120,"timestamp":"2024-11-12T10:10:00Z"}',
} as const;

let dataDir: string;
let stack: Stack;
let live: LiveCollector;
let carbon: LineListener;

const sent: { players: PlayerEvent[]; purchases: Purchase[]; metrics: ServerMetric[] } = {
  players: [],
  purchases: [],
  metrics: [],
};

beforeAll(async () => {
  dataDir = temporaryFolder();
  carbon = await listenForLines();
  stack = await startTestStack(dataDir, { graphite: { address: carbon.address } });
  live = await LiveCollector.open(stack.urls.ingest);
});

afterAll(async () => {
  live?.close();
  await stack?.close();
  carbon?.close();
  removeFolder(dataDir);
});

test("bad input is answered field by field, and the rest of a batch is kept", async () => {
  const good = JSON.parse(SAMPLES["server-metrics"]) as object;
  const mixed = await post(stack, "/v1/events/server-metrics", [
    { ...good, server_id: "server_bad_batch", event_id: "kept" },
    { ...good, cpu_load: "65" },
    { ...good, latency: undefined },
  ]);
  expect(mixed.status).toBe(202);
  expect(mixed.body).toMatchObject({
    accepted: 1,
    rejected: [
      { index: 1, code: "wrong_type", field: "cpu_load", expected: "a number from 0 to 100" },
      { index: 2, code: "missing_field", field: "latency" },
    ],
  });
  expect((await post(stack, "/v1/events/server-metrics", '{"server_id": ')).status).toBe(400);
  expect((await post(stack, "/v1/events/no-such-topic", good)).status).toBe(404);
  expect((await post(stack, "/v1/events/purchases", " ".repeat(1_048_577))).status).toBe(413);
});

test("known events become exactly the insights of the reference model", async () => {
  await play();
  const expected = {
    "level-activity": levelActivity(sent.players, catalogNames()),
    "item-sales": itemSales(sent.purchases, CATALOGS),
    "server-health": serverHealth(sent.metrics, SERVERS),
  };
  const from = Math.min(...expected["level-activity"].map((value) => value.window_start));
  const ours = <V extends { window_start: number }>(topic: InsightTopic): V[] =>
    live.values<V>(topic).filter((value) => value.window_start >= from);
  await live.until(
    () =>
      ours("level-activity").length >= expected["level-activity"].length &&
      ours("item-sales").length >= expected["item-sales"].length &&
      ours<ServerHealth>("server-health").filter(isKnownServer).length >=
        expected["server-health"].length,
    SETTLE_MS,
  );

  expect(ordered(ours<LevelActivity>("level-activity"))).toEqual(
    ordered(expected["level-activity"]),
  );
  expect(ordered(ours<ItemSales>("item-sales"))).toEqual(ordered(expected["item-sales"]));
  expect(ordered(ours<ServerHealth>("server-health").filter(isKnownServer))).toEqual(
    ordered(expected["server-health"]),
  );
  expect(expected["item-sales"].some((value) => value.fraud_flags.length > 0)).toBe(true);
});

test("insights arrive within two seconds of their window's close", () => {
  const delays = live.arrived.map(({ message, atMs }) => atMs - message.value.window_end);
  const worst = Math.max(...delays);
  console.log(`${delays.length} insights, the slowest ${worst} ms after its window's end`);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
});

test("a carbon elsewhere gets the servers' lines", async () => {
  const lines = (): string => carbon.text();
  const line = /^gaming\.servers\.server_1\.latency [\d.]+ \d{10}$/m;
  await expect.poll(lines, { timeout: SETTLE_MS * 2, interval: 250 }).toMatch(line);
});

test("the journal forgets what the dataflows have seen", async () => {
  const backlog = async (): Promise<unknown> => {
    const response = await fetch(`${stack.urls.ingest}/v1/status`, {
      headers: { Authorization: "Bearer dev" },
    });
    return response.json();
  };
  await expect.poll(backlog, { timeout: SETTLE_MS, interval: 250 }).toMatchObject({ backlog: 0 });
});

describe.skipIf(chromiumMissing() !== undefined && process.env["CI"] !== "true")("the page", () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(stack.urls.ingest);
    await page.locator('[data-testid="connection"][data-state="live"]').waitFor();
  });

  afterAll(async () => {
    await browser?.close();
  });

  test("shows sales, flagged accounts and servers as the reference model has them", async () => {
    const items = itemSales(sent.purchases, CATALOGS);
    const revenueOf = (item: string): number =>
      items
        .filter((sale) => sale.item_id === item)
        .reduce((sum, sale) => sum + sale.total_revenue, 0);
    for (const item of new Set(items.map((sale) => sale.item_id))) {
      const row = page.locator(`[data-testid="item-sales"] tr[data-item="${item}"]`);
      await expect
        .poll(async () => Number(await row.getAttribute("data-revenue")), { timeout: SETTLE_MS })
        .toBeCloseTo(revenueOf(item), 2);
    }
    await page.locator('[data-testid="flagged-accounts"] tr[data-player="cheater"]').waitFor({
      state: "attached",
    });
    const newest = serverHealth(sent.metrics)
      .filter((value) => value.server_id === "server_1")
      .at(-1);
    const server = page.locator('[data-testid="server-health"] tr[data-server="server_1"]');
    await expect
      .poll(async () => Number(await server.getAttribute("data-latency")), { timeout: SETTLE_MS })
      .toBe(newest?.latency);
  });

  test("shows a new event on its level and map", async () => {
    const event = {
      ...(JSON.parse(SAMPLES["player-events"]) as object),
      session_id: "page",
      level_id: "level_page",
    };
    expect((await post(stack, "/v1/events/player-events", event)).status).toBe(202);
    const cell = page.locator(
      '[data-testid="level-activity"] tr[data-level="level_page"][data-map="map_05"]',
    );
    await cell.waitFor({ state: "attached", timeout: SETTLE_MS });
    expect(await cell.getAttribute("data-players")).toBe("1");
  });
});

test("the requirements' samples, exactly as they stand, show up in the insights", async () => {
  const before = live.arrived.length;
  const postedMs = Date.now();
  for (const [topic, sample] of Object.entries(SAMPLES)) {
    const answer = await post(stack, `/v1/events/${topic}`, sample);
    expect(answer).toMatchObject({ status: 202, body: { accepted: 1, rejected: [] } });
  }
  const find = (topic: InsightTopic, wanted: object): unknown =>
    live.arrived
      .slice(before)
      .map(({ message }) => message)
      .filter((message) => message.topic === topic)
      .map((message) => message.value as object)
      .find((value) => Object.entries(wanted).every(([k, v]) => value[k as never] === v));
  const level = () =>
    find("level-activity", { level_id: "level_01", map_id: "map_05" }) as LevelActivity | undefined;
  const sale = () => find("item-sales", { item_id: "skin_dragon" }) as ItemSales | undefined;
  const health = () =>
    find("server-health", { server_id: "server_1", state: "ok" }) as ServerHealth | undefined;
  await live.until(() => Boolean(level() && sale() && health()), SETTLE_MS);

  const window = { window_start: expect.any(Number), window_end: expect.any(Number) };
  expect(level()).toEqual({
    ...window,
    title_id: "local",
    level_id: "level_01",
    map_id: "map_05",
    level_name: catalogNames().levels.get("level_01")?.name,
    map_name: catalogNames().maps.get("map_05"),
    active_players: 1,
    // The known events may have been there less than a minute ago.
    active_last_minute: expect.any(Number),
    average_session_duration: 0,
  });
  expect(sale()).toEqual({
    ...window,
    title_id: "local",
    item_id: "skin_dragon",
    item_name: "Dragon Skin",
    item_type: "skin",
    purchase_count: 1,
    refund_count: 0,
    total_revenue: 4.99,
    fraud_flags: [],
  });
  expect(health()).toEqual({
    ...window,
    title_id: "local",
    server_id: "server_1",
    region: "eu-west",
    server_type: "match",
    samples: 1,
    cpu_load: 65,
    cpu_last: 65,
    cpu_p95: 65,
    cpu_max: 65,
    memory_usage: 80,
    memory_last: 80,
    memory_p95: 80,
    memory_max: 80,
    latency: 120,
    latency_last: 120,
    latency_p95: 120,
    latency_max: 120,
    players: 0,
    disconnections: 0,
    disconnection_rate: 0,
    state: "ok",
    reason: "",
    timestamp: expect.stringMatching(/^20\d\d-.*Z$/),
  });
  expect(Date.parse(health()!.timestamp)).toBeGreaterThanOrEqual(postedMs - 1000);
});

/** Posts the events of a small game as they happen, for a few windows. */
async function play(): Promise<void> {
  const random = seededRandom(SEED);
  // Begin with a window's beginning: its first events are then all of the window's events.
  const startMs = windowOf(Date.now()).window_end;
  await sleepUntil(startMs);
  for (let sequence = 0; sequence * SLICE_MS < PLAY_MS; sequence += 1) {
    const fromMs = startMs + sequence * SLICE_MS;
    const events = knownEvents(random, { fromMs, toMs: fromMs + SLICE_MS, sequence });
    await sleepUntil(fromMs + SLICE_MS);
    const answers = await Promise.all([
      post(stack, "/v1/events/player-events", events["player-events"]),
      post(stack, "/v1/events/purchases", { events: events.purchases }),
      post(
        stack,
        "/v1/events/server-metrics",
        events["server-metrics"].map((m) => JSON.stringify(m)).join("\n"),
      ),
    ]);
    for (const answer of answers) expect(answer.body.rejected).toEqual([]);
    sent.players.push(...events["player-events"]);
    sent.purchases.push(...events.purchases);
    sent.metrics.push(...events["server-metrics"]);
  }
}

async function sleepUntil(timeMs: number): Promise<void> {
  const ms = timeMs - Date.now();
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}

/** A pause of the test is no fault: what is said of silent servers is not looked at. */
function isKnownServer(value: ServerHealth): boolean {
  return value.server_id !== "server_bad_batch" && value.state !== "down";
}

/** Order of groups within a window is not promised, nor that of the flags within an item. */
function ordered<V extends object>(values: readonly V[]): V[] {
  const text = (value: object): string => JSON.stringify(value, Object.keys(value).toSorted());
  return values
    .map((value) =>
      "fraud_flags" in value
        ? {
            ...value,
            fraud_flags: [...(value.fraud_flags as object[])].toSorted((a, b) =>
              text(a).localeCompare(text(b)),
            ),
          }
        : value,
    )
    .toSorted((a, b) => text(a).localeCompare(text(b)));
}
