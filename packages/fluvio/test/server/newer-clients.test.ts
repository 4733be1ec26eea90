/** Requests as clients of the 0.18 generation send them, byte by byte where it matters. */
import { describe, expect, test } from "vitest";
import * as wire from "../../src/wire/index.ts";
import { bytesOf } from "../support/hex.ts";
import { RawClient } from "../support/raw-client.ts";
import { startStack, type Stack } from "../support/stack.ts";

async function withTopic(records: number): Promise<{ stack: Stack; raw: RawClient }> {
  const stack = await startStack();
  const fluvio = await stack.connect();
  await fluvio.admin.createTopic("t");
  const producer = await fluvio.producer("t");
  for (let index = 0; index < records; index += 1) await producer.send({ value: `${index}` });
  return { stack, raw: await RawClient.connect(stack.server.port) };
}

const stream = (consumerId: string | null, bytesMax = 1) => ({
  topic: "t",
  partition: 0,
  offset: 0,
  bytesMax,
  committedOnly: true,
  consumerId,
});

describe("ApiVersions", () => {
  test("lists both roles apart, and no consumer offsets", async () => {
    const { raw } = await withTopic(0);
    raw.send({ key: 18, version: 2, id: 1 }, (writer) =>
      wire.encodeApiVersionsRequest(writer, { clientVersion: "0.50.2", os: "linux", arch: "x" }),
    );
    const { ranges } = wire.decodeApiVersionsResponse((await raw.receive()).reader);
    // In this order: a client takes the first range that overlaps its own.
    expect(ranges.filter(({ key }) => key >= 1006)).toEqual([
      { key: 1006, min: 22, max: 25 },
      { key: 1006, min: 1, max: 19 },
    ]);
    expect(ranges.filter(({ key }) => key === 1003)).toEqual([
      { key: 1003, min: 15, max: 16 },
      { key: 1003, min: 22, max: 23 },
    ]);
  });
});

describe("a stream", () => {
  test("has exactly one unacknowledged push", async () => {
    const { raw } = await withTopic(5);
    raw.send({ key: 1003, version: 25, id: 7 }, (writer) =>
      wire.encodeStreamFetchRequest(writer, stream(null), 25),
    );
    for (let offset = 0; offset < 5; offset += 1) {
      const { id, reader } = await raw.receive();
      expect(id).toBe(7);
      const push = wire.decodeStreamPush(reader);
      expect(wire.readBatchHeader(push.batches, 0).baseOffset).toBe(offset);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(raw.waiting).toBe(0);
      const update = [{ nextOffset: offset + 1, streamId: push.streamId }];
      raw.send({ key: 1005, version: 0, id: 8 }, (writer) =>
        wire.encodeUpdateOffsetsRequest(writer, update),
      );
      const results = wire.decodeUpdateOffsetsResponse((await raw.receive()).reader);
      expect(results).toEqual([{ streamId: push.streamId, error: wire.NO_ERROR }]);
    }
  });

  test("that wants a SmartModule is refused by its name", async () => {
    const { raw } = await withTopic(1);
    raw.send({ key: 1003, version: 25, id: 1 }, (writer) => {
      writer.bytes(
        bytesOf("0001 74 00000000 0000000000000000 0010013a 01 00000001 00 0003 6d6170"),
      );
      writer.bytes(bytesOf("00 0000 00 00 00"));
    });
    const { error } = wire.decodeStreamPush((await raw.receive()).reader);
    expect(error).toEqual(wire.errorCode("SmartModuleNotFound", "map"));
  });

  test("over a partition that is not there is told that we do not lead it", async () => {
    const { raw } = await withTopic(0);
    raw.send({ key: 1003, version: 23, id: 1 }, (writer) =>
      wire.encodeStreamFetchRequest(writer, { ...stream(null), partition: 9 }, 23),
    );
    const { error } = wire.decodeStreamPush((await raw.receive()).reader);
    expect(error).toEqual(wire.errorCode("NotLeader"));
  });
});

describe("consumer offsets", () => {
  const fetch = async (raw: RawClient, filter: wire.ConsumerOffsetFilter | null) => {
    raw.send({ key: 1008, version: 25, id: 1 }, (writer) =>
      wire.encodeFetchConsumerOffsetsRequest(writer, filter, 25),
    );
    return wire.decodeFetchConsumerOffsetsResponse((await raw.receive()).reader).rows;
  };

  test("are stored through a stream, fetched with a filter, and deleted", async () => {
    const { raw } = await withTopic(3);
    raw.send({ key: 1003, version: 25, id: 2 }, (writer) =>
      wire.encodeStreamFetchRequest(writer, stream("c1", 1000), 25),
    );
    const { streamId } = wire.decodeStreamPush((await raw.receive()).reader);
    raw.send({ key: 1006, version: 25, id: 3 }, (writer) =>
      wire.encodeUpdateConsumerOffsetRequest(writer, { offset: 1, streamId }),
    );
    const stored = wire.decodeUpdateConsumerOffsetResponse((await raw.receive()).reader);
    expect(stored).toEqual({ offset: 1, error: wire.NO_ERROR });

    const row = { consumerId: "c1", topic: "t", partition: 0, offset: 1 };
    expect(await fetch(raw, null)).toMatchObject([row]);
    expect(
      await fetch(raw, { replica: { topic: "t", partition: 0 }, consumerId: "c1" }),
    ).toHaveLength(1);
    expect(await fetch(raw, { replica: null, consumerId: "c2" })).toEqual([]);
    expect(await fetch(raw, { replica: { topic: "t", partition: 1 }, consumerId: null })).toEqual(
      [],
    );

    raw.send({ key: 1007, version: 25, id: 4 }, (writer) =>
      wire.encodeDeleteConsumerOffsetRequest(writer, {
        consumerId: "c1",
        topic: "t",
        partition: 0,
      }),
    );
    expect(wire.decodeErrorCode((await raw.receive()).reader)).toEqual(wire.NO_ERROR);
    expect(await fetch(raw, null)).toEqual([]);
  });

  test.each([
    [99, "FetchSessionNotFound"],
    [1, "OffsetManagementDisabled"],
  ] as const)("through stream %i are refused with %s", async (streamId, name) => {
    const { raw } = await withTopic(1);
    raw.send({ key: 1003, version: 23, id: 2 }, (writer) =>
      wire.encodeStreamFetchRequest(writer, stream(null), 23),
    );
    await raw.receive();
    raw.send({ key: 1006, version: 25, id: 3 }, (writer) =>
      wire.encodeUpdateConsumerOffsetRequest(writer, { offset: 0, streamId }),
    );
    const { error } = wire.decodeUpdateConsumerOffsetResponse((await raw.receive()).reader);
    expect(error).toEqual(wire.errorCode(name));
  });
});

describe("admin calls", () => {
  test("watch at version 19, which tools use without asking", async () => {
    const { raw, stack } = await withTopic(0);
    raw.send({ key: 1004, version: 19, id: 5 }, (writer) =>
      wire.encodeWatchRequest(writer, { type: "Topic", epoch: 0, summary: false }),
    );
    const first = wire.decodeWatchPush((await raw.receive()).reader, "Topic", 19);
    expect(first.all.map(({ key }) => key).toSorted()).toEqual(["consumer-offset", "t"]);
    const { admin } = await stack.connect();
    await admin.addPartitions("t", 1);
    const { id, reader } = await raw.receive();
    expect(id).toBe(5);
    const { changes } = wire.decodeWatchPush(reader, "Topic", 19);
    expect(changes).toMatchObject([{ kind: "update", item: { key: "t" } }]);
    await admin.deleteTopic("t");
    const last = wire.decodeWatchPush((await raw.receive()).reader, "Topic", 19);
    expect(last.changes).toMatchObject([{ kind: "delete", item: { key: "t" } }]);
  });

  test("about kinds that are not served are empty or refused with a sentence", async () => {
    const { raw } = await withTopic(0);
    raw.send({ key: 1003, version: 16, id: 1 }, (writer) =>
      wire.encodeListRequest(writer, {
        type: "TableFormat",
        filters: [],
        summary: false,
        system: false,
      }),
    );
    const envelope = wire.decodeEnvelope((await raw.receive()).reader);
    expect(envelope.type).toBe("TableFormat");
    expect(envelope.inner.u32()).toBe(0);
    raw.send({ key: 1001, version: 16, id: 2 }, (writer) =>
      wire.encodeEnvelope(writer, "SmartModule", () => {
        writer.string("sm");
        writer.bytes(bytesOf("00 00 0123456789"));
      }),
    );
    expect(wire.decodeAdminStatus((await raw.receive()).reader)).toMatchObject({
      name: "sm",
      error: wire.errorCode("InvalidCreateRequest"),
      message: expect.stringContaining("not supported"),
    });
  });

  test("that ask for what one server cannot do are refused", async () => {
    const { raw, stack } = await withTopic(0);
    const { admin } = await stack.connect();
    await expect(admin.createTopic("r", { replicationFactor: 2 })).rejects.toMatchObject({
      code: "TopicInvalidConfig",
    });
    await expect(admin.createTopic("r", { retentionSeconds: 5 })).rejects.toMatchObject({
      code: "TopicInvalidConfig",
    });
    const mirror = {
      kind: "remote",
      homeCluster: "home",
      homeSpus: [{ id: 5001, key: "spu", endpoint: "home:9010" }],
      isTarget: false,
    } as const;
    const topic = (await admin.describeTopic("t"))!.spec;
    raw.send({ key: 1001, version: 16, id: 1 }, (writer) =>
      wire.encodeCreateRequest(
        writer,
        {
          type: "Topic",
          name: "mirror",
          dryRun: false,
          timeoutMs: null,
          topic: { ...topic, replicas: { kind: "mirror", mirror } },
        },
        16,
      ),
    );
    expect(wire.decodeAdminStatus((await raw.receive()).reader)).toMatchObject({
      error: wire.errorCode("TopicInvalidConfig"),
      message: expect.stringContaining("mirrors are not supported"),
    });
    await expect(admin.deleteTopic("consumer-offset")).rejects.toMatchObject({
      code: "SystemSpecDeletion",
    });
    expect(raw.waiting).toBe(0);
  });
});
