import { describe, expect, test } from "vitest";
import { Fluvio, FluvioError, type ConsumedRecord } from "../src/client/index.ts";
import { startStack, take, textOf } from "./support/stack.ts";

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "no error",
    (error: unknown) => (error instanceof FluvioError ? error.code : error),
  );

async function withRecords(count: number): Promise<Fluvio> {
  const fluvio = await (await startStack()).connect();
  await fluvio.admin.createTopic("t");
  const producer = await fluvio.producer("t", { batchBytesMax: 200 });
  for (let index = 0; index < count; index += 1) void producer.send({ value: `${index}` });
  await producer.flush();
  return fluvio;
}

const first = (records: ConsumedRecord[]): number => records[0]!.offset;

describe("topics", () => {
  test("are created, listed, described, extended and deleted", async () => {
    const fluvio = await (await startStack()).connect();
    await fluvio.admin.createTopic("orders", { partitions: 3, retentionSeconds: 3600 });
    await fluvio.admin.ensureTopic("orders");
    await fluvio.admin.ensureTopic("other");
    expect(await fluvio.admin.listTopics()).toEqual([
      { name: "orders", partitions: 3 },
      { name: "other", partitions: 1 },
    ]);
    expect((await fluvio.admin.describeTopic("orders"))?.spec.retentionSeconds).toBe(3600);
    await fluvio.admin.addPartitions("orders", 2);
    await fluvio.admin.deleteTopic("other");
    expect(await fluvio.admin.listTopics()).toEqual([{ name: "orders", partitions: 5 }]);
    expect(await fluvio.offsets("orders")).toHaveLength(5);
  });

  test("survive a restart", async () => {
    const stack = await startStack();
    const fluvio = await stack.connect();
    await fluvio.admin.createTopic("kept", { partitions: 2 });
    await stack.restart();
    expect(await (await stack.connect()).admin.listTopics()).toEqual([
      { name: "kept", partitions: 2 },
    ]);
  });

  test.each([
    ["Upper", "TopicInvalidName"],
    ["-dash", "TopicInvalidName"],
    ["a".repeat(64), "TopicInvalidName"],
    ["twice", "TopicAlreadyExists"],
  ])("refuse %s with %s", async (name, code) => {
    const fluvio = await (await startStack()).connect();
    await fluvio.admin.createTopic("twice");
    expect(await codeOf(fluvio.admin.createTopic(name))).toBe(code);
  });

  test("that are not there have their own error", async () => {
    const fluvio = await (await startStack()).connect();
    expect(await codeOf(fluvio.admin.deleteTopic("none"))).toBe("TopicNotFound");
    expect(await codeOf(fluvio.producer("none"))).toBe("TopicNotFound");
    expect(await codeOf(fluvio.consumer("none", { start: "end" }))).toBe("TopicNotFound");
    expect(await codeOf(fluvio.offsets("none"))).toBe("TopicNotFound");
  });
});

describe("records", () => {
  test("come back as they were sent, with offsets in order", async () => {
    const fluvio = await (await startStack()).connect();
    await fluvio.admin.createTopic("t");
    const producer = await fluvio.producer("t");
    const results = await Promise.all([
      producer.send({ key: "k", value: "één" }),
      producer.send({ value: Uint8Array.of(0, 255) }),
      producer.send({ key: "", value: "" }),
    ]);
    expect(results.map((result) => result.offset)).toEqual([0, 1, 2]);
    const consumer = await fluvio.consumer("t", { start: "beginning" });
    const records = await take(consumer, 3);
    expect(records.map((record) => textOf(record.key))).toEqual(["k", null, ""]);
    expect(textOf(records[0]!.value)).toBe("één");
    expect([...records[1]!.value]).toEqual([0, 255]);
    expect(Math.abs(Date.now() - records[0]!.timestamp)).toBeLessThan(5000);
  });

  test.each(["none", "gzip", "snappy", "lz4", "zstd"] as const)(
    "compressed with %s are readable",
    async (compression) => {
      const fluvio = await (await startStack()).connect();
      await fluvio.admin.createTopic("t");
      const producer = await fluvio.producer("t", { compression });
      for (let index = 0; index < 500; index += 1) {
        void producer.send({ key: `${index}`, value: `value ${index} `.repeat(10) });
      }
      await producer.flush();
      const records = await take(await fluvio.consumer("t", { start: "beginning" }), 500);
      expect(records.map((record) => textOf(record.key))).toEqual(
        Array.from({ length: 500 }, (_, index) => `${index}`),
      );
      expect(textOf(records[499]!.value)).toBe("value 499 ".repeat(10));
    },
  );

  test("of one key stay in one partition, the rest is spread", async () => {
    const fluvio = await (await startStack()).connect();
    await fluvio.admin.createTopic("t", { partitions: 4 });
    const producer = await fluvio.producer("t");
    const keyed = await Promise.all(
      Array.from({ length: 20 }, (_, index) => producer.send({ key: "same", value: `${index}` })),
    );
    expect(new Set(keyed.map((result) => result.partition)).size).toBe(1);
    const spread = await Promise.all(
      Array.from({ length: 20 }, (_, index) => producer.send({ value: `${index}` })),
    );
    expect(new Set(spread.map((result) => result.partition)).size).toBe(4);
    const chosen = await producer.send({ key: "same", value: "x", partition: 2 });
    expect(chosen.partition).toBe(2);
    expect(await codeOf(producer.send({ value: "x", partition: 9 }))).toBe("InvalidArgument");
    const consumer = await fluvio.consumer("t", { start: "beginning" });
    expect(await take(consumer, 41)).toHaveLength(41);
  });

  test("larger than a push arrive whole", async () => {
    const fluvio = await (await startStack()).connect();
    await fluvio.admin.createTopic("t");
    const producer = await fluvio.producer("t");
    const value = new Uint8Array(1_900_000).fill(7);
    await producer.send({ value });
    await producer.send({ value: "after" });
    const options = { start: "beginning", fetchBytesMax: 1000 } as const;
    const records = await take(await fluvio.consumer("t", options), 2);
    expect(records.map((record) => record.value.length)).toEqual([1_900_000, 5]);
    const tooLong = new Uint8Array(3_000_000);
    expect(await codeOf(producer.send({ value: tooLong }))).toBe("MessageTooLarge");
  });

  test("sent together are where their results say, those that can't be are told apart", async () => {
    const fluvio = await (await startStack()).connect();
    await fluvio.admin.createTopic("t", { partitions: 3 });
    // Room for a few at a time, so most of them wait; and several batches per partition.
    const producer = await fluvio.producer("t", { bufferBytesMax: 2000, batchBytesMax: 300 });
    const many = Array.from({ length: 500 }, (_, index) => ({ value: `value ${index}` }));
    const outcomes = await producer.sendAll([
      { value: new Uint8Array(3_000_000) },
      ...many,
      { value: "nowhere", partition: 3 },
    ]);
    expect(outcomes).toHaveLength(502);
    const codeAt = (at: number): unknown =>
      outcomes.at(at) instanceof FluvioError && (outcomes.at(at) as FluvioError).code;
    expect([codeAt(0), codeAt(-1)]).toEqual(["MessageTooLarge", "InvalidArgument"]);
    const results = outcomes.slice(1, -1).map((outcome) => {
      if (outcome instanceof FluvioError) throw outcome;
      return outcome;
    });
    for (const partition of [0, 1, 2]) {
      const told = many.filter((_, index) => results[index]!.partition === partition);
      const consumer = await fluvio.consumer("t", { start: "beginning", partitions: [partition] });
      const records = await take(consumer, told.length);
      expect(records.map(({ value }) => textOf(value))).toEqual(told.map(({ value }) => value));
      const offsets = results.filter((result) => result.partition === partition);
      expect(records.map(({ offset }) => offset)).toEqual(offsets.map(({ offset }) => offset));
    }
    expect(await producer.sendAll([])).toEqual([]);
    await producer.close();
    const [afterwards] = await producer.sendAll([{ value: "late" }]);
    expect(afterwards).toMatchObject({ code: "Closed" });
  });
});

describe("a consumer", () => {
  test.each([
    ["beginning", 0],
    [{ absolute: { 0: 37 } }, 37],
    [{ fromBeginning: 5 }, 5],
    [{ fromEnd: 3 }, 97],
    [{ fromEnd: 1000 }, 0],
  ] as const)("starts at %o", async (start, offset) => {
    const fluvio = await withRecords(100);
    expect(first(await take(await fluvio.consumer("t", { start }), 1))).toBe(offset);
  });

  test("at the end sees only what comes", async () => {
    const fluvio = await withRecords(10);
    const consumer = await fluvio.consumer("t", { start: "end" });
    const producer = await fluvio.producer("t");
    await producer.send({ value: "new" });
    expect((await take(consumer, 1)).map((record) => record.offset)).toEqual([10]);
  });

  test("ends its iterator when it is closed", async () => {
    const fluvio = await withRecords(0);
    const consumer = await fluvio.consumer("t", { start: "beginning" });
    const waiting = consumer.next();
    await consumer.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  test("holds back what is not taken, and gets it all", async () => {
    const fluvio = await withRecords(2000);
    const options = { start: "beginning", fetchBytesMax: 500, prefetchBytesMax: 1000 } as const;
    const consumer = await fluvio.consumer("t", options);
    const offsets = (await take(consumer, 2000)).map((record) => record.offset);
    expect(offsets).toEqual(Array.from({ length: 2000 }, (_, index) => index));
  });

  test("with an id goes on behind its last commit", async () => {
    const fluvio = await withRecords(50);
    const options = { start: "beginning", consumerId: "c1" } as const;
    const one = await fluvio.consumer("t", options);
    await take(one, 50);
    await one.commit(0, 19);
    await one.close();
    const two = await fluvio.consumer("t", options);
    expect(first(await take(two, 30))).toBe(20);
    await two.commit(0, 29);
    const other = await fluvio.consumer("t", { ...options, consumerId: "c2" });
    expect(first(await take(other, 1))).toBe(0);
    const anonymous = await fluvio.consumer("t", { start: "end" });
    expect(await codeOf(anonymous.commit(0, 1))).toBe("InvalidArgument");
  });

  test("commits even before its stream has pushed anything", async () => {
    const fluvio = await withRecords(10);
    const consumer = await fluvio.consumer("t", { start: "end", consumerId: "c" });
    await consumer.commit(0, 4);
    const again = await fluvio.consumer("t", { start: "end", consumerId: "c" });
    expect(first(await take(again, 1))).toBe(5);
  });

  test("hears that its topic was deleted", async () => {
    const fluvio = await withRecords(1);
    const consumer = await fluvio.consumer("t", { start: "end" });
    const waiting = codeOf(consumer.next());
    await fluvio.admin.deleteTopic("t");
    expect(await waiting).toBe("TopicDeleted");
  });
});

describe("a server restart", () => {
  test("loses nothing and repeats nothing", async () => {
    const stack = await startStack();
    const fluvio = await stack.connect();
    await fluvio.admin.createTopic("t", { partitions: 2 });
    const producer = await fluvio.producer("t");
    const consumer = await fluvio.consumer("t", { start: "beginning" });
    const received = take(consumer, 3000);
    const sends: Promise<unknown>[] = [];
    for (let index = 0; index < 3000; index += 1) {
      sends.push(producer.send({ value: `${index}` }));
      if (index % 100 === 0) await new Promise(setImmediate);
      if (index === 1000 || index === 2000) await stack.restart();
    }
    await Promise.all(sends);
    const values = (await received).map((record) => Number(textOf(record.value)));
    expect(values.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 3000 }, (_, index) => index),
    );
  });

  test("keeps stored offsets", async () => {
    const stack = await startStack();
    const fluvio = await stack.connect();
    await fluvio.admin.createTopic("t");
    const producer = await fluvio.producer("t");
    for (let index = 0; index < 5; index += 1) await producer.send({ value: `${index}` });
    const options = { start: "beginning", consumerId: "c" } as const;
    const consumer = await fluvio.consumer("t", options);
    await take(consumer, 5);
    await consumer.commit(0, 2);
    await stack.restart();
    await consumer.commit(0, 3);
    const again = await fluvio.consumer("t", options);
    expect((await take(again, 1))[0]!.offset).toBe(4);
  });
});

describe("an endpoint", () => {
  test("where nothing listens is unreachable", async () => {
    const stack = await startStack();
    await stack.server.close();
    const { endpoint } = stack;
    expect(await codeOf(Fluvio.connect({ endpoint, timeoutMs: 1000 }))).toBe("Unreachable");
  });

  test("must be host:port", async () => {
    expect(await codeOf(Fluvio.connect({ endpoint: "a:b" }))).toBe("InvalidArgument");
  });
});
