/** The log of turns on disk. */
import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readTurns, type Turn, TurnLog } from "../../src/node/turn-log.ts";

const FIRST = "turns-000000000001";
const TURN_BYTES = 28;
const ALL = { file: 1, at: 0 };

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sdf-turns-"));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

function turn(index: number): Turn {
  const kind = (["process", "tick", "declare", "resume"] as const)[index % 4]!;
  const [source, partition] = [index % 3, index * 7];
  return { kind, nowMs: 1_731_405_600_000.25 + index, source, partition, next: 2 ** 40 + index };
}

const turns = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => turn(from + index));

async function logOf(count: number) {
  const log = await TurnLog.open(dir);
  for (const each of turns(count)) log.append(each);
  await log.synced();
  return log;
}

describe("turns", () => {
  test("come back as they were, from any place, and a new run adds its own", async () => {
    const first = await TurnLog.open(dir);
    for (const each of turns(5)) first.append(each);
    const place = first.position;
    for (const each of turns(5, 5)) first.append(each);
    await first.close();
    const second = await TurnLog.open(dir);
    second.append(turn(10));
    await second.close();
    expect(await readTurns(dir, ALL)).toEqual(turns(11));
    expect(await readTurns(dir, place)).toEqual(turns(6, 5));
  });

  test("that were not awaited may be lost, those that were are not", async () => {
    const log = await logOf(3);
    log.append(turn(3));
    expect(await readTurns(dir, ALL)).toEqual(turns(3));
    await Promise.all([log.synced(), log.synced()]);
    expect(await readTurns(dir, ALL)).toEqual(turns(4));
    await log.close();
  });

  test("cut anywhere, all whole ones before the cut are there", async () => {
    await (await logOf(4)).close();
    const bytes = await readFile(join(dir, FIRST));
    expect(bytes).toHaveLength(4 * TURN_BYTES);
    for (let length = 0; length < bytes.length; length += 1) {
      await writeFile(join(dir, FIRST), bytes.subarray(0, length));
      expect(await readTurns(dir, ALL)).toEqual(turns(Math.floor(length / TURN_BYTES)));
    }
  });

  test("end where one is damaged, and where the disk has holes", async () => {
    await (await logOf(4)).close();
    const bytes = await readFile(join(dir, FIRST));
    bytes[2 * TURN_BYTES + 9]! ^= 1;
    await writeFile(join(dir, FIRST), bytes);
    expect(await readTurns(dir, ALL)).toEqual(turns(2));
    await truncate(join(dir, FIRST), TURN_BYTES);
    await appendFile(join(dir, FIRST), new Uint8Array(TURN_BYTES));
    expect(await readTurns(dir, ALL)).toEqual(turns(1));
  });

  test("begin a file anew when one is long, and old files go when no checkpoint needs them", async () => {
    const log = await logOf(200_000);
    await log.turnOver();
    log.append(turn(0));
    await log.synced();
    expect(await readdir(dir)).toEqual([FIRST, "turns-000000000002"]);
    expect(await readTurns(dir, log.position)).toEqual([]);
    expect(await readTurns(dir, { file: 2, at: 0 })).toEqual([turn(0)]);
    await log.removeBefore(2);
    expect(await readdir(dir)).toEqual(["turns-000000000002"]);
    await log.close();
  });
});
