import { appendFile, readdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { PartitionLog } from "../../src/server/log/partition-log.ts";
import { DEFAULT_SETTINGS, type LogLine, type ServerSettings } from "../../src/server/index.ts";
import { BufferPool } from "../../src/wire/buffer-pool.ts";
import { readBatchHeaders, readRecords, type WireRecord } from "../../src/wire/index.ts";
import { batchOf } from "../support/batches.ts";
import { temporaryDir, textOf } from "../support/stack.ts";

interface Opened {
  readonly log: PartitionLog;
  readonly lines: LogLine[];
}

async function open(
  dir: string,
  settings: Partial<ServerSettings & { now: () => number }> = {},
): Promise<Opened> {
  const lines: LogLine[] = [];
  const merged = { ...DEFAULT_SETTINGS, ...settings };
  const log = await PartitionLog.open({
    dir,
    settings: merged,
    segmentBytesMax: merged.segmentBytesMax,
    buffers: new BufferPool((bytes) => new Uint8Array(bytes)),
    log: (line) => lines.push(line),
    now: settings.now ?? Date.now,
  });
  onTestFinished(() => log.close().catch(() => undefined));
  return { log, lines };
}

async function append(log: PartitionLog, ...values: string[]): Promise<number> {
  const { bytes, headers } = batchOf(values);
  return (await log.append(bytes, headers)).baseOffset;
}

async function readFrom(log: PartitionLog, offset: number, bytesMax = 1000): Promise<string[]> {
  const values: string[] = [];
  let next = offset;
  while (next < log.end) {
    const batches = await log.read(next, bytesMax);
    const records: WireRecord[] = [];
    for (const header of readBatchHeaders(batches)) {
      const payload = batches.subarray(header.payloadAt, header.at + header.bytes);
      readRecords(payload, header, next, records);
    }
    values.push(...records.map((record) => String(textOf(record.value))));
    next = records.at(-1)!.offset + 1;
  }
  return values;
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `${from + index}`);

describe("a partition's log", () => {
  test("gives offsets in order and reads from any of them", async () => {
    const { log } = await open(await temporaryDir());
    expect(await append(log, "0", "1", "2")).toBe(0);
    expect(await append(log, "3")).toBe(3);
    expect(log.end).toBe(4);
    for (let offset = 0; offset <= 4; offset += 1) {
      expect(await readFrom(log, offset)).toEqual(numbers(offset, 4));
    }
  });

  test("reads from any offset across segments, whatever a push may hold", async () => {
    const { log } = await open(await temporaryDir(), { segmentBytesMax: 3000 });
    for (let index = 0; index < 200; index += 1) {
      await append(log, `${index}`.padEnd(index % 7 === 0 ? 900 : 5, "."));
    }
    for (const bytesMax of [1, 200, 5000]) {
      const values = await readFrom(log, 3, bytesMax);
      expect(values.map((value) => value.replaceAll(".", ""))).toEqual(numbers(3, 200));
    }
  });

  test("is the same after it is opened again", async () => {
    const dir = await temporaryDir();
    const first = await open(dir, { segmentBytesMax: 500 });
    for (const value of numbers(0, 50)) await append(first.log, value);
    await first.log.close();
    const { log, lines } = await open(dir, { segmentBytesMax: 500 });
    expect(log.end).toBe(50);
    expect(await readFrom(log, 0)).toEqual(numbers(0, 50));
    expect(await append(log, "50")).toBe(50);
    expect(lines).toEqual([]);
  });

  test("keeps batches that are longer than the limit is now", async () => {
    const dir = await temporaryDir();
    const first = await open(dir);
    await append(first.log, "x".repeat(3_000_000));
    await append(first.log, "y");
    await first.log.close();
    const { log, lines } = await open(dir, { batchBytesMax: 1000 });
    expect(log.end).toBe(2);
    expect(lines).toEqual([]);
  });

  test("writes concurrent appends in the order they came", async () => {
    const { log } = await open(await temporaryDir());
    const offsets = await Promise.all(numbers(0, 500).map((value) => append(log, value)));
    expect(offsets).toEqual(numbers(0, 500).map(Number));
    expect(await readFrom(log, 0)).toEqual(numbers(0, 500));
  });

  test.each([
    ["garbage behind the last batch", (path: string) => appendFile(path, "garbage".repeat(30))],
    ["a batch cut in two", async (path: string) => truncate(path, (await stat(path)).size - 3)],
    [
      "only a part of a header",
      async (path: string) => truncate(path, (await stat(path)).size - 60),
    ],
  ])("cuts off %s with a log line, and goes on", async (_, damage) => {
    const dir = await temporaryDir();
    const first = await open(dir);
    for (const value of numbers(0, 20)) await append(first.log, value);
    await first.log.close();
    const [name] = await readdir(dir);
    await damage(join(dir, name!));
    const { log, lines } = await open(dir);
    expect(lines.map((line) => line.level)).toEqual(["warn"]);
    expect(await readFrom(log, 0)).toEqual(numbers(0, log.end));
    expect(log.end).toBeGreaterThanOrEqual(19);
    await append(log, "next");
    await log.close();
    expect((await open(dir)).lines).toEqual([]);
  });

  test("stores a batch that is sent again only once, also after a restart", async () => {
    const dir = await temporaryDir();
    const first = await open(dir);
    const again = (): Promise<number>[] =>
      [7, 9].map((sequence) => {
        const { bytes, headers } = batchOf(["a", "b"], { producerId: 42, sequence });
        return first.log.append(bytes, headers).then(({ baseOffset }) => baseOffset);
      });
    expect(await Promise.all([...again(), ...again()])).toEqual([0, 2, 0, 2]);
    expect(await Promise.all(again())).toEqual([0, 2]);
    await first.log.close();
    const { log } = await open(dir);
    const { bytes, headers } = batchOf(["a", "b"], { producerId: 42, sequence: 9 });
    expect((await log.append(bytes, headers)).baseOffset).toBe(2);
    expect(log.end).toBe(4);
  });

  test("refuses reads outside of it", async () => {
    const { log } = await open(await temporaryDir());
    await append(log, "0");
    await expect(log.read(2, 100)).rejects.toMatchObject({ code: "OffsetOutOfRange" });
    expect(await log.read(1, 100)).toHaveLength(0);
  });
});

describe("retention", () => {
  test("deletes whole old segments and keeps the last", async () => {
    let nowMs = 1000;
    const { log } = await open(await temporaryDir(), { segmentBytesMax: 300, now: () => nowMs });
    for (const value of numbers(0, 30)) await append(log, value);
    nowMs = 10_000;
    for (const value of numbers(30, 40)) await append(log, value);
    await log.enforceRetention({ retentionMs: 5000, bytesMax: Infinity });
    expect(log.start).toBeGreaterThan(20);
    expect(log.start).toBeLessThanOrEqual(30);
    expect(await readFrom(log, log.start)).toEqual(numbers(log.start, 40));
    await expect(log.read(0, 100)).rejects.toMatchObject({ code: "OffsetEvicted" });
    nowMs = 100_000;
    await log.enforceRetention({ retentionMs: 5000, bytesMax: Infinity });
    expect(log.start).toBeLessThan(log.end);
  });

  test("reaches a topic that hardly fills a segment, or is silent", async () => {
    let nowMs = 1_000_000;
    const { log } = await open(await temporaryDir(), { now: () => nowMs });
    const limits = { retentionMs: 4000, bytesMax: Infinity };
    for (const value of numbers(0, 20)) {
      await append(log, value);
      nowMs += 500;
      await log.enforceRetention(limits);
    }
    expect(log.start).toBeGreaterThan(5);
    expect(await readFrom(log, log.start)).toEqual(numbers(log.start, 20));
    nowMs += 10_000;
    await log.enforceRetention(limits);
    await expect.poll(() => log.enforceRetention(limits).then(() => log.start)).toBe(20);
    expect(await append(log, "next")).toBe(20);
  });

  test("by size keeps the newest", async () => {
    const { log } = await open(await temporaryDir(), { segmentBytesMax: 300 });
    for (const value of numbers(0, 100)) await append(log, value);
    await log.enforceRetention({ retentionMs: Infinity, bytesMax: 1000 });
    expect(log.bytes).toBeLessThanOrEqual(1000);
    expect(await readFrom(log, log.start)).toEqual(numbers(log.start, 100));
  });

  test("leaves a segment alone that is being read from", async () => {
    const { log } = await open(await temporaryDir(), { segmentBytesMax: 300 });
    for (const value of numbers(0, 50)) await append(log, value);
    const reading = log.read(0, 100);
    await log.enforceRetention({ retentionMs: Infinity, bytesMax: 0 });
    expect(log.start).toBe(0);
    expect((await reading).length).toBeGreaterThan(0);
    await log.enforceRetention({ retentionMs: Infinity, bytesMax: 0 });
    expect(log.start).toBeGreaterThan(0);
  });
});
