/** Somebody edits files of the catalog while the stack runs: purchases after that are judged and named by what the files say now. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ItemSales, RaisedFlag } from "@arenaflow/events";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Stack } from "../../local/fluvio-bridge/src/stack/index.ts";
import { LiveCollector } from "./live-collector.ts";
import { post, removeFolder, startTestStack, temporaryFolder } from "./test-stack.ts";

const CATALOG = new URL("../../catalog/", import.meta.url);
const POST_EVERY_MS = 500;
/** A window, its grace period and a busy machine. */
const EFFECT_MS_MAX = 40_000;

const dataDir = temporaryFolder();
const catalogDir = join(dataDir, "catalog");
let stack: Stack;
let live: LiveCollector;

beforeAll(async () => {
  cpSync(CATALOG, catalogDir, { recursive: true });
  stack = await startTestStack(dataDir, { catalogDir });
  live = await LiveCollector.open(stack.urls.ingest);
});

afterAll(async () => {
  live?.close();
  await stack?.close();
  removeFolder(dataDir);
});

/** Every purchase is another account's: the same item, price, currency and region. */
async function buyUntil(prefix: string, holds: () => boolean): Promise<void> {
  const stop = new AbortController();
  const buying = (async () => {
    for (let n = 0; !stop.signal.aborted; n += 1) {
      await post(stack, "/v1/events/purchases", {
        event_id: `${prefix}${n}`,
        player_id: `${prefix}${n}`,
        item_id: "pet_fox",
        price: 2.99,
        currency: "EUR",
        region: "eu-west",
        purchase_timestamp: new Date().toISOString(),
        ip_address: `192.0.2.${n}`,
      });
      await new Promise((resolve) => setTimeout(resolve, POST_EVERY_MS));
    }
  })();
  try {
    await live.until(holds, EFFECT_MS_MAX);
  } finally {
    stop.abort();
    await buying;
  }
}

function edit(file: string, from: string, to: string): void {
  const path = join(catalogDir, file);
  const text = readFileSync(path, "utf8");
  if (text.split(from).length !== 2) throw new Error(`${file} has not one ${from}`);
  writeFileSync(path, text.replace(from, to));
}

const isNamed = (name: string): boolean =>
  live.values<ItemSales>("item-sales").some(({ item_name }) => item_name === name);
const flagged = (rule: string): RaisedFlag[] =>
  live.values<RaisedFlag>("fraud-flags").filter((flag) => flag.rule === rule);

test("names and regions that are edited hold for what comes next", async () => {
  await buyUntil("before", () => isNamed("Lantern Fox"));
  edit("items.json", '"Lantern Fox"', '"Night Fox"');
  edit("fraud-rules.json", '["EUR", "GBP"]', '["GBP"]');
  await buyUntil(
    "after",
    () => isNamed("Night Fox") && flagged("currency-differs-from-region").length > 0,
  );
  const accounts = flagged("currency-differs-from-region").map(({ player_id }) => player_id);
  expect(accounts.filter((account) => !account.startsWith("after"))).toEqual([]);
  expect(flagged("unknown-item")).toEqual([]);
});
