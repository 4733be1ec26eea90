/**
 * One partition on disk: a row of segments. Appends that arrive while a write is under way are
 * gathered, written and synced together (group commit), then answered.
 *
 * Invariants: offsets are given when a group is written, so a group that fails leaves no gap; what
 * is not synced is neither acknowledged nor readable; a segment is synced before the next begins.
 */
import { mkdir, readdir } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { setBaseOffset, type BatchHeader } from "../../wire/batch.ts";
import type { BufferPool } from "../../wire/buffer-pool.ts";
import type { Log } from "../log-line.ts";
import type { ServerSettings } from "../settings.ts";
import { syncDir } from "./files.ts";
import { leaveOutRepeated, type Numbered } from "./new-records.ts";
import { ProducerWindow } from "./producer-window.ts";
import { recoverProducers, recoverTail } from "./recovery.ts";
import { Segment, segmentBase } from "./segment.ts";

export interface PartitionLogOptions {
  readonly dir: string;
  readonly settings: ServerSettings;
  readonly segmentBytesMax: number;
  /** What is read comes in buffers of this pool; giving them back is the reader's choice. */
  readonly buffers: BufferPool;
  readonly log: Log;
  readonly now: () => number;
}

/** Batches that were committed together, as they are on disk. Who keeps buffers says so. */
export interface Commit {
  readonly from: number;
  readonly end: number;
  readonly buffers: readonly Uint8Array[];
  readonly bytes: number;
}

export interface Appended {
  /** The offset of the first record; counted from the last when earlier ones were there before. */
  readonly baseOffset: number;
  /** A listener still refers to the bytes. */
  readonly isKept: boolean;
}

interface Append extends Numbered {
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

/** A topic that is kept for four days is cut into days, however little comes. */
const SEGMENTS_PER_RETENTION = 4;

/** Thrown by reads outside of the log. */
export class OffsetError extends Error {
  readonly code: "OffsetOutOfRange" | "OffsetEvicted";

  constructor(code: OffsetError["code"], message: string) {
    super(message);
    this.name = "OffsetError";
    this.code = code;
  }
}

export class PartitionLog {
  readonly #options: PartitionLogOptions;
  readonly #segments: Segment[] = [];
  readonly #producers = new ProducerWindow();
  readonly #listeners = new Set<(commit: Commit) => boolean>();
  #pending: Append[] = [];
  #flushing: Promise<void> | undefined;
  #syncTimer: NodeJS.Timeout | undefined;
  #end = 0;
  #needsRepair = false;
  /** The last segment has grown old: the next write begins another. */
  #needsRoll = false;
  /** The last write failed, and that was logged. */
  #isFailing = false;
  #closed = false;

  private constructor(options: PartitionLogOptions) {
    this.#options = options;
  }

  /** Opens the log in `dir`, which is created when missing, and cuts off a torn tail. */
  static async open(options: PartitionLogOptions): Promise<PartitionLog> {
    const log = new PartitionLog(options);
    await mkdir(options.dir, { recursive: true });
    const names = await readdir(options.dir);
    const bases = names.map(segmentBase).filter((base) => base !== undefined);
    for (const base of bases.toSorted((a, b) => a - b)) {
      const segment = new Segment(options.dir, base);
      const stat = await (await segment.file()).stat();
      segment.bytes = stat.size;
      segment.firstWriteMs = stat.birthtimeMs;
      segment.lastWriteMs = stat.mtimeMs;
      log.#segments.push(segment);
    }
    if (log.#segments.length === 0) await log.#addSegment(0);
    await recoverProducers(log.#segments, log.#producers);
    log.#end = await recoverTail(log.#active, log.#producers, options);
    return log;
  }

  /** The first offset that is still there. */
  get start(): number {
    return this.#segments[0]?.base ?? 0;
  }

  /** The offset that the next record will get; everything before it is readable. */
  get end(): number {
    return this.#end;
  }

  get bytes(): number {
    let bytes = 0;
    for (const segment of this.#segments) bytes += segment.bytes;
    return bytes;
  }

  /**
   * Appends batches, whose bytes belong to the log until this resolves, which it does once
   * everything is as durable as the settings ask.
   */
  append(bytes: Uint8Array, headers: readonly BatchHeader[]): Promise<Appended> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new Error("the partition is closed"));
        return;
      }
      this.#pending.push({
        bytes,
        headers,
        resolve,
        reject,
        baseOffset: 0,
        isRepeated: false,
        leftOut: 0,
      });
      this.#flushing ??= this.#flush();
    });
  }

  /**
   * Reads whole batches from the one that holds `offset` on, into a buffer of the pool.
   * @returns nothing when `offset` is the end
   * @throws OffsetError outside of the log
   */
  async read(offset: number, bytesMax: number): Promise<Uint8Array> {
    if (offset < this.start) {
      throw new OffsetError("OffsetEvicted", `offset ${offset}; the log begins at ${this.start}`);
    }
    if (offset > this.#end) {
      throw new OffsetError("OffsetOutOfRange", `offset ${offset}; the log ends at ${this.#end}`);
    }
    if (offset === this.#end) return new Uint8Array(0);
    const segment = this.#segments.findLast((candidate) => candidate.base <= offset);
    return segment === undefined
      ? new Uint8Array(0)
      : segment.read(offset, bytesMax, this.#options.buffers);
  }

  /**
   * Calls `listener` after every commit until the returned function is called.
   * @param listener returns true when it keeps the commit's buffers
   */
  onCommit(listener: (commit: Commit) => boolean): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Deletes closed segments that are too old or too many. The last one, and any that is being read
   * from, stay.
   */
  async enforceRetention(limits: {
    readonly retentionMs: number;
    readonly bytesMax: number;
  }): Promise<void> {
    const { now, log, dir } = this.#options;
    this.#closeWhenOld(limits.retentionMs);
    for (;;) {
      const [first] = this.#segments;
      if (first === undefined || this.#segments.length === 1 || first.readers > 0) return;
      const isOld = now() - first.lastWriteMs > limits.retentionMs;
      if (!isOld && this.bytes <= limits.bytesMax) return;
      this.#segments.shift();
      await first.remove();
      log({
        level: "info",
        message: `retention deleted a segment (${isOld ? "age" : "size"})`,
        fields: { dir, base: first.base, bytes: first.bytes, start: this.start },
      });
    }
  }

  /** Ends a segment that fills too slowly for its age to be told by whole segments. */
  #closeWhenOld(retentionMs: number): void {
    const { bytes, firstWriteMs } = this.#active;
    const ageMs = this.#options.now() - firstWriteMs;
    if (this.#closed || bytes === 0 || ageMs < retentionMs / SEGMENTS_PER_RETENTION) return;
    this.#needsRoll = true;
    this.#flushing ??= this.#flush();
  }

  /** Finishes what is under way, then closes the files. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#flushing;
    clearTimeout(this.#syncTimer);
    await this.#syncActive();
    for (const segment of this.#segments) await segment.close();
  }

  get #active(): Segment {
    return this.#segments.at(-1) as Segment;
  }

  async #addSegment(base: number): Promise<void> {
    const segment = new Segment(this.#options.dir, base);
    await segment.create();
    await syncDir(this.#options.dir);
    segment.lastWriteMs = this.#options.now();
    this.#segments.push(segment);
  }

  async #flush(): Promise<void> {
    const { fsyncGroupMs } = this.#options.settings;
    // One turn of the event loop: every produce that has already arrived joins the first group.
    await (fsyncGroupMs > 0 ? delay(fsyncGroupMs) : new Promise(setImmediate));
    while (this.#pending.length > 0 || this.#needsRoll) {
      const group = this.#takeGroup();
      try {
        await this.#writeGroup(group);
      } catch (error) {
        this.#fail(group, error);
      }
    }
    // In the same step as the look at `pending`: an append in between would wait for ever.
    this.#flushing = undefined;
  }

  #takeGroup(): Append[] {
    const { groupBytesMax } = this.#options.settings;
    let bytes = 0;
    let count = 0;
    for (const append of this.#pending) {
      if (count > 0 && bytes + append.bytes.length > groupBytesMax) break;
      bytes += append.bytes.length;
      count += 1;
    }
    return this.#pending.splice(0, count);
  }

  async #writeGroup(group: readonly Append[]): Promise<void> {
    if (this.#needsRepair) await this.#repair();
    if (this.#needsRoll || this.#active.bytes >= this.#options.segmentBytesMax) await this.#roll();
    const segment = this.#active;
    const from = this.#end;
    const end = this.#assign(group, from);
    const buffers = group.filter((append) => !append.isRepeated).map((append) => append.bytes);
    const bytes = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
    let isKept = false;
    if (bytes > 0) {
      await writeAll(await segment.file(), buffers, segment.bytes);
      await this.#sync(segment);
      isKept = this.#commit(segment, group, { from, end, buffers, bytes });
    }
    for (const { resolve, baseOffset, leftOut } of group) {
      resolve({ baseOffset: baseOffset - leftOut, isKept });
    }
  }

  /** Gives every batch its offset; records that are repeated keep those of the first time. */
  #assign(group: readonly Append[], from: number): number {
    let next = from;
    for (const append of group) {
      append.baseOffset = next;
      leaveOutRepeated(append, this.#producers);
      if (append.isRepeated) continue;
      for (const header of append.headers) {
        setBaseOffset(append.bytes, header.at, next);
        this.#producers.add(header, next);
        next += header.recordCount;
      }
    }
    return next;
  }

  async #sync(segment: Segment): Promise<void> {
    if (this.#options.settings.durability === "fsync") {
      await (await segment.file()).datasync();
      return;
    }
    this.#syncTimer ??= setTimeout(() => {
      this.#syncTimer = undefined;
      this.#syncActive().catch((error: unknown) => this.#noteStorageError(error));
    }, this.#options.settings.memorySyncMs);
  }

  async #syncActive(): Promise<void> {
    await (await this.#active.file()).datasync();
  }

  /** @returns whether a listener keeps the buffers */
  #commit(segment: Segment, group: readonly Append[], commit: Commit): boolean {
    let position = segment.bytes;
    for (const append of group) {
      if (append.isRepeated) continue;
      let offset = append.baseOffset;
      for (const header of append.headers) {
        segment.indexBatch(offset, position + header.at);
        offset += header.recordCount;
      }
      position += append.bytes.length;
    }
    const nowMs = this.#options.now();
    if (segment.bytes === 0) segment.firstWriteMs = nowMs;
    segment.bytes = position;
    segment.lastWriteMs = nowMs;
    this.#end = commit.end;
    this.#noteStorageWorks();
    let isKept = false;
    for (const listener of this.#listeners) isKept = listener(commit) || isKept;
    return isKept;
  }

  async #roll(): Promise<void> {
    this.#needsRoll = false;
    await this.#syncActive();
    await this.#addSegment(this.#end);
  }

  #fail(group: readonly Append[], error: unknown): void {
    this.#needsRepair = true;
    // The next look at retention asks again; until then a broken disk is left alone.
    this.#needsRoll = false;
    this.#producers.forgetFrom(this.#end);
    this.#noteStorageError(error);
    // What waited behind it would overtake it when it is sent again.
    for (const append of [...group, ...this.#pending.splice(0)]) append.reject(error);
  }

  /** After a failed write the file's tail is unknown: back to what was committed. */
  async #repair(): Promise<void> {
    const segment = this.#active;
    await segment.close();
    const file = await segment.file();
    await file.truncate(segment.bytes);
    await file.datasync();
    this.#needsRepair = false;
  }

  #noteStorageWorks(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    const { log, dir } = this.#options;
    log({ level: "info", message: "storage works again", fields: { dir, end: this.#end } });
  }

  #noteStorageError(error: unknown): void {
    // Producers try again and again: once per outage is enough.
    if (this.#isFailing) return;
    this.#isFailing = true;
    const { log, dir } = this.#options;
    const reason = error instanceof Error ? error.message : String(error);
    log({ level: "error", message: "could not write to storage", fields: { dir, reason } });
  }
}

type FileOf = Awaited<ReturnType<Segment["file"]>>;

async function writeAll(
  file: FileOf,
  buffers: readonly Uint8Array[],
  position: number,
): Promise<void> {
  let rest = [...buffers];
  let at = position;
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest, at);
    if (bytesWritten === 0) throw new Error("the disk took no bytes");
    at += bytesWritten;
    rest = dropBytes(rest, bytesWritten);
  }
}

function dropBytes(buffers: readonly Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  let index = 0;
  while (index < buffers.length && left >= (buffers[index] as Uint8Array).length) {
    left -= (buffers[index] as Uint8Array).length;
    index += 1;
  }
  const rest = buffers.slice(index);
  if (left > 0) rest[0] = (rest[0] as Uint8Array).subarray(left);
  return rest;
}
