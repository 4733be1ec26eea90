/**
 * Checkpoints of one dataflow on disk: engine state, input offsets, output positions and the place
 * in the log of turns, all of the same moment, in one file, so that they can never disagree.
 *
 * A checkpoint is written to a temporary name, synced, renamed, and the directory synced; a crash
 * at any point leaves the one before it in place. The last two are kept: when the newest is
 * damaged (a disk that lied about syncing), the previous one is used, and replay brings the rest.
 * One runner at a time owns a directory.
 *
 * File: 8 bytes magic, u32 header length, header (JSON), state, SHA-256 of everything before it.
 */
import { createHash } from "node:crypto";
import { open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { SeenNumbers } from "./inbox.ts";
import { newLineage } from "./channels.ts";
import { Lease } from "./lease.ts";
import type { Log } from "./log.ts";
import type { OutputPositions } from "./output-positions.ts";
import { RunnerError } from "./runner-error.ts";
import { syncDirectory } from "./sync-directory.ts";
import type { TurnPosition } from "./turn-log.ts";

const MAGIC = new TextEncoder().encode("AFSDFCP2");
/** Of checkpoints without progress: nothing is done again from there. */
const MAGIC_EARLIER = new TextEncoder().encode("AFSDFCP1");
const DIGEST_BYTES = 32;
const HEADER_AT = MAGIC.length + 4;
const KEPT = 2;
const NUMBERS_PER_LEASE = 1_000_000;
const NAME = /^checkpoint-(\d{12})$/;

/** The next offset to read, by topic and partition. */
export type Offsets = Record<string, Record<number, number>>;

export interface Checkpoint {
  readonly offsets: Offsets;
  readonly state: Uint8Array;
  readonly progress: Progress;
}

/** What a run has to know besides, to do again exactly what was done after the checkpoint. */
export interface Progress {
  /** Where the engine's clock stood, epoch milliseconds. */
  readonly clockMs: number;
  /** What happened after the checkpoint is written from here on. */
  readonly turns: TurnPosition;
  /** Partitions and channels that the engine knows of, by topic. */
  readonly declared: Readonly<Record<string, readonly number[]>>;
  readonly outputs: OutputPositions;
  readonly seen: SeenNumbers;
}

interface Header {
  readonly dataflow: string;
  readonly sequence: number;
  readonly offsets: Offsets;
  readonly progress: Progress;
  readonly state_bytes: number;
}

export class CheckpointStore {
  readonly #dir: string;
  readonly #dataflow: string;
  readonly #lease: Lease;
  #sequence = 0;

  private constructor(dir: string, dataflow: string, lease: Lease) {
    this.#dir = dir;
    this.#dataflow = dataflow;
    this.#lease = lease;
  }

  /**
   * Opens the directory, creating it when missing, and reads the newest sound checkpoint.
   * @throws RunnerError `checkpoint_refused` when there are checkpoints but none is sound, or
   * when they belong to another dataflow
   */
  static async open(
    dir: string,
    options: { readonly dataflow: string; readonly log: Log },
  ): Promise<{ store: CheckpointStore; latest: Checkpoint | undefined }> {
    const lease = await Lease.take(dir);
    const store = new CheckpointStore(dir, options.dataflow, lease);
    try {
      return { store, latest: await store.#readLatest(options.log) };
    } catch (cause) {
      await lease.close();
      throw cause;
    }
  }

  async #readLatest(log: Log): Promise<Checkpoint | undefined> {
    const sequences = await listSequences(this.#dir);
    // Beyond all that an earlier holder may still be about to write.
    this.#sequence = Math.max(sequences[0] ?? 0, this.#lease.number * NUMBERS_PER_LEASE);
    for (const sequence of sequences) {
      const file = join(this.#dir, nameOf(sequence));
      const read = parseCheckpoint(await readFile(file));
      if (typeof read === "string") {
        log({
          level: "warn",
          message: `Checkpoint ${file} is damaged (${read}); trying the one before it.`,
          fields: { dataflow: this.#dataflow },
        });
        continue;
      }
      if (read.dataflow !== this.#dataflow) {
        throw new RunnerError(
          "checkpoint_refused",
          `Checkpoint ${file} belongs to dataflow ${read.dataflow}, not to ${this.#dataflow}. Give each dataflow a checkpoint directory of its own.`,
        );
      }
      return read;
    }
    if (sequences.length === 0) return undefined;
    throw new RunnerError(
      "checkpoint_refused",
      `All checkpoints in ${this.#dir} are damaged. Restore the directory from a backup, or remove it to start ${this.#dataflow} with empty state from the beginning of its topics.`,
    );
  }

  /** Gives the directory free for another runner. */
  close(): Promise<void> {
    return this.#lease.close();
  }

  /**
   * Makes sure that the directory is still this runner's.
   * @throws RunnerError `lease_lost`
   */
  check(): Promise<void> {
    return this.#lease.check();
  }

  /** Makes a checkpoint durable. When this resolves, a crash continues from it. One call at a time. */
  async write(checkpoint: Checkpoint): Promise<void> {
    await this.#lease.verify();
    const sequence = this.#sequence + 1;
    const header: Header = {
      dataflow: this.#dataflow,
      sequence,
      offsets: checkpoint.offsets,
      progress: checkpoint.progress,
      state_bytes: checkpoint.state.length,
    };
    const headerBytes = new TextEncoder().encode(JSON.stringify(header));
    const headerLength = new Uint8Array(4);
    new DataView(headerLength.buffer).setUint32(0, headerBytes.length, true);
    const parts = [MAGIC, headerLength, headerBytes, checkpoint.state];
    const digest = createHash("sha256");
    for (const part of parts) digest.update(part);

    const file = join(this.#dir, nameOf(sequence));
    const temporary = `${file}.tmp`;
    const handle = await open(temporary, "w");
    try {
      for (const part of [...parts, digest.digest()]) await handle.writeFile(part);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    await syncDirectory(this.#dir);
    this.#sequence = sequence;
    await this.#removeOld();
  }

  async #removeOld(): Promise<void> {
    const known = (await listSequences(this.#dir)).filter((each) => each <= this.#sequence);
    const kept = new Set(known.slice(0, KEPT).map(nameOf));
    for (const name of await readdir(this.#dir)) {
      const match = NAME.exec(name.replace(/\.tmp$/, ""));
      if (match === null || Number(match[1]) > this.#sequence || kept.has(name)) continue;
      await rm(join(this.#dir, name), { force: true });
    }
  }
}

/** @returns the checkpoint, or what is wrong with the bytes */
function parseCheckpoint(bytes: Uint8Array): (Checkpoint & { dataflow: string }) | string {
  if (bytes.length < HEADER_AT + DIGEST_BYTES) return "too short";
  const isOf = (magic: Uint8Array): boolean => magic.every((byte, at) => bytes[at] === byte);
  if (!isOf(MAGIC) && !isOf(MAGIC_EARLIER)) return "not a checkpoint";
  const body = bytes.subarray(0, bytes.length - DIGEST_BYTES);
  const digest = createHash("sha256").update(body).digest();
  if (!digest.equals(bytes.subarray(body.length))) return "its checksum differs";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stateAt = HEADER_AT + view.getUint32(MAGIC.length, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(HEADER_AT, stateAt))) as Header;
  const state = body.subarray(stateAt);
  if (state.length !== header.state_bytes) return "its state is cut short";
  const { dataflow, offsets } = header;
  const progress = isOf(MAGIC) ? header.progress : noProgress();
  return { dataflow, offsets, progress, state };
}

function noProgress(): Progress {
  const outputs = { lineage: newLineage(), topics: {} };
  const nowhere = { file: Number.MAX_SAFE_INTEGER, at: 0 };
  return { clockMs: 0, turns: nowhere, declared: {}, outputs, seen: {} };
}

async function listSequences(dir: string): Promise<number[]> {
  const sequences: number[] = [];
  for (const name of await readdir(dir)) {
    const match = NAME.exec(name);
    if (match !== null) sequences.push(Number(match[1]));
  }
  return sequences.toSorted((a, b) => b - a);
}

function nameOf(sequence: number): string {
  return `checkpoint-${String(sequence).padStart(12, "0")}`;
}
