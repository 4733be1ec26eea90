import { gzipSync, zstdCompressSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compress, decompress } from "../src/compression/index.ts";
import { WireError } from "../src/wire/index.ts";
import { bytesOf } from "./support/hex.ts";

const CODECS = ["gzip", "snappy", "lz4", "zstd"] as const;

describe.each(CODECS)("%s", (codec) => {
  test("gives back what it was given", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 2000 }),
        fc.integer({ min: 1, max: 200 }),
        (part, n) => {
          const bytes = new Uint8Array(part.length * n);
          for (let index = 0; index < n; index += 1) bytes.set(part, index * part.length);
          const packed = compress(codec, bytes) ?? bytes;
          expect(Buffer.compare(decompress(codec, packed), bytes)).toBe(0);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("makes events smaller, and gives back what repeats near and far", () => {
    const lines = Array.from({ length: 3000 }, (_, index) =>
      JSON.stringify({ type: "score_update", player: `p-${(index * 7919) % 400}`, score: index }),
    );
    const bytes = Buffer.from(lines.join("\n"));
    const packed = compress(codec, bytes) as Uint8Array;
    expect(packed.length).toBeLessThan(bytes.length / 2);
    expect(Buffer.compare(decompress(codec, packed), bytes)).toBe(0);
    const letters = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3000 });
    fc.assert(
      fc.property(letters, (values) => {
        const text = Uint8Array.from(values);
        const small = compress(codec, text) as Uint8Array;
        expect(Buffer.compare(decompress(codec, small), text)).toBe(0);
      }),
    );
  });

  test("leaves what does not repeat about as long as it was", () => {
    const noise = new Uint8Array(200_000).map((_, at) => Math.imul(at + 1, 0x9e3779b1) >>> 11);
    const packed = compress(codec, noise) as Uint8Array;
    expect(packed.length).toBeLessThan(noise.length * 1.01);
    expect(Buffer.compare(decompress(codec, packed), noise)).toBe(0);
  });

  test("cut anywhere is an error", () => {
    const packed = compress(codec, new Uint8Array(1000).fill(3)) as Uint8Array;
    // A snappy stream has no end mark: cut between chunks it is a shorter stream.
    const whole = codec === "snappy" ? [0, 10] : [];
    for (let length = 0; length < packed.length; length += 1) {
      if (whole.includes(length)) continue;
      expect(() => decompress(codec, packed.subarray(0, length))).toThrow(WireError);
    }
  });

  test("inflates no further than the limit", () => {
    const packed = compress(codec, new Uint8Array(100_000)) as Uint8Array;
    expect(() => decompress(codec, packed, 99_999)).toThrow(WireError);
    expect(decompress(codec, packed, 100_000)).toHaveLength(100_000);
  });

  test("of random bytes does no more than throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const packed = compress(codec, new Uint8Array(50)) as Uint8Array;
        const bytes = Uint8Array.from([...packed.subarray(0, 10), ...noise]);
        try {
          decompress(codec, bytes, 1_000_000);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  });
});

describe("what other writers make", () => {
  test("snappy with literals and overlapping copies", () => {
    // "abc" then a copy of 9 bytes at distance 3: "abcabcabcabc".
    const block = bytesOf("0c 08 616263 15 03");
    const crc = bytesOf("00000000");
    const chunk = Uint8Array.from([0, block.length + 4, 0, 0, ...crc, ...block]);
    const stream = Uint8Array.from([...bytesOf("ff060000734e61507059"), ...chunk]);
    expect(() => decompress("snappy", stream)).toThrow("checksum");
    stream.set(bytesOf("000d6546"), 14);
    expect(new TextDecoder().decode(decompress("snappy", stream))).toBe("abcabcabcabc");
  });

  test("lz4 with literals and overlapping copies", () => {
    // Token 0x35: 3 literals, match of 5+4 at distance 3; then a last literal.
    const block = bytesOf("35 616263 0300 10 64");
    const frame = Uint8Array.from([
      ...bytesOf("04224d18 60 40 82"),
      block.length,
      0,
      0,
      0,
      ...block,
      0,
      0,
      0,
      0,
    ]);
    expect(new TextDecoder().decode(decompress("lz4", frame))).toBe("abcabcabcabcd");
  });

  test("gzip and zstd at other levels", () => {
    const bytes = Buffer.from("fluvio ".repeat(100));
    expect(Buffer.compare(decompress("gzip", gzipSync(bytes, { level: 9 })), bytes)).toBe(0);
    expect(Buffer.compare(decompress("zstd", zstdCompressSync(bytes)), bytes)).toBe(0);
  });
});
