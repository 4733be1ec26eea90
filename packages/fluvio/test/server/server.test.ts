import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { startFluvioServer, type FluvioServer } from "../../src/server/index.ts";
import { startStack, take, temporaryDir, textOf } from "../support/stack.ts";

async function start(dataDir: string, port = 0): Promise<FluvioServer> {
  const server = await startFluvioServer({ dataDir, port });
  onTestFinished(() => server.close());
  return server;
}

describe("a data folder", () => {
  test("is used by one server at a time", async () => {
    const dataDir = await temporaryDir();
    const server = await start(dataDir);
    await expect(start(dataDir)).rejects.toThrow("is in use by process");
    await server.close();
    await (await start(dataDir)).close();
  });

  test("of a server that was killed can be used again", async () => {
    const dataDir = await temporaryDir();
    const lock = join(dataDir, "server.lock");
    // A process that lives, under the number that a killed server had.
    await writeFile(lock, String(process.ppid));
    await expect(start(dataDir)).rejects.toThrow("is in use by process");
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(lock, longAgo, longAgo);
    await start(dataDir);
  });

  test("is cleared of topics that were not finished or were being deleted", async () => {
    const dataDir = await temporaryDir();
    const topics = join(dataDir, "topics");
    await mkdir(join(topics, "half-made", "0"), { recursive: true });
    await mkdir(join(topics, ".deleted-gone-1", "0"), { recursive: true });
    await start(dataDir);
    expect(await readdir(topics)).toEqual(["consumer-offset"]);
  });
});

test("a port that is taken is an error, and the data folder is free again", async () => {
  const { port } = await start(await temporaryDir());
  const dataDir = await temporaryDir();
  await expect(start(dataDir, port)).rejects.toMatchObject({ code: "EADDRINUSE" });
  await start(dataDir);
});

describe("retention", () => {
  test("by the server's size limit, where a topic sets none", async () => {
    const stack = await startStack({
      retentionCheckMs: 50,
      segmentBytesMax: 2000,
      partitionBytesMaxDefault: 8000,
    });
    const fluvio = await stack.connect();
    await fluvio.admin.createTopic("t");
    const producer = await fluvio.producer("t", { batchBytesMax: 500 });
    for (let index = 0; index < 100; index += 1) await producer.send({ value: ".".repeat(300) });
    await expect
      .poll(async () => (await fluvio.offsets("t"))[0])
      .toMatchObject({ start: expect.toSatisfy((offset: number) => offset > 50), end: 100 });
  });

  test("by a topic's size deletes old segments; a consumer goes on at what is left", async () => {
    const stack = await startStack({ retentionCheckMs: 50 });
    const fluvio = await stack.connect();
    await fluvio.admin.createTopic("t", { segmentBytes: 2000, partitionBytesMax: 8000 });
    const consumer = await fluvio.consumer("t", {
      start: "beginning",
      fetchBytesMax: 100,
      prefetchBytesMax: 0,
    });
    const producer = await fluvio.producer("t", { batchBytesMax: 500 });
    for (let index = 0; index < 200; index += 1) {
      await producer.send({ value: `${index}`.padEnd(300, ".") });
    }
    let begin = 0;
    while (begin === 0) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      begin = (await fluvio.offsets("t"))[0]!.start;
    }
    expect(stack.logLines.some((line) => line.message.startsWith("retention deleted"))).toBe(true);
    const values: number[] = [];
    while (values.at(-1) !== 199) {
      const records = await take(consumer, 1);
      values.push(...records.map((record) => Number.parseInt(textOf(record.value)!, 10)));
    }
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(new Set(values).size).toBe(values.length);
    expect(values.length).toBeLessThan(200);
  });
});

test("memory durability acknowledges before the disk, and keeps everything on a clean stop", async () => {
  const stack = await startStack({ durability: "memory" });
  const fluvio = await stack.connect();
  await fluvio.admin.createTopic("t");
  const producer = await fluvio.producer("t");
  for (let index = 0; index < 100; index += 1) void producer.send({ value: `${index}` });
  await producer.flush();
  await stack.restart();
  const again = await stack.connect();
  expect(await take(await again.consumer("t", { start: "beginning" }), 100)).toHaveLength(100);
});
