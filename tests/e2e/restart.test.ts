/** A second start goes on where the first stopped: nothing accepted is lost, nothing counted twice. */
import type { LiveMessage } from "@arenaflow/events";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Stack } from "../../local/fluvio-bridge/src/stack/index.ts";
import { CATALOGS } from "../reference/catalogs.ts";
import { type ItemSales, itemSales, type Purchase } from "../reference/sales.ts";
import { windowOf } from "../reference/window.ts";
import { post, removeFolder, startTestStack, temporaryFolder } from "./test-stack.ts";

const SETTLE_MS = 20_000;

let dataDir: string;
let stack: Stack | undefined;

beforeAll(() => {
  dataDir = temporaryFolder();
});

afterAll(async () => {
  await stack?.close();
  removeFolder(dataDir);
});

test("purchases of one window, posted around a restart, are counted once", async () => {
  stack = await startTestStack(dataDir);
  // Windows are decided by event time: these belong to one that is still open when the stack stops.
  const { window_end } = windowOf(Date.now() + 5000);
  await sleepUntil(window_end - 4000);
  const first = purchases("before", window_end - 4500);
  expect((await post(stack, "/v1/events/purchases", first)).body).toMatchObject({ accepted: 3 });
  await stack.close();

  stack = await startTestStack(dataDir);
  const again = await post(stack, "/v1/events/purchases", first);
  expect(again.body).toMatchObject({ accepted: 0, duplicates: 3 });

  const second = purchases("after", Date.now());
  expect((await post(stack, "/v1/events/purchases", second)).body).toMatchObject({ accepted: 3 });

  const expected = itemSales([...first, ...second], CATALOGS).toSorted(byWindow);
  await expect
    .poll(() => soldAround(stack!, "crown"), { timeout: SETTLE_MS, interval: 250 })
    .toEqual(expected);
});

test("the history from before a restart is still there", async () => {
  const before = await soldAround(stack!, "crown");
  await stack!.close();
  stack = await startTestStack(dataDir);
  expect(await soldAround(stack, "crown")).toEqual(before);
});

function purchases(name: string, fromMs: number): Purchase[] {
  return [0, 1, 2].map((i) => ({
    event_id: `${name}-${i}`,
    player_id: `buyer_${i}`,
    item_id: "crown",
    price: 9.99,
    currency: "USD",
    purchase_timestamp: new Date(fromMs + i).toISOString(),
    ip_address: "192.0.2.1",
  }));
}

async function soldAround(running: Stack, item: string): Promise<ItemSales[]> {
  const response = await fetch(`${running.urls.ingest}/v1/insights/item-sales`, {
    headers: { Authorization: "Bearer dev" },
  });
  const { items } = (await response.json()) as { items: LiveMessage[] };
  return items
    .map(({ value }) => value as ItemSales)
    .filter((value) => value.item_id === item)
    .toSorted(byWindow);
}

function byWindow(a: ItemSales, b: ItemSales): number {
  return a.window_start - b.window_start;
}

async function sleepUntil(timeMs: number): Promise<void> {
  const ms = timeMs - Date.now();
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
