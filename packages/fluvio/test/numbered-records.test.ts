/** Producers that go on where an earlier one ended, and readers that tell who wrote what. */
import { expect, test } from "vitest";
import type { Consumer, Fluvio } from "../src/client/index.ts";
import { startStack, textOf } from "./support/stack.ts";

const PRODUCER_ID = 4711;

async function send(fluvio: Fluvio, next: number, values: readonly string[]) {
  const identity = { producerId: PRODUCER_ID, nextSequences: new Map([[0, next]]) };
  const producer = await fluvio.producer("t", { identity });
  const sent = await Promise.all(values.map(async (value) => producer.send({ value })));
  await producer.close();
  return sent.map(({ offset }) => offset);
}

/** Each record with the number that its producer gave it. */
async function readNumbered(consumer: Consumer, count: number) {
  const read: [value: string | null, producerId: number, sequence: number][] = [];
  while (read.length < count) {
    const { value: batch } = await consumer.next();
    for (const [index, run] of batch!.runs.entries()) {
      const end = batch!.runs[index + 1]?.at ?? batch!.records.length;
      for (let at = run.at; at < end; at += 1) {
        const text = textOf(batch!.records[at]!.value);
        read.push([text, run.producerId, run.sequence + at - run.at]);
      }
    }
  }
  return read;
}

test("records bear their producer's numbers, from wherever they are read", async () => {
  const fluvio = await (await startStack()).connect();
  await fluvio.admin.createTopic("t");
  await send(fluvio, 2 ** 31 - 2, ["a", "b"]);
  await send(fluvio, 2 ** 31, ["c", "d", "e"]);
  const all = await fluvio.consumer("t", { start: "beginning" });
  expect(await readNumbered(all, 5)).toEqual([
    ["a", PRODUCER_ID, 2 ** 31 - 2],
    ["b", PRODUCER_ID, 2 ** 31 - 1],
    ["c", PRODUCER_ID, 0],
    ["d", PRODUCER_ID, 1],
    ["e", PRODUCER_ID, 2],
  ]);
  const middle = await fluvio.consumer("t", { start: { absolute: { 0: 3 } } });
  expect(await readNumbered(middle, 2)).toEqual([
    ["d", PRODUCER_ID, 1],
    ["e", PRODUCER_ID, 2],
  ]);
});

test.each(["any", "zstd"] as const)(
  "records under known numbers are stored once, however batches (%s) are cut",
  async (compression) => {
    const fluvio = await (await startStack()).connect();
    await fluvio.admin.createTopic("t", { compression });
    expect(await send(fluvio, 7, ["a", "b"])).toEqual([0, 1]);
    expect(await send(fluvio, 7, ["a", "b"])).toEqual([0, 1]);
    expect(await send(fluvio, 7, ["a"])).toEqual([0]);
    expect(await send(fluvio, 7, ["a", "b", "c"])).toEqual([0, 1, 2]);
    expect(await send(fluvio, 8, ["b", "c"])).toEqual([1, 2]);
    expect(await send(fluvio, 9, ["c", "d", "e"])).toEqual([2, 3, 4]);
    // Behind a gap everything is new.
    expect(await send(fluvio, 20, ["f"])).toEqual([5]);
    const all = await fluvio.consumer("t", { start: "beginning" });
    expect(await readNumbered(all, 6)).toEqual([
      ["a", PRODUCER_ID, 7],
      ["b", PRODUCER_ID, 8],
      ["c", PRODUCER_ID, 9],
      ["d", PRODUCER_ID, 10],
      ["e", PRODUCER_ID, 11],
      ["f", PRODUCER_ID, 20],
    ]);
  },
);

test("nothing leaves a producer while it may not send", async () => {
  const fluvio = await (await startStack()).connect();
  await fluvio.admin.createTopic("t");
  const identity = { producerId: PRODUCER_ID, nextSequences: new Map([[0, 0]]) };
  let mayLeave = true;
  const maySend = async () => {
    if (!mayLeave) throw new Error("another one writes now");
  };
  const producer = await fluvio.producer("t", { identity, maySend, deliveryTimeoutMs: 0 });
  await producer.send({ value: "a" });
  mayLeave = false;
  await expect(producer.send({ value: "b" })).rejects.toThrow("another one writes now");
  expect(await fluvio.offsets("t")).toEqual([{ partition: 0, start: 0, end: 1 }]);
  producer.abort();
});

test("an aborted producer rejects what waits, and closes without the server", async () => {
  const stack = await startStack();
  const fluvio = await stack.connect();
  await fluvio.admin.createTopic("t");
  const producer = await fluvio.producer("t", {
    lingerMs: 60_000,
    deliveryTimeoutMs: Number.POSITIVE_INFINITY,
  });
  const sent = producer.send({ value: "a" });
  producer.abort();
  await expect(sent).rejects.toMatchObject({ code: "Closed" });
  await expect(producer.send({ value: "b" })).rejects.toMatchObject({ code: "Closed" });
  await producer.close();
});
