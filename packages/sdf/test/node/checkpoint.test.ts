import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTurns } from "../../src/node/turn-log.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CheckpointStore } from "../../src/node/checkpoint.ts";
import type { LogLine } from "../../src/node/log.ts";

let dir: string;
let lines: LogLine[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "sdf-checkpoint-"));
  lines = [];
});

afterEach(async () => {
  await opened?.close();
  opened = undefined;
  await rm(dir, { recursive: true });
});

let opened: CheckpointStore | undefined;

function openAgain() {
  return CheckpointStore.open(dir, { dataflow: "arenaflow/test", log: (line) => lines.push(line) });
}

/** Opens the directory as the next run would: the one before is over. */
async function open(dataflow = "arenaflow/test") {
  await opened?.close();
  opened = undefined;
  const result = await CheckpointStore.open(dir, { dataflow, log: (line) => lines.push(line) });
  opened = result.store;
  return result;
}

function checkpoint(next: number) {
  const progress = {
    clockMs: 1000 + next,
    turns: { file: 1, at: 28 * next },
    declared: { events: [0] },
    outputs: { lineage: 7, topics: {} },
    seen: {},
  };
  return { offsets: { events: { 0: next } }, state: new Uint8Array([1, 2, next]), progress };
}

async function checkpointFiles() {
  return (await readdir(dir)).filter((name) => name.startsWith("checkpoint-")).toSorted();
}

async function writeThree() {
  const { store } = await open();
  for (const next of [10, 20, 30]) await store.write(checkpoint(next));
  return checkpointFiles();
}

describe("checkpoints on disk", () => {
  test("an empty directory has none", async () => {
    expect((await open()).latest).toBeUndefined();
  });

  test("the newest comes back, and two are kept", async () => {
    const files = await writeThree();
    expect(files).toHaveLength(2);
    const { latest } = await open();
    expect(latest?.offsets).toEqual({ events: { 0: 30 } });
    expect(latest?.progress).toEqual(checkpoint(30).progress);
    expect([...(latest?.state ?? [])]).toEqual([1, 2, 30]);
  });

  test("numbering goes on after a restart", async () => {
    await writeThree();
    const { store } = await open();
    await store.write(checkpoint(40));
    expect((await open()).latest?.offsets).toEqual({ events: { 0: 40 } });
    expect(await checkpointFiles()).toHaveLength(2);
  });

  test("cut anywhere, the newest is refused and the one before used", async () => {
    const files = await writeThree();
    const newest = join(dir, files.at(-1)!);
    const bytes = await readFile(newest);
    for (let length = 0; length < bytes.length; length += 1) {
      await writeFile(newest, bytes.subarray(0, length));
      expect((await open()).latest?.offsets).toEqual({ events: { 0: 20 } });
    }
    expect(lines.at(-1)?.message).toMatch(/is damaged .*trying the one before/);
  });

  test("one flipped bit anywhere is noticed", async () => {
    const files = await writeThree();
    const newest = join(dir, files.at(-1)!);
    const bytes = await readFile(newest);
    for (let at = 0; at < bytes.length; at += 1) {
      const flipped = new Uint8Array(bytes);
      flipped[at]! ^= 1;
      await writeFile(newest, flipped);
      expect((await open()).latest?.offsets).toEqual({ events: { 0: 20 } });
    }
  });

  test("when all are damaged the start is refused with what to do", async () => {
    for (const file of await writeThree()) await writeFile(join(dir, file), "nothing");
    await expect(open()).rejects.toMatchObject({
      code: "checkpoint_refused",
      message: expect.stringMatching(/All checkpoints .* remove it to start/) as unknown,
    });
  });

  test("one of another dataflow is refused", async () => {
    await writeThree();
    await expect(open("arenaflow/other")).rejects.toMatchObject({
      code: "checkpoint_refused",
      message: expect.stringContaining("belongs to dataflow arenaflow/test") as unknown,
    });
  });

  test("what a crash left half written is ignored and cleared away", async () => {
    await writeThree();
    await writeFile(join(dir, "checkpoint-000000000004.tmp"), "half");
    const { store, latest } = await open();
    expect(latest?.offsets).toEqual({ events: { 0: 30 } });
    expect(latest?.progress).toEqual(checkpoint(30).progress);
    await store.write(checkpoint(40));
    await store.write(checkpoint(50));
    expect((await readdir(dir)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("a directory serves one runner at a time", async () => {
    const { store } = await open();
    await expect(openAgain()).rejects.toMatchObject({ code: "checkpoint_in_use" });
    await store.close();
    await (await openAgain()).store.close();
  });

  test("one written before there was progress is gone on from", async () => {
    const [, newest] = await writeThree();
    const bytes = await readFile(join(dir, newest!));
    bytes.set(new TextEncoder().encode("AFSDFCP1"));
    const body = bytes.subarray(0, -32);
    bytes.set(createHash("sha256").update(body).digest(), body.length);
    await writeFile(join(dir, newest!), bytes);
    const { latest } = await open();
    expect(latest).toMatchObject({ offsets: { events: { 0: 30 } }, progress: { declared: {} } });
    expect(await readTurns(dir, latest!.progress.turns)).toEqual([]);
  });
});
