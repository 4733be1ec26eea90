/**
 * Conformance: the unmodified native client 0.14.9 against our server, and our client on the same
 * topics. Skipped where it is not installed; `node packages/fluvio/scripts/install-native-client.ts`
 * installs it.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { loadNativeClient } from "../src/native/index.ts";
import { partitionForKey } from "../src/wire/index.ts";
import { startStack, take, textOf, type Stack } from "./support/stack.ts";

const PEER = fileURLToPath(new URL("support/native-peer.ts", import.meta.url));
const SIDE_FOLDER = fileURLToPath(new URL("../../../.arenaflow/native-client", import.meta.url));
const FOLDER =
  process.env["FLUVIO_NATIVE_CLIENT"] ?? (existsSync(SIDE_FOLDER) ? SIDE_FOLDER : process.cwd());
const isInstalled = (await loadNativeClient(FOLDER).catch(() => undefined)) !== undefined;

const run = promisify(execFile);

async function peer(stack: Stack, scenario: string, argument: unknown = null): Promise<unknown> {
  const args = [PEER, FOLDER, String(stack.server.port), scenario, JSON.stringify(argument)];
  const { stdout } = await run(process.execPath, args, {
    timeout: 25_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout);
}

const NAME = isInstalled
  ? "the native client"
  : "the native client is not installed: node packages/fluvio/scripts/install-native-client.ts";

describe.skipIf(!isInstalled)(NAME, () => {
  test("creates, lists and deletes topics", async () => {
    const stack = await startStack();
    const seen = (await peer(stack, "admin")) as Record<string, unknown>;
    expect(seen).toMatchObject({
      created: "native-made",
      again: expect.stringContaining("already exists"),
      badName: expect.stringContaining("Invalid topic name"),
      topics: [{ name: "native-made", status: { resolution: "Provisioned" } }],
      deleted: "short-lived",
      missing: expect.stringContaining("not found"),
    });
    expect(seen["partitions"]).toHaveLength(3);
    expect(seen["spus"]).toHaveLength(1);
    const fluvio = await stack.connect();
    expect(await fluvio.admin.listTopics()).toEqual([{ name: "native-made", partitions: 3 }]);
  });

  test("produces what our client reads, in the partitions our client would choose", async () => {
    const stack = await startStack();
    const fluvio = await stack.connect();
    await fluvio.admin.createTopic("t", { partitions: 3 });
    await peer(stack, "produce", { topic: "t", count: 200 });
    const consumer = await fluvio.consumer("t", { start: "beginning" });
    const values = new Set<string | null>();
    for await (const { partition, records } of consumer) {
      for (const { key, value } of records) {
        expect(partitionForKey(key!, 3)).toBe(partition);
        expect(textOf(value)).toBe(textOf(key)!.replace("key", "value"));
        values.add(textOf(value));
      }
      if (values.size === 200) break;
    }
  });

  test.each(["none", "gzip", "snappy", "lz4", "zstd"] as const)(
    "produces to and consumes from a topic compressed with %s",
    async (compression) => {
      const stack = await startStack();
      const fluvio = await stack.connect();
      await fluvio.admin.createTopic("t", { compression });
      const producer = await fluvio.producer("t");
      const pairs = Array.from({ length: 50 }, (_, index) => [`k${index}`, `v${index}`.repeat(20)]);
      for (const [key, value] of pairs) void producer.send({ key: key!, value: value! });
      await producer.flush();
      expect(await peer(stack, "both", { topic: "t", count: 50 })).toEqual(pairs);
      const records = await take(
        await fluvio.consumer("t", { start: { absolute: { 0: 50 } } }),
        50,
      );
      const values = records.map((record) => textOf(record.value));
      expect(values).toEqual(Array.from({ length: 50 }, (_, index) => `value-${index}`));
    },
  );

  test("consumes with a callback, more than one push holds", async () => {
    const stack = await startStack();
    const fluvio = await stack.connect();
    await fluvio.admin.createTopic("t");
    const producer = await fluvio.producer("t");
    for (let index = 0; index < 5000; index += 1) {
      void producer.send({ key: `${index}`, value: "x".repeat(300) });
    }
    await producer.flush();
    const pairs = (await peer(stack, "callback", { topic: "t", count: 5000 })) as [
      string,
      string,
    ][];
    expect(pairs.map(([key]) => Number(key))).toEqual(
      Array.from({ length: 5000 }, (_, index) => index),
    );
  });

  test("starts at the end", async () => {
    const stack = await startStack();
    const fluvio = await stack.connect();
    await fluvio.admin.createTopic("t");
    await (await fluvio.producer("t")).send({ value: "old" });
    expect(await peer(stack, "fromEnd", { topic: "t" })).toEqual(["new", "record"]);
  });

  test("is told at once that a topic is not there", async () => {
    const stack = await startStack();
    expect(await peer(stack, "unknownTopic")).toContain("Topic not found");
  });

  test("is told that its topic was deleted", async () => {
    const stack = await startStack();
    const fluvio = await stack.connect();
    await fluvio.admin.createTopic("t");
    await (await fluvio.producer("t")).send({ key: "k", value: "v" });
    expect(await peer(stack, "deletedTopic", { topic: "t" })).toContain("the topic was deleted");
  });

  test("can produce to a topic as soon as it has created it", async () => {
    const stack = await startStack();
    expect(await peer(stack, "createThenProduce", { count: 50 })).toBe(0);
  });
});
