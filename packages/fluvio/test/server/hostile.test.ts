/** A connection that breaks the protocol or a limit is closed with a logged reason, and no other. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { encodeFrame, encodeRequestHeader, type Writer } from "../../src/wire/index.ts";
import { bytesOf } from "../support/hex.ts";
import { startStack, take, type Stack } from "../support/stack.ts";

/** `FLUVIO_FUZZ=1000000` is the long form. */
const FUZZ_FRAMES = Number(process.env["FLUVIO_FUZZ"] ?? 3000);

async function socketTo(stack: Stack): Promise<Socket> {
  const socket = connect(stack.server.port, "127.0.0.1");
  socket.on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

function request(key: number, version: number, body: (writer: Writer) => void): Uint8Array {
  return encodeFrame((writer) => {
    encodeRequestHeader(writer, { apiKey: key, version, correlationId: 1, clientId: "bad" });
    body(writer);
  });
}

const closed = (socket: Socket): Promise<unknown> =>
  socket.destroyed ? Promise.resolve() : once(socket.resume(), "close");

async function isServing(stack: Stack): Promise<void> {
  const fluvio = await stack.connect();
  await fluvio.admin.ensureTopic("alive");
  const producer = await fluvio.producer("alive");
  const { offset } = await producer.send({ value: "x" });
  const consumer = await fluvio.consumer("alive", { start: { absolute: { 0: offset } } });
  expect(await take(consumer, 1)).toHaveLength(1);
}

const HOSTILE: readonly (readonly [string, Uint8Array, string])[] = [
  ["a frame longer than the limit", bytesOf("7fffffff"), "a frame of 2147483647 bytes"],
  ["a negative length", bytesOf("ffffffff"), "a frame's length is -1"],
  ["an empty frame", bytesOf("00000000"), "wanted"],
  ["an unknown api key", request(999, 0, () => undefined), "api key 999 version 0"],
  ["a cut request", request(1001, 16, (writer) => writer.u8(1)), "wanted"],
  [
    "a list that claims four billion entries",
    request(1005, 0, (writer) => writer.u32(0xffff_ffff)),
    "does not fit",
  ],
  [
    "a batch with a wrong checksum",
    request(0, 23, (writer) => {
      writer.bytes(bytesOf("00 0001 000005dc 00000001 0005 616c697665 00000001 00000000 0000004b"));
      writer.bytes(
        bytesOf(`0000000000000000 0000003f ffffffff 02 00000000 0000 00000000
          000001a2043f5a9c 000001a2043f5a9c ffffffffffffffff ffff ffffffff
          00000001 1a 00 00 00 01 02 6b 0a 76616c7565 00`),
      );
      writer.u32(0);
    }),
    "checksum",
  ],
  [
    "a batch with a negative length",
    request(0, 23, (writer) => {
      writer.bytes(bytesOf("00 0001 000005dc 00000001 0005 616c697665 00000001 00000000 00000039"));
      writer.bytes(new Uint8Array(57).fill(0x80));
      writer.u32(0);
    }),
    "magic",
  ],
];

test("hostile frames close their own connection with a reason", async () => {
  const stack = await startStack();
  await isServing(stack);
  const bystander = await socketTo(stack);
  for (const [name, bytes, reason] of HOSTILE) {
    const socket = await socketTo(stack);
    const before = stack.logLines.length;
    socket.write(bytes);
    await closed(socket);
    const reasons = stack.logLines.slice(before).map((line) => String(line.fields["reason"]));
    expect(reasons.join(), name).toContain(reason);
  }
  expect(bystander.destroyed).toBe(false);
  await isServing(stack);
});

describe("limits", () => {
  test("on connections", async () => {
    const stack = await startStack({ connectionsMax: 2 });
    const [one, two] = [await socketTo(stack), await socketTo(stack)];
    await closed(await socketTo(stack));
    expect(one.destroyed || two.destroyed).toBe(false);
    expect(stack.logLines.at(-1)?.message).toBe("refused a connection");
  });

  test("on streams", async () => {
    const stack = await startStack({ streamsPerConnectionMax: 3 });
    await (await stack.connect()).admin.createTopic("t");
    const socket = await socketTo(stack);
    const open = request(1003, 23, (writer) => {
      writer.bytes(bytesOf("0001 74 00000000 0000000000000000 0010013a 00 00000000 00"));
    });
    for (let index = 0; index < 4; index += 1) socket.write(open);
    await closed(socket);
    expect(stack.logLines.at(-1)?.fields["reason"]).toContain("streamsPerConnectionMax");
  });

  test("on topics and partitions are refusals, not breaches", async () => {
    const stack = await startStack({ topicsMax: 2, partitionsPerTopicMax: 4 });
    const { admin } = await stack.connect();
    await admin.createTopic("one");
    const refused = { code: "TopicInvalidConfig" };
    await expect(admin.createTopic("two")).rejects.toMatchObject(refused);
    await expect(admin.addPartitions("one", 4)).rejects.toMatchObject(refused);
    await expect(admin.createTopic("x", { partitions: 5 })).rejects.toMatchObject(refused);
  });

  test("on a batch are answered with MessageTooLarge", async () => {
    const stack = await startStack({ batchBytesMax: 1000 });
    const fluvio = await stack.connect();
    await fluvio.admin.createTopic("t");
    const producer = await fluvio.producer("t");
    const send = producer.send({ value: new Uint8Array(2000) });
    await expect(send).rejects.toMatchObject({ code: "MessageTooLarge" });
    expect((await producer.send({ value: "small" })).offset).toBe(0);
  });
});

test("a client that never reads its answers does not grow the server", async () => {
  const stack = await startStack({ unreadBytesMax: 100_000 });
  await (await stack.connect()).admin.createTopic("wide", { partitions: 100 });
  const socket = await socketTo(stack);
  socket.pause();
  const list = request(1003, 16, (writer) =>
    writer.bytes(bytesOf("0009 506172746974696f6e 00000006 00000000 00 00")),
  );
  const many = Buffer.concat(Array.from({ length: 2000 }, () => list));
  for (let wrote = 0; wrote < 500 && socket.writableLength < 2_000_000; wrote += 1) {
    socket.write(many);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  // Read no further: what was written stays here instead of being answered there.
  expect(socket.writableLength).toBeGreaterThan(1_000_000);
  await isServing(stack);
});

test(
  `${FUZZ_FRAMES} mutated frames neither crash nor hang the server`,
  { timeout: 20_000 + FUZZ_FRAMES },
  async () => {
    const stack = await startStack({ frameBytesMax: 1_000_000 });
    await isServing(stack);
    const samples = HOSTILE.slice(4).map(([, bytes]) => bytes);
    samples.push(
      request(18, 2, (writer) => writer.bytes(bytesOf("0001 61 0001 62 0001 63"))),
      request(1001, 16, (writer) =>
        writer.bytes(
          bytesOf("0005 546f706963 00000014 0001 74 00 00 01 00000001 00000001 00 00 00 04 00 00"),
        ),
      ),
      request(1003, 23, (writer) =>
        writer.bytes(bytesOf("0005 616c697665 00000000 0000000000000000 0010013a 00 00000000 00")),
      ),
      request(1004, 16, (writer) =>
        writer.bytes(bytesOf("0003 535055 00000009 0000000000000000 00")),
      ),
      request(1008, 25, (writer) => writer.bytes(bytesOf("00"))),
    );
    let seed = 12345;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    let socket = await socketTo(stack);
    for (let frame = 0; frame < FUZZ_FRAMES; frame += 1) {
      const bytes = Uint8Array.from(samples[random(samples.length)]!);
      for (let change = random(4); change >= 0; change -= 1) {
        bytes[4 + random(bytes.length - 4)] = random(256);
      }
      if (socket.destroyed) socket = await socketTo(stack);
      socket.resume().write(bytes);
      if (frame % 20 === 0) await new Promise(setImmediate);
    }
    await isServing(stack);
    const faults = stack.logLines.filter((line) => line.level === "error");
    expect(faults).toEqual([]);
  },
);
