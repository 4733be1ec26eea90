import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  BatchBuilder,
  crc32c,
  FrameParser,
  encodeFrame,
  partitionForKey,
  Reader,
  readBatchHeader,
  readRecords,
  sipHash24,
  WireError,
  Writer,
  writeVarint,
  varintSize,
  type WireRecord,
} from "../../src/wire/index.ts";
import { crc32cByTables } from "../../src/wire/crc32c.ts";
import { foldForCrc32c } from "../../src/wire/crc32c-fold.ts";
import { bytesOf, hexOf } from "../support/hex.ts";

describe("a frame parser", () => {
  const frames = [bytesOf("00"), new Uint8Array(0), bytesOf("0102030405"), new Uint8Array(300_000)];
  const stream = Buffer.concat(frames.map((frame) => encodeFrame((writer) => writer.bytes(frame))));

  function parse(chunks: readonly Uint8Array[]): string[] {
    const parser = new FrameParser({ frameBytesMax: 1_000_000 });
    const got: string[] = [];
    for (const chunk of chunks) parser.push(chunk, (frame) => got.push(hexOf(frame)));
    return got;
  }
  const expected = frames.map(hexOf);

  test("takes the stream whole", () => {
    expect(parse([stream])).toEqual(expected);
  });

  test("takes it byte by byte", () => {
    expect(parse(Array.from(stream, (byte) => Uint8Array.of(byte)))).toEqual(expected);
  });

  test("takes it cut anywhere", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 70_000 }), { maxLength: 30 }), (sizes) => {
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const size of sizes) {
          chunks.push(stream.subarray(at, at + size));
          at += size;
        }
        chunks.push(stream.subarray(at));
        expect(parse(chunks)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test.each(["7fffffff", "ffffffff", "000f4241"])("refuses the length %s", (length) => {
    expect(() => parse([bytesOf(length)])).toThrow(WireError);
  });
});

describe("integers", () => {
  test("of 64 bits keep their value up to 2^53", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const writer = new Writer();
        writer.i64(value);
        expect(new Reader(writer.finish()).i64()).toBe(value);
      }),
    );
  });

  test("beyond 2^53 are refused, not rounded", () => {
    expect(() => new Reader(bytesOf("7fffffffffffffff")).i64()).toThrow(WireError);
    expect(() => new Reader(bytesOf("ffffffffffffffff")).u64()).toThrow(WireError);
  });
});

describe("a reader", () => {
  test("refuses a list longer than its bytes without reading it", () => {
    expect(() => new Reader(bytesOf("ffffffff 00")).vec(() => 0)).toThrow(WireError);
  });

  test("refuses strings with a negative length or bad UTF-8", () => {
    expect(() => new Reader(bytesOf("8000 61")).string()).toThrow(WireError);
    expect(() => new Reader(bytesOf("0001 ff")).string()).toThrow(WireError);
  });

  test("refuses booleans other than 0 and 1", () => {
    expect(() => new Reader(bytesOf("02")).bool()).toThrow(WireError);
  });
});

describe("records", () => {
  const record = fc.record({
    key: fc.option(fc.uint8Array({ maxLength: 200 })),
    value: fc.uint8Array({ maxLength: 400 }),
    timestampMs: fc.integer({ min: 0, max: 4e12 }),
  });

  test("come out of a batch as they went in", () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), (records) => {
        const builder = new BatchBuilder(new Uint8Array(1));
        for (const each of records) builder.append(each);
        const batch = builder.finish({ codec: "none", producerId: 5, firstSequence: 9 });
        const header = readBatchHeader(batch, 0);
        expect(header).toMatchObject({
          bytes: batch.length,
          recordCount: records.length,
          producerId: 5,
          firstSequence: 9,
          maxTimestampMs: Math.max(...records.map((each) => each.timestampMs)),
        });
        const got: WireRecord[] = [];
        readRecords(batch.subarray(header.payloadAt), header, 0, got);
        expect(got).toEqual(
          records.map(({ key, value, timestampMs }, offset) => ({
            offset,
            timestamp: timestampMs,
            key,
            value,
          })),
        );
      }),
    );
  });

  test("cut at any byte are an error", () => {
    const builder = new BatchBuilder();
    builder.append({ key: bytesOf("01"), value: bytesOf("0203"), timestampMs: 1000 });
    builder.append({ key: null, value: new Uint8Array(200), timestampMs: 5 });
    const batch = builder.finish({ codec: "none", producerId: -1, firstSequence: -1 });
    const header = readBatchHeader(batch, 0);
    for (let end = header.payloadAt; end < batch.length - 1; end += 1) {
      const payload = batch.subarray(header.payloadAt, end);
      expect(() => readRecords(payload, header, 0, [])).toThrow(WireError);
    }
    for (let length = 0; length < batch.length; length += 1) {
      expect(() => readBatchHeader(batch.subarray(0, length), 0)).toThrow(WireError);
    }
  });

  test("of random bytes never do more than throw", () => {
    const builder = new BatchBuilder();
    builder.append({ key: null, value: bytesOf("00"), timestampMs: 0 });
    const header = readBatchHeader(
      builder.finish({ codec: "none", producerId: -1, firstSequence: -1 }),
      0,
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 300 }), (bytes) => {
        try {
          readRecords(bytes, header, 0, []);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  });

  test("write varints of the size they announce", () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 51), max: 2 ** 51 }), (value) => {
        const bytes = new Uint8Array(10);
        expect(writeVarint(bytes, 0, value)).toBe(varintSize(value));
      }),
    );
  });
});

describe("hashes", () => {
  test("CRC-32C has its published check values", () => {
    const digits = new TextEncoder().encode("123456789");
    expect(crc32c(digits, 0, 9)).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32), 0, 32)).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255), 0, 32)).toBe(0x62a8ab43);
  });

  test("is the same for long inputs, which are folded", () => {
    const bytes = new Uint8Array(100_000).map((_, at) => Math.imul(at, 0x9e3779b1) >>> 13);
    expect(foldForCrc32c(bytes, 0, bytes.length)?.length).toBeLessThan(6000);
    const position = fc.integer({ min: 0, max: bytes.length });
    fc.assert(
      fc.property(position, position, (one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        expect(crc32c(bytes, from, to)).toBe(crc32cByTables(bytes, from, to));
      }),
    );
  });

  test("SipHash-2-4 under the zero key has its known value for no input", () => {
    expect(sipHash24(new Uint8Array(0))).toEqual({ high: 0x1e924b9d, low: 0x737700d7 });
  });

  test.each([
    ["a", 1],
    ["b", 0],
    ["player-1", 0],
    ["player-2", 0],
    ["k123", 1],
    ["xxxxxxxxxxxxxxxxxxxx", 1],
  ])("key %s goes to the partition of three that the native client chose", (key, partition) => {
    expect(partitionForKey(new TextEncoder().encode(key), 3)).toBe(partition);
  });
});
