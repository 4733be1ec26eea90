/**
 * Checkpoints of one dataflow on disk: engine state and input offsets of the same moment, in one
 * file, so that they can never disagree.
 *
 * A checkpoint is written to a temporary name, synced, renamed, and the directory synced; a crash
 * at any point leaves the one before it in place. The last two are kept: when the newest is
 * damaged (a disk that lied about syncing), the previous one is used, and replay brings the rest.
 * One runner at a time owns a directory.
 *
 * File: 8 bytes magic, u32 header length, header (JSON), state, SHA-256 of everything before it.
 */
import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { lockCheckpoints } from "./checkpoint-lock.ts";
import type { Log } from "./log.ts";
import { RunnerError } from "./runner-error.ts";

const MAGIC = new TextEncoder().encode("AFSDFCP1");
const DIGEST_BYTES = 32;
const HEADER_AT = MAGIC.length + 4;
const KEPT = 2;
const NAME = /^checkpoint-(\d{12})$/;

/** The next offset to read, by topic and partition. */
export type Offsets = Record<string, Record<number, number>>;

export interface Checkpoint {
  readonly offsets: Offsets;
  readonly state: Uint8Array;
}

interface Header {
  readonly dataflow: string;
  readonly sequence: number;
  readonly offsets: Offsets;
  readonly state_bytes: number;
}

export class CheckpointStore {
  readonly #dir: string;
  readonly #dataflow: string;
  readonly #unlock: () => Promise<void>;
  #sequence = 0;

  private constructor(dir: string, dataflow: string, unlock: () => Promise<void>) {
    this.#dir = dir;
    this.#dataflow = dataflow;
    this.#unlock = unlock;
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
    await mkdir(dir, { recursive: true });
    const unlock = await lockCheckpoints(dir);
    const store = new CheckpointStore(dir, options.dataflow, unlock);
    try {
      return { store, latest: await store.#readLatest(options.log) };
    } catch (cause) {
      await unlock();
      throw cause;
    }
  }

  async #readLatest(log: Log): Promise<Checkpoint | undefined> {
    const sequences = await listSequences(this.#dir);
    this.#sequence = sequences[0] ?? 0;
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
    return this.#unlock();
  }

  /** Makes a checkpoint durable. When this resolves, a crash continues from it. One call at a time. */
  async write(checkpoint: Checkpoint): Promise<void> {
    const sequence = this.#sequence + 1;
    const header: Header = {
      dataflow: this.#dataflow,
      sequence,
      offsets: checkpoint.offsets,
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
    for (const name of await readdir(this.#dir)) {
      const match = NAME.exec(name.replace(/\.tmp$/, ""));
      if (match === null) continue;
      const old = Number(match[1]) <= this.#sequence - KEPT;
      const leftOver = name.endsWith(".tmp");
      if (old || leftOver) await rm(join(this.#dir, name), { force: true });
    }
  }
}

/** @returns the checkpoint, or what is wrong with the bytes */
function parseCheckpoint(bytes: Uint8Array): (Checkpoint & { dataflow: string }) | string {
  if (bytes.length < HEADER_AT + DIGEST_BYTES) return "too short";
  if (!MAGIC.every((byte, index) => bytes[index] === byte)) return "not a checkpoint";
  const body = bytes.subarray(0, bytes.length - DIGEST_BYTES);
  const digest = createHash("sha256").update(body).digest();
  if (!digest.equals(bytes.subarray(body.length))) return "its checksum differs";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stateAt = HEADER_AT + view.getUint32(MAGIC.length, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(HEADER_AT, stateAt))) as Header;
  const state = body.subarray(stateAt);
  if (state.length !== header.state_bytes) return "its state is cut short";
  return { dataflow: header.dataflow, offsets: header.offsets, state };
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

async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
