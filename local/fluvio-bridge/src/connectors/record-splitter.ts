/**
 * Cuts a byte stream into records at a delimiter. An empty piece between two delimiters is an empty
 * record; what follows the last delimiter never becomes one. Both as http-source does it.
 *
 * A piece longer than `recordBytesMax` is left out and counted: without an end, a server that never
 * sends the delimiter would fill the memory.
 */
export class RecordSplitter {
  readonly #delimiter: Buffer;
  readonly #recordBytesMax: number;
  #pending: Buffer = Buffer.alloc(0);
  #discarding = false;
  #tooLong = 0;

  constructor(options: { delimiter: string; recordBytesMax: number }) {
    this.#delimiter = Buffer.from(options.delimiter, "utf8");
    this.#recordBytesMax = options.recordBytesMax;
  }

  /** Pieces left out because they were too long. */
  get tooLong(): number {
    return this.#tooLong;
  }

  /** Takes the next bytes; gives the records they complete. */
  push(chunk: Uint8Array): Uint8Array[] {
    const resumeAt = Math.max(0, this.#pending.length - this.#delimiter.length + 1);
    const bytes =
      this.#pending.length === 0 ? viewOf(chunk) : Buffer.concat([this.#pending, chunk]);
    const records: Uint8Array[] = [];
    let begin = 0;
    let end = bytes.indexOf(this.#delimiter, resumeAt);
    while (end !== -1) {
      this.#take(bytes.subarray(begin, end), records);
      begin = end + this.#delimiter.length;
      end = bytes.indexOf(this.#delimiter, begin);
    }
    this.#keep(bytes.subarray(begin));
    return records;
  }

  #take(record: Buffer, records: Uint8Array[]): void {
    const whole = !this.#discarding && record.length <= this.#recordBytesMax;
    this.#discarding = false;
    if (whole) records.push(record);
    else this.#tooLong += 1;
  }

  /** Keeps the unfinished end; of one that is already too long only what may begin a delimiter. */
  #keep(rest: Buffer): void {
    if (rest.length > this.#recordBytesMax) this.#discarding = true;
    this.#pending = this.#discarding
      ? rest.subarray(Math.max(0, rest.length - this.#delimiter.length + 1))
      : rest;
  }
}

function viewOf(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
