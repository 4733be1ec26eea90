/**
 * The order of an engine's work since its last checkpoint, on disk: which records it took, when its
 * clock stood where. An engine that is given the same turns again makes the same outputs, byte for
 * byte; so after a crash it is clear which of them the topics have already.
 *
 * No output leaves before the turns that made it are on disk. Files are named by rising numbers, a
 * run of the dataflow begins one of its own, and a checkpoint names a place in one; what follows
 * there, and in the files after it, is what has to be done again.
 *
 * File: turns of 28 bytes, little-endian: u16 kind, u16 source, u32 partition, f64 processing time,
 * f64 the next offset, u32 CRC-32 of these. What follows a turn that is cut or damaged was never
 * acted upon.
 */
import { type FileHandle, open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { syncDirectory } from "./sync-directory.ts";

const TURN_BYTES = 28;
const CRC_AT = 24;
/** A checkpoint begins another file when this one has grown longer. */
const FILE_BYTES_MAX = 4 * 1024 * 1024;
const NAME = /^turns-(\d{12})$/;
const KINDS = ["process", "tick", "declare", "resume"] as const;

export interface Turn {
  /**
   * `process`: the records of a partition up to `next`; `tick`: time passed; `declare`: the engine
   * learnt of a partition or channel; `resume`: a new run began.
   */
  readonly kind: (typeof KINDS)[number];
  readonly nowMs: number;
  readonly source: number;
  readonly partition: number;
  /** The offset behind the last record. */
  readonly next: number;
}

/** A place in the log: a file's number, and bytes in it. */
export interface TurnPosition {
  readonly file: number;
  readonly at: number;
}

interface WaitingTurn {
  readonly handle: FileHandle;
  readonly at: number;
  readonly bytes: Uint8Array;
}

export class TurnLog {
  readonly #dir: string;
  #file: number;
  #handle: FileHandle;
  /** Turns not written yet, each with its place. */
  #waiting: WaitingTurn[] = [];
  #at = 0;
  #appended = 0;
  #synced = 0;
  #syncing: Promise<void> | undefined;
  #finished: FileHandle[] = [];

  private constructor(dir: string, file: number, handle: FileHandle) {
    this.#dir = dir;
    this.#file = file;
    this.#handle = handle;
  }

  /** Begins a file behind all others. */
  static async open(dir: string): Promise<TurnLog> {
    const [newest = 0] = await listFiles(dir);
    const file = newest + 1;
    return new TurnLog(dir, file, await create(dir, file));
  }

  /** Where the next turn will be. */
  get position(): TurnPosition {
    return { file: this.#file, at: this.#at };
  }

  append({ kind, nowMs, source, partition, next }: Turn): void {
    const bytes = new Uint8Array(TURN_BYTES);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, KINDS.indexOf(kind), true);
    view.setUint16(2, source, true);
    view.setUint32(4, partition, true);
    view.setFloat64(8, nowMs, true);
    view.setFloat64(16, next, true);
    view.setUint32(CRC_AT, crc32(bytes.subarray(0, CRC_AT)), true);
    this.#waiting.push({ handle: this.#handle, at: this.#at, bytes });
    this.#at += TURN_BYTES;
    this.#appended += 1;
  }

  /** Resolves when every turn appended before this call is on disk. */
  async synced(): Promise<void> {
    const mark = this.#appended;
    while (this.#synced < mark) {
      this.#syncing ??= this.#sync().finally(() => {
        this.#syncing = undefined;
      });
      await this.#syncing;
    }
  }

  async #sync(): Promise<void> {
    const taken = this.#waiting;
    const mark = this.#appended;
    const finished = this.#finished;
    this.#waiting = [];
    this.#finished = [];
    let done = 0;
    try {
      for (const [handle, turns] of Map.groupBy(taken, (turn) => turn.handle)) {
        const bytes = Buffer.concat(turns.map((turn) => turn.bytes));
        await writeAll(handle, bytes, turns[0]?.at ?? 0);
        await handle.datasync();
        done += turns.length;
      }
    } catch (cause) {
      // What was written in part is written again at its place.
      this.#waiting = [...taken.slice(done), ...this.#waiting];
      this.#finished = [...finished, ...this.#finished];
      throw cause;
    }
    for (const handle of finished) await handle.close();
    this.#synced = mark;
  }

  /** Begins another file when this one is long. Call it where a checkpoint's state is taken. */
  async turnOver(): Promise<void> {
    if (this.#at < FILE_BYTES_MAX) return;
    const file = this.#file + 1;
    const handle = await create(this.#dir, file);
    this.#finished.push(this.#handle);
    this.#handle = handle;
    this.#file = file;
    this.#at = 0;
  }

  /** Removes files that no checkpoint needs any more. */
  async removeBefore(file: number): Promise<void> {
    for (const old of await listFiles(this.#dir)) {
      if (old < file) await rm(join(this.#dir, nameOf(old)), { force: true });
    }
  }

  async close(): Promise<void> {
    await this.synced().catch(() => {});
    for (const handle of [...this.#finished, this.#handle]) await handle.close();
  }
}

async function create(dir: string, file: number): Promise<FileHandle> {
  const handle = await open(join(dir, nameOf(file)), "wx");
  await syncDirectory(dir);
  return handle;
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  }
}

/** The turns from a place on, up to the last that is whole. */
export async function readTurns(dir: string, from: TurnPosition): Promise<Turn[]> {
  const turns: Turn[] = [];
  const files = await listFiles(dir);
  for (const file of files.toReversed().filter((each) => each >= from.file)) {
    const bytes = await readFile(join(dir, nameOf(file)));
    for (let at = file === from.file ? from.at : 0; ; at += TURN_BYTES) {
      const turn = readTurn(bytes, at);
      if (turn === undefined) break;
      turns.push(turn);
    }
  }
  return turns;
}

function readTurn(bytes: Uint8Array, at: number): Turn | undefined {
  if (at + TURN_BYTES > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, TURN_BYTES);
  if (crc32(bytes.subarray(at, at + CRC_AT)) !== view.getUint32(CRC_AT, true)) return undefined;
  const kind = KINDS[view.getUint16(0, true)];
  if (kind === undefined) return undefined;
  return {
    kind,
    source: view.getUint16(2, true),
    partition: view.getUint32(4, true),
    nowMs: view.getFloat64(8, true),
    next: view.getFloat64(16, true),
  };
}

/** Numbers of the files, the newest first. */
async function listFiles(dir: string): Promise<number[]> {
  const names = await readdir(dir);
  const files = names.flatMap((name) => {
    const match = NAME.exec(name);
    return match === null ? [] : [Number(match[1])];
  });
  return files.toSorted((a, b) => b - a);
}

function nameOf(file: number): string {
  return `turns-${String(file).padStart(12, "0")}`;
}
