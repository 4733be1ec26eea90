import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RecordSplitter } from "../../src/connectors/record-splitter.ts";

function split(chunks: readonly string[], delimiter = "\n", recordBytesMax = 1_000): string[] {
  const splitter = new RecordSplitter({ delimiter, recordBytesMax });
  return chunks.flatMap((chunk) =>
    splitter
      .push(Buffer.from(chunk, "latin1"))
      .map((piece) => Buffer.from(piece).toString("latin1")),
  );
}

describe("pieces", () => {
  test.each<[string, string[], string, string[]]>([
    ["one per delimiter", ["a\nb\n"], "\n", ["a", "b"]],
    ["nothing without one", ["abc"], "\n", []],
    ["the end without one is left out", ["a\nrest"], "\n", ["a"]],
    ["an empty piece is a record", ["\n\na\n"], "\n", ["", "", "a"]],
    ["a carriage return stays", ["a\r\n"], "\n", ["a\r"]],
    ["over several chunks", ["a", "b", "\nc", "\n"], "\n", ["ab", "c"]],
    ["a long delimiter", ["a--b-c--"], "--", ["a", "b-c"]],
    ["a delimiter cut in two", ["a-", "-b--"], "--", ["a", "b"]],
    ["half a delimiter that is none", ["a-", "b--"], "--", ["a-b"]],
    ["a delimiter that overlaps itself", ["xaaay", "aa"], "aa", ["x", "ay"]],
  ])("%s", (_, chunks, delimiter, records) => {
    expect(split(chunks, delimiter)).toEqual(records);
  });
});

test("however the bytes are cut, the records are the same", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "-", "\n"), maxLength: 60 });
  const cuts = fc.array(fc.nat(60), { maxLength: 10 });
  fc.assert(
    fc.property(text, cuts, fc.constantFrom("\n", "--", "ab-"), (whole, at, delimiter) => {
      const points = [0, ...at.map((n) => Math.min(n, whole.length)), whole.length].toSorted(
        (a, b) => a - b,
      );
      const chunks = points.slice(1).map((end, i) => whole.slice(points[i], end));
      expect(split(chunks, delimiter)).toEqual(whole.split(delimiter).slice(0, -1));
    }),
  );
});

describe("too long", () => {
  test("a piece over the limit is left out and counted, the next is whole", () => {
    const splitter = new RecordSplitter({ delimiter: "--", recordBytesMax: 4 });
    const records = ["12345", "6789", "-", "-ok--", "1234--", "12345--", "x--"].flatMap((chunk) =>
      splitter.push(Buffer.from(chunk)).map((piece) => Buffer.from(piece).toString()),
    );
    expect(records).toEqual(["ok", "1234", "x"]);
    expect(splitter.tooLong).toBe(2);
  });

  test("a stream without a delimiter keeps next to nothing", () => {
    const splitter = new RecordSplitter({ delimiter: "\n", recordBytesMax: 10 });
    for (let i = 0; i < 1_000; i += 1) expect(splitter.push(Buffer.alloc(1_000, 97))).toEqual([]);
    expect(splitter.push(Buffer.from("\nok\n")).map(String)).toHaveLength(1);
    expect(splitter.tooLong).toBe(1);
  });
});
