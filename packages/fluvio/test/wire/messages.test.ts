/**
 * Golden vectors. Requests marked "native" are bytes that the native client 0.14.9 sent; responses
 * marked so are bytes that it accepted. The others are written down from the layout. Longer than other
 * files because it is one list: every message, with every version that differs, at one look.
 */
import { describe, expect, test } from "vitest";
import * as wire from "../../src/wire/index.ts";
import { bytesOf, hexOf } from "../support/hex.ts";

const { Reader, Writer } = wire;

interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly value: unknown;
  readonly encode: (writer: wire.Writer) => void;
  readonly decode: (reader: wire.Reader) => unknown;
}

/** A vector whose value is written and read by a pair of functions. */
function vector<T>(
  name: string,
  hex: string,
  value: T,
  codec: {
    readonly encode: (writer: wire.Writer, value: T) => void;
    readonly decode: (reader: wire.Reader) => unknown;
  },
): Vector {
  return {
    name,
    hex,
    value,
    encode: (writer) => codec.encode(writer, value),
    decode: codec.decode,
  };
}

const STREAM_SPEC = {
  retentionSeconds: null,
  storage: null,
  compression: "any",
  deduplication: null,
  system: false,
} as const;

const TOPIC: wire.TopicObject = {
  key: "t",
  spec: {
    replicas: { kind: "computed", partitions: 1, replicationFactor: 1, ignoreRack: false },
    ...STREAM_SPEC,
  },
  status: { resolution: "provisioned", replicas: [[0, [5001]]], reason: "" },
};
const TOPIC_HEX = `0001 74  01 00000001 00000001 00  00 00 04 00 00
  04 0001 00000000 00000001 00001389 0000 0000`;

const REPLICA = { spu: 5001, highWatermark: 0, end: 0 };
const PARTITION: wire.PartitionObject = {
  key: "t-0",
  spec: { leader: 5001, replicas: [5001], ...STREAM_SPEC },
  status: {
    resolution: "online",
    leader: REPLICA,
    liveReplicas: 1,
    replicas: [],
    sizeBytes: 0,
    isBeingDeleted: false,
    baseOffset: 0,
  },
};
const PARTITION_HEX = `0003 742d30  00001389 00000001 00001389  00 00 04 00 00 00
  01 00001389 0000000000000000 0000000000000000 00000001 00000000 0000000000000000 00
  0000000000000000`;

const SPU: wire.SpuObject = {
  key: "custom-spu-5001",
  spec: {
    id: 5001,
    custom: true,
    publicEndpoint: {
      port: 37637,
      ingress: [{ host: "127.0.0.1", ip: null }],
      encrypted: false,
    },
    privateEndpoint: { port: 0, host: "127.0.0.1", encrypted: false },
    rack: null,
    localEndpoint: null,
  },
  status: { resolution: "online" },
};
const SPU_HEX = `000f 637573746f6d2d7370752d35303031 00001389 01
  9305 00000001 01 0009 3132372e302e302e31 00 00  0000 0009 3132372e302e302e31 00  00 00  00`;

const ASSIGNED: wire.TopicSpec = {
  replicas: { kind: "assigned", maps: [{ id: 0, spus: [7] }] },
  retentionSeconds: 60,
  storage: { segmentBytes: 2048, partitionBytesMax: 65536 },
  compression: "zstd",
  deduplication: { count: 5, ageSeconds: 1.5, uses: "f", with: [["k", "v"]] },
  system: true,
};

const HOME_PARTITION = {
  kind: "home",
  remoteCluster: "r1",
  remoteReplica: "t-0",
  isSource: false,
} as const;
const HOME_MIRROR = { kind: "home", partitions: [HOME_PARTITION], isSource: false } as const;
const REMOTE_MIRROR = {
  kind: "remote",
  homeCluster: "h",
  homeSpus: [{ id: 5001, key: "k", endpoint: "e" }],
  isTarget: true,
} as const;
const REMOTE_PARTITION = {
  kind: "remote",
  homeCluster: "h",
  homeSpuKey: "k",
  homeSpuId: 5001,
  homeSpuEndpoint: "e",
  isTarget: true,
} as const;

const requests: Vector[] = [
  vector(
    "request header (native)",
    "0012 0002 00000001 0006 666c7576696f",
    { apiKey: 18, version: 2, correlationId: 1, clientId: "fluvio" },
    { encode: wire.encodeRequestHeader, decode: wire.decodeRequestHeader },
  ),
  vector(
    "ApiVersions request (native)",
    "0006 302e31342e39 0005 6c696e7578 0006 7838365f3634",
    { clientVersion: "0.14.9", os: "linux", arch: "x86_64" },
    { encode: wire.encodeApiVersionsRequest, decode: wire.decodeApiVersionsRequest },
  ),
  vector(
    "Create request, topic (native)",
    "0005 546f706963 00000014 0001 74 00 00 01 00000001 00000001 00 00 00 04 00 00",
    { type: "Topic", name: "t", dryRun: false, timeoutMs: null, topic: TOPIC.spec } as const,
    {
      encode: (writer, value) => wire.encodeCreateRequest(writer, value, 16),
      decode: (reader) => wire.decodeCreateRequest(reader, 16),
    },
  ),
  vector(
    "Delete request, topic (native)",
    "0005 546f706963 00000004 0001 74 00",
    { type: "Topic", name: "t", force: false },
    {
      encode: (writer, value) => wire.encodeDeleteRequest(writer, value, 16),
      decode: (reader) => wire.decodeDeleteRequest(reader, 16),
    },
  ),
  vector(
    "List request, topics (native)",
    "0005 546f706963 00000006 00000000 00 00",
    { type: "Topic", filters: [], summary: false, system: false },
    { encode: wire.encodeListRequest, decode: wire.decodeListRequest },
  ),
  vector(
    "Watch request, SPUs (native)",
    "0003 535055 00000009 0000000000000000 00",
    { type: "SPU", epoch: 0, summary: false },
    { encode: wire.encodeWatchRequest, decode: wire.decodeWatchRequest },
  ),
  vector(
    "Update request, add partitions",
    "0005 546f706963 00000008 0001 74 00 00000002",
    { type: "Topic", name: "t", addPartitions: 2 },
    { encode: wire.encodeUpdateRequest, decode: wire.decodeUpdateRequest },
  ),
  vector(
    "FetchOffsets request (native)",
    "00000001 0001 74 00000001 00000000 00",
    { topics: [{ topic: "t", partitions: [0] }], consumerId: null },
    {
      encode: (writer, value) => wire.encodeFetchOffsetsRequest(writer, value, 23),
      decode: (reader) => wire.decodeFetchOffsetsRequest(reader, 23),
    },
  ),
  vector(
    "StreamFetch request (native)",
    "0001 74 00000000 0000000000000000 0010013a 00 00000000 00",
    {
      topic: "t",
      partition: 0,
      offset: 0,
      bytesMax: 1048890,
      committedOnly: false,
      smartModule: null,
      consumerId: null,
    },
    {
      encode: (writer, value) => wire.encodeStreamFetchRequest(writer, value, 23),
      decode: (reader) => wire.decodeStreamFetchRequest(reader, 23),
    },
  ),
  vector(
    "UpdateOffsets request (native)",
    "00000001 0000000000000001 00000001",
    [{ nextOffset: 1, streamId: 1 }],
    { encode: wire.encodeUpdateOffsetsRequest, decode: wire.decodeUpdateOffsetsRequest },
  ),
  vector(
    "UpdateConsumerOffset request",
    "0000000000000029 00000003",
    { offset: 41, streamId: 3 },
    {
      encode: wire.encodeUpdateConsumerOffsetRequest,
      decode: wire.decodeUpdateConsumerOffsetRequest,
    },
  ),
  vector(
    "DeleteConsumerOffset request",
    "0001 74 00000002 0001 63",
    { topic: "t", partition: 2, consumerId: "c" },
    {
      encode: wire.encodeDeleteConsumerOffsetRequest,
      decode: wire.decodeDeleteConsumerOffsetRequest,
    },
  ),
  vector(
    "FetchConsumerOffsets request, version 25",
    "01 01 0001 74 00000002 01 0001 63",
    { replica: { topic: "t", partition: 2 }, consumerId: "c" },
    {
      encode: (writer, value) => wire.encodeFetchConsumerOffsetsRequest(writer, value, 25),
      decode: (reader) => wire.decodeFetchConsumerOffsetsRequest(reader, 25),
    },
  ),
];

const responses: Vector[] = [
  vector(
    "ApiVersions response (native)",
    "0000 00000001 03e9 000b 0010 0007 302e31312e3131",
    {
      error: wire.NO_ERROR,
      ranges: [{ key: 1001, min: 11, max: 16 }],
      platformVersion: "0.11.11",
    },
    { encode: wire.encodeApiVersionsResponse, decode: wire.decodeApiVersionsResponse },
  ),
  vector(
    "AdminStatus (native)",
    "0001 74 0000 00",
    { name: "t", error: wire.NO_ERROR, message: null },
    { encode: wire.encodeAdminStatus, decode: wire.decodeAdminStatus },
  ),
  vector(
    "AdminStatus with an error that has fields",
    "0001 74 2ee1 0005 546f706963 0001 74 01 0002 6e6f",
    {
      name: "t",
      error: wire.errorCode("SystemSpecDeletion", "Topic", "t"),
      message: "no",
    },
    { encode: wire.encodeAdminStatus, decode: wire.decodeAdminStatus },
  ),
  vector(
    "List response, topics (native)",
    `0005 546f706963 00000029 00000001 ${TOPIC_HEX}`,
    [TOPIC],
    {
      encode: (writer, items) => wire.encodeListResponse(writer, { type: "Topic", items }, 16),
      decode: (reader) => wire.decodeListResponse(reader, "Topic", 16),
    },
  ),
  vector(
    "List response, partitions",
    `0009 506172746974696f6e 00000049 00000001 ${PARTITION_HEX}`,
    [PARTITION],
    {
      encode: (writer, items) => wire.encodeListResponse(writer, { type: "Partition", items }, 16),
      decode: (reader) => wire.decodeListResponse(reader, "Partition", 16),
    },
  ),
  vector(
    "Watch push, full sync of SPUs (native)",
    `0003 535055 0000004b 0000000000000000 00000000 00000001 ${SPU_HEX}`,
    { epoch: 0, changes: [], all: [SPU] },
    {
      encode: (writer, body) => wire.encodeWatchPush(writer, { type: "SPU", body }, 16),
      decode: (reader) => wire.decodeWatchPush(reader, "SPU", 16),
    },
  ),
  vector(
    "Watch push, deletion of a partition (native)",
    `0009 506172746974696f6e 00000056 0000000000000003 00000001 01 ${PARTITION_HEX} 00000000`,
    { epoch: 3, changes: [{ kind: "delete" as const, item: PARTITION }], all: [] },
    {
      encode: (writer, body) => wire.encodeWatchPush(writer, { type: "Partition", body }, 16),
      decode: (reader) => wire.decodeWatchPush(reader, "Partition", 16),
    },
  ),
  vector(
    "Topic spec, home mirror, v16",
    "02 01 00000001 0002 7231 0003 742d30  00 00 04 00 00",
    { replicas: { kind: "mirror", mirror: HOME_MIRROR }, ...STREAM_SPEC } as const,
    {
      encode: (writer, value) => wire.encodeTopicSpec(writer, value, 16),
      decode: (reader) => wire.decodeTopicSpec(reader, 16),
    },
  ),
  vector(
    "Topic spec, remote mirror, v18",
    "02 00 0001 68 00000001 00001389 0001 6b 0001 65 01  00 00 04 00 00",
    { replicas: { kind: "mirror", mirror: REMOTE_MIRROR }, ...STREAM_SPEC } as const,
    {
      encode: (writer, value) => wire.encodeTopicSpec(writer, value, 18),
      decode: (reader) => wire.decodeTopicSpec(reader, 18),
    },
  ),
  vector(
    "Partition spec, remote mirror, v18",
    "00001389 00000001 00001389  00 00 04 00 00  01 00 0001 68 0001 6b 00001389 0001 65 01",
    { leader: 5001, replicas: [5001], ...STREAM_SPEC, mirror: REMOTE_PARTITION },
    {
      encode: (writer, value) => wire.encodePartitionSpec(writer, value, 18),
      decode: (reader) => wire.decodePartitionSpec(reader, 18),
    },
  ),
  vector(
    "Topic status, home mirror, v16",
    "04 0001 00000000 00000001 00001389 0001 00000000 01 0002 7231 0003 742d30 0000",
    {
      resolution: "provisioned",
      replicas: [[0, [5001]]],
      mirrors: [[0, HOME_PARTITION]],
      reason: "",
    } as const,
    {
      encode: (writer, value) => wire.encodeTopicStatus(writer, value, 16),
      decode: (reader) => wire.decodeTopicStatus(reader, 16),
    },
  ),
  vector(
    "topic spec with everything in it",
    `00 00000001 00000000 00000001 00000007 00  01 00 0000003c
     01 01 00000800 01 0000000000010000  05
     01 0000000000000005 01 0000000000000001 1dcd6500 0001 66 0001 0001 6b 0001 76  01`,
    ASSIGNED,
    {
      encode: (writer, value) => wire.encodeTopicSpec(writer, value, 16),
      decode: (reader) => wire.decodeTopicSpec(reader, 16),
    },
  ),
  vector(
    "Produce response (native)",
    `00000001 0001 74 00000001 00000000 0000 0000000000000005 ffffffffffffffff 0000000000000002
     00000000`,
    {
      topics: [
        {
          topic: "t",
          results: [
            {
              partition: 0,
              error: wire.NO_ERROR,
              baseOffset: 5,
              logAppendTimeMs: -1,
              logStart: 2,
            },
          ],
        },
      ],
      throttleMs: 0,
    },
    { encode: wire.encodeProduceResponse, decode: wire.decodeProduceResponse },
  ),
  vector(
    "FetchOffsets response (native)",
    "00000001 0001 74 00000001 0000 00000000 0000000000000000 0000000000000001",
    {
      topics: [
        { topic: "t", partitions: [{ error: wire.NO_ERROR, partition: 0, start: 0, end: 1 }] },
      ],
    },
    { encode: wire.encodeFetchOffsetsResponse, decode: wire.decodeFetchOffsetsResponse },
  ),
  vector(
    "UpdateOffsets response (native)",
    "00000001 00000001 0000",
    [{ streamId: 1, error: wire.NO_ERROR }],
    { encode: wire.encodeUpdateOffsetsResponse, decode: wire.decodeUpdateOffsetsResponse },
  ),
  vector(
    "UpdateConsumerOffset response",
    "0000000000000029 0bba",
    { offset: 41, error: wire.errorCode("FetchSessionNotFound") },
    {
      encode: wire.encodeUpdateConsumerOffsetResponse,
      decode: wire.decodeUpdateConsumerOffsetResponse,
    },
  ),
  vector(
    "FetchConsumerOffsets response",
    "0000 00000001 0001 63 0001 74 00000002 0000000000000029 0000000065000000",
    {
      error: wire.NO_ERROR,
      rows: [{ consumerId: "c", topic: "t", partition: 2, offset: 41, modifiedS: 0x65000000 }],
    },
    {
      encode: wire.encodeFetchConsumerOffsetsResponse,
      decode: wire.decodeFetchConsumerOffsetsResponse,
    },
  ),
];

describe.each([...requests, ...responses])("$name", ({ hex, value, encode, decode }) => {
  const bytes = bytesOf(hex);

  test("is written as the vector", () => {
    const writer = new Writer(1);
    encode(writer);
    expect(hexOf(writer.finish())).toBe(hexOf(bytes));
  });

  test("is read from the vector, to its last byte", () => {
    const reader = new Reader(bytes);
    expect(decode(reader)).toEqual(value);
    expect(reader.left).toBe(0);
  });

  test("cut at any byte is an error, never a value", () => {
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decode(new Reader(bytes.subarray(0, length)))).toThrow(wire.WireError);
    }
  });
});

describe("Produce request", () => {
  // As the native client sent it, one record with key "k" and value "value".
  const batch = bytesOf(`0000000000000000 0000003f ffffffff 02 be30331b 0000 00000000
    000001a2043f5a9c 000001a2043f5a9c ffffffffffffffff ffff ffffffff
    00000001 1a 00 00 00 01 02 6b 0a 76616c7565 00`);
  const head = bytesOf("00 0001 000005dc 00000001 0001 74 00000001 00000000 0000004b");
  const bytes = Uint8Array.from([...head, ...batch, 0, 0, 0, 0]);

  test("is read and written as the native client writes it", () => {
    const request = wire.decodeProduceRequest(new Reader(bytes));
    expect(request).toEqual({
      acks: 1,
      timeoutMs: 1500,
      topics: [{ topic: "t", entries: [{ partition: 0, batches: batch }] }],
      smartModule: null,
    });
    const writer = new Writer();
    wire.encodeProduceRequest(writer, request);
    expect(hexOf(writer.finish())).toBe(hexOf(bytes));
  });

  test("names the SmartModule it asks for", () => {
    const asked = Uint8Array.from([...bytes.subarray(0, -4), ...bytesOf("00000001 00 0002 736d")]);
    expect(wire.decodeProduceRequest(new Reader(asked)).smartModule).toEqual({ name: "sm" });
  });

  test("carries a batch that reads as one record", () => {
    const header = wire.readBatchHeader(batch, 0);
    expect(header).toMatchObject({ bytes: 75, recordCount: 1, codec: "none", producerId: -1 });
    expect(wire.isBatchIntact(batch, header)).toBe(true);
    const records: wire.WireRecord[] = [];
    wire.readRecords(batch.subarray(header.payloadAt), header, 0, records);
    expect(records).toEqual([
      {
        offset: 0,
        timestamp: 0x1a2043f5a9c,
        key: Uint8Array.of(0x6b),
        value: new TextEncoder().encode("value"),
      },
    ]);
  });

  test("carries a batch that our builder would write alike", () => {
    const builder = new wire.BatchBuilder();
    const timestampMs = 0x1a2043f5a9c;
    builder.append({
      key: Uint8Array.of(0x6b),
      value: new TextEncoder().encode("value"),
      timestampMs,
    });
    const ours = builder.finish({ codec: "none", producerId: -1, firstSequence: -1 });
    expect(hexOf(ours)).toBe(hexOf(batch));
  });
});

describe("StreamFetch push", () => {
  const head = bytesOf(`0001 74 00000001 00000000 0000 0000000000000001 ffffffffffffffff
    0000000000000000 00 00000002`);
  const push = {
    topic: "t",
    streamId: 1,
    partition: 0,
    error: wire.NO_ERROR,
    highWatermark: 1,
    nextFilterOffset: -1,
    logStart: 0,
  };

  test("is a head, then the batches", () => {
    const writer = new Writer();
    wire.encodeStreamPushHead(writer, push, 2);
    expect(hexOf(writer.finish())).toBe(hexOf(head));
    const whole = Uint8Array.from([...head, 0xaa, 0xbb]);
    const batches = Uint8Array.of(0xaa, 0xbb);
    expect(wire.decodeStreamPush(new Reader(whole))).toEqual({ ...push, batches });
  });
});

test("objects of a kind we do not know have an empty list", () => {
  const writer = new Writer();
  wire.encodeEmptyListResponse(writer, "TableFormat");
  expect(hexOf(writer.finish())).toBe(
    hexOf(bytesOf("000b 5461626c65466f726d6174 00000004 00000000")),
  );
});
