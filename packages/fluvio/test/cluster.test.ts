/**
 * The client against any cluster: `FLUVIO_ENDPOINT=host:9003`. Without one, against our own server.
 * Topics have names of their own and are deleted again.
 */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fluvio, type ConsumedRecord, type TopicOptions } from "../src/client/index.ts";
import { startFluvioServer, type FluvioServer } from "../src/server/index.ts";
import { take, textOf } from "./support/stack.ts";

const CLUSTER = process.env["FLUVIO_ENDPOINT"];
const RUN = Date.now().toString(36);

let fluvio: Fluvio;
let server: FluvioServer | undefined;
let dataDir: string | undefined;
let topics = 0;

beforeAll(async () => {
  if (CLUSTER === undefined) {
    dataDir = await mkdtemp(join(tmpdir(), "fluvio-cluster-"));
    server = await startFluvioServer({ dataDir, port: 0 });
  }
  fluvio = await Fluvio.connect({ endpoint: CLUSTER ?? `127.0.0.1:${server?.port}` });
});

afterAll(async () => {
  await fluvio.close();
  await server?.close();
  if (dataDir !== undefined) await rm(dataDir, { recursive: true });
});

async function newTopic(options: TopicOptions = {}): Promise<string> {
  topics += 1;
  const name = `arenaflow-test-${RUN}-${topics}`;
  await fluvio.admin.createTopic(name, options);
  onTestFinished(() => fluvio.admin.deleteTopic(name));
  return name;
}

async function produce(topic: string, count: number): Promise<void> {
  const producer = await fluvio.producer(topic);
  for (let index = 0; index < count; index += 1) {
    void producer.send({ key: `key-${index}`, value: `value-${index}` });
  }
  await producer.close();
}

const valuesOf = (records: readonly ConsumedRecord[]): (string | null)[] =>
  records.map((record) => textOf(record.value));

describe(CLUSTER === undefined ? "our own server" : `the cluster at ${CLUSTER}`, () => {
  test("creates, describes and lists topics", async () => {
    const topic = await newTopic({ partitions: 2, retentionSeconds: 3600 });
    const described = await fluvio.admin.describeTopic(topic);
    expect(described).toMatchObject({ name: topic, partitions: 2 });
    expect(described?.spec.retentionSeconds).toBe(3600);
    expect((await fluvio.admin.listTopics()).map(({ name }) => name)).toContain(topic);
    const again = fluvio.admin.createTopic(topic);
    await expect(again).rejects.toMatchObject({ code: "TopicAlreadyExists" });
  });

  test.each(["none", "gzip", "snappy", "lz4", "zstd"] as const)(
    "gives back records compressed with %s",
    async (compression) => {
      const topic = await newTopic({ compression });
      await produce(topic, 300);
      const consumer = await fluvio.consumer(topic, { start: "beginning" });
      const records = await take(consumer, 300);
      await consumer.close();
      expect(valuesOf(records)).toEqual(
        Array.from({ length: 300 }, (_, index) => `value-${index}`),
      );
      expect(records.map(({ offset }) => offset)).toEqual(
        Array.from({ length: 300 }, (_, index) => index),
      );
    },
  );

  test("tells offsets, and starts where it is asked to", async () => {
    const topic = await newTopic();
    await produce(topic, 20);
    expect(await fluvio.offsets(topic)).toEqual([{ partition: 0, start: 0, end: 20 }]);
    for (const [start, first] of [
      [{ absolute: { 0: 7 } }, 7],
      [{ fromEnd: 2 }, 18],
    ] as const) {
      const consumer = await fluvio.consumer(topic, { start });
      const [record] = await take(consumer, 1);
      expect(record?.offset).toBe(first);
      await consumer.close();
    }
  });

  test("spreads keys over partitions and reads them all", async () => {
    const topic = await newTopic({ partitions: 3 });
    await produce(topic, 100);
    const consumer = await fluvio.consumer(topic, { start: "beginning" });
    expect(new Set(valuesOf(await take(consumer, 100))).size).toBe(100);
    await consumer.close();
  });

  test("keeps the offset of a named consumer", async () => {
    const topic = await newTopic();
    await produce(topic, 10);
    const options = { start: "beginning", consumerId: `c-${topic}` } as const;
    const one = await fluvio.consumer(topic, options);
    await take(one, 10);
    await one.commit(0, 5);
    await one.close();
    const two = await fluvio.consumer(topic, options);
    expect((await take(two, 1))[0]?.offset).toBe(6);
    await two.close();
  });

  test("adds partitions", async () => {
    const topic = await newTopic();
    await fluvio.admin.addPartitions(topic, 2);
    await expect.poll(() => fluvio.offsets(topic).catch(() => [])).toHaveLength(3);
  });

  test("delivers what is produced while a consumer waits", async () => {
    const topic = await newTopic();
    const consumer = await fluvio.consumer(topic, { start: "end" });
    const waiting = take(consumer, 1);
    await produce(topic, 1);
    expect(valuesOf(await waiting)).toEqual(["value-0"]);
    await consumer.close();
  });
});
