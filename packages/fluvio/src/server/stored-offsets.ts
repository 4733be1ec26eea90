/**
 * Offsets that named consumers stored: a journal of JSON lines, synced before the answer, rewritten
 * when it has grown to several times its content.
 */
import { open, readFile, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type {
  ConsumerOffsetFilter,
  ConsumerOffsetKey,
  ConsumerOffsetRow,
} from "../wire/consumer-offsets.ts";
import { replaceFile } from "./log/files.ts";

const JOURNAL_FILE = "consumer-offsets.ndjson";
/** Lines after which a rewrite is considered; it happens when most lines are outdated. */
const REWRITE_LINES_MIN = 10_000;

type JournalLine = ConsumerOffsetRow | (ConsumerOffsetKey & { readonly deleted: true });

export class StoredOffsets {
  readonly #path: string;
  readonly #rowsMax: number;
  readonly #rows = new Map<string, ConsumerOffsetRow>();
  #file: FileHandle;
  #lines = 0;
  #unwritten: string[] = [];
  /** The last write that was started or is waiting, and the one that has not begun yet. */
  #lastWrite: Promise<void> = Promise.resolve();
  #nextWrite: Promise<void> | undefined;

  private constructor(path: string, file: FileHandle, rowsMax: number) {
    this.#path = path;
    this.#file = file;
    this.#rowsMax = rowsMax;
  }

  static async open(dataDir: string, limits: { readonly rowsMax: number }): Promise<StoredOffsets> {
    const path = join(dataDir, JOURNAL_FILE);
    const text = await readFile(path, "utf8").catch(() => "");
    const stored = new StoredOffsets(path, await open(path, "a"), limits.rowsMax);
    for (const line of text.split("\n")) {
      const entry = parseLine(line);
      if (entry !== undefined) stored.#apply(entry);
    }
    // A line that a crash cut short must not swallow the next one.
    if (text !== "") await stored.#rewrite();
    return stored;
  }

  get(key: ConsumerOffsetKey): ConsumerOffsetRow | undefined {
    return this.#rows.get(rowKey(key));
  }

  list(filter: ConsumerOffsetFilter | null): ConsumerOffsetRow[] {
    const { replica, consumerId } = filter ?? { replica: null, consumerId: null };
    return [...this.#rows.values()].filter(
      (row) =>
        (consumerId === null || row.consumerId === consumerId) &&
        (replica === null || (row.topic === replica.topic && row.partition === replica.partition)),
    );
  }

  /** @returns false when no further consumer can be stored */
  async set(row: ConsumerOffsetRow): Promise<boolean> {
    if (!this.#rows.has(rowKey(row)) && this.#rows.size >= this.#rowsMax) return false;
    await this.#write(row);
    return true;
  }

  async delete(key: ConsumerOffsetKey): Promise<void> {
    const { consumerId, topic, partition } = key;
    await this.#write({ consumerId, topic, partition, deleted: true });
  }

  /** Forgets everything about a topic that was deleted. */
  async deleteTopic(topic: string): Promise<void> {
    const rows = [...this.#rows.values()].filter((row) => row.topic === topic);
    for (const row of rows) await this.delete(row);
  }

  async close(): Promise<void> {
    await this.#lastWrite.catch(() => undefined);
    await this.#file.close();
  }

  #apply(line: JournalLine): void {
    this.#lines += 1;
    if ("deleted" in line) this.#rows.delete(rowKey(line));
    else this.#rows.set(rowKey(line), line);
  }

  async #write(line: JournalLine): Promise<void> {
    this.#apply(line);
    this.#unwritten.push(`${JSON.stringify(line)}\n`);
    // Lines that arrive during a write go together with the next one.
    this.#nextWrite ??= this.#afterLastWrite();
    this.#lastWrite = this.#nextWrite;
    await this.#nextWrite;
  }

  async #afterLastWrite(): Promise<void> {
    await this.#lastWrite.catch(() => undefined);
    this.#nextWrite = undefined;
    await this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    const text = this.#unwritten.join("");
    this.#unwritten = [];
    await this.#file.appendFile(text);
    await this.#file.datasync();
    if (this.#lines > REWRITE_LINES_MIN && this.#lines > this.#rows.size * 4) await this.#rewrite();
  }

  async #rewrite(): Promise<void> {
    const lines = [...this.#rows.values()].map((row) => `${JSON.stringify(row)}\n`);
    await this.#file.close();
    await replaceFile(this.#path, lines.join(""));
    this.#file = await open(this.#path, "a");
    this.#lines = lines.length;
  }
}

function rowKey(key: ConsumerOffsetKey): string {
  return `${key.topic}/${key.partition}/${key.consumerId}`;
}

function parseLine(line: string): JournalLine | undefined {
  try {
    return line === "" ? undefined : (JSON.parse(line) as JournalLine);
  } catch {
    return undefined;
  }
}
