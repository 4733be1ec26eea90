/** The loader against a real server and real files. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fluvio } from "@arenaflow/fluvio/client";
import { startFluvioServer } from "@arenaflow/fluvio/server";
import { afterEach, expect, test, vi } from "vitest";
import { startCatalogLoader } from "../../src/catalog/loader.ts";

const CATALOG = new URL("../../../../catalog/", import.meta.url);
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function scene() {
  const root = mkdtempSync(join(tmpdir(), "arenaflow-catalog-"));
  stops.push(async () => rmSync(root, { recursive: true, force: true }));
  const dir = join(root, "catalog");
  cpSync(CATALOG, dir, { recursive: true });
  const server = await startFluvioServer({ port: 0, dataDir: join(root, "fluvio") });
  stops.push(() => server.close());
  const endpoint = `127.0.0.1:${server.port}`;
  const fluvio = await Fluvio.connect({ endpoint });
  stops.push(() => fluvio.close());
  const logged: string[] = [];
  const start = async () => {
    const loader = await startCatalogLoader({
      dir,
      endpoint,
      log: ({ level, message }) => logged.push(`${level} ${message}`),
    });
    stops.push(() => loader.close());
    return loader;
  };
  const records = async (topic: string): Promise<Record<string, unknown>[]> => {
    const end = (await fluvio.offsets(topic))[0]?.end ?? 0;
    const consumer = await fluvio.consumer(topic, { start: "beginning" });
    const found: Record<string, unknown>[] = [];
    while (found.length < end) {
      const next = await consumer.next();
      for (const { value } of next.value?.records ?? [])
        found.push(JSON.parse(new TextDecoder().decode(value)) as Record<string, unknown>);
    }
    await consumer.close();
    return found;
  };
  return { dir, start, records, logged };
}

function edit(path: string, change: (content: { levels: Record<string, unknown>[] }) => void) {
  const content = JSON.parse(readFileSync(path, "utf8")) as { levels: Record<string, unknown>[] };
  change(content);
  writeFileSync(path, JSON.stringify(content));
}

test("every entry is written once, a change alone, and what is gone as removed", async () => {
  const { dir, start, records } = await scene();
  const loader = await start();
  const before = await records("catalog-levels");
  expect(before[0]).toMatchObject({ level_id: "level_01", name: "First Light" });
  const written = loader.written;

  edit(join(dir, "maps.json"), ({ levels }) => {
    levels[0]!["name"] = "Second Light";
    levels.pop();
  });
  await vi.waitFor(() => expect(loader.written).toBe(written + 2), 10_000);
  expect((await records("catalog-levels")).slice(before.length)).toEqual([
    expect.objectContaining({ level_id: "level_01", name: "Second Light" }),
    { level_id: before.at(-1)!["level_id"], removed: true },
  ]);
});

test("an entry brings what types need: pairs for a field of many names, and what its file says of all", async () => {
  const { start, records } = await scene();
  await start();
  expect((await records("catalog-items"))[0]).toMatchObject({
    item_id: "skin_dragon",
    prices: expect.arrayContaining([{ currency: "JPY", price: 750 }]) as unknown,
  });
  expect((await records("catalog-fraud-rules"))[0]).toMatchObject({
    rule: "price-differs-from-catalog",
    version: 2,
    allow: { players: [], addresses: [] },
  });
});

test("a new start writes only what changed meanwhile", async () => {
  const { dir, start } = await scene();
  await (await start()).close();
  expect((await start()).written).toBe(0);
  await stops.pop()!();
  edit(join(dir, "maps.json"), ({ levels }) => void levels.shift());
  expect((await start()).written).toBe(1);
});

test("a file that cannot be read changes nothing, and says so", async () => {
  const { dir, start, logged } = await scene();
  const loader = await start();
  const written = loader.written;
  writeFileSync(join(dir, "maps.json"), '{"maps":');
  await vi.waitFor(
    () => expect(logged.at(-1)).toMatch(/^warn .*maps\.json cannot be read as JSON/),
    10_000,
  );
  expect(loader.written).toBe(written);
});
