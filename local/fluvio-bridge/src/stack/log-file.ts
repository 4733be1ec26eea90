/** A log file with a bounded size: when it is full it becomes `<name>.1.log`, and a new one begins. */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Two files of this size per child at most. */
const LOG_BYTES_MAX = 5 * 1024 * 1024;

export class LogFile {
  readonly #path: string;
  readonly #bytesMax: number;
  #file: number | undefined;
  #bytes = 0;

  constructor(path: string, bytesMax: number = LOG_BYTES_MAX) {
    this.#path = path;
    this.#bytesMax = bytesMax;
    mkdirSync(dirname(path), { recursive: true });
    this.#open();
  }

  /** Appends one line. After `close` it is lost. */
  write(line: string): void {
    if (this.#file === undefined) return;
    const bytes = Buffer.from(`${line}\n`);
    try {
      if (this.#bytes + bytes.length > this.#bytesMax) this.#rotate();
      this.#bytes += writeSync(this.#file, bytes);
    } catch {
      // A full disk must not end the stack; the data's own writes will complain.
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #open(): void {
    this.#file = openSync(this.#path, "a");
    this.#bytes = fstatSync(this.#file).size;
  }

  #rotate(): void {
    this.close();
    renameSync(this.#path, this.#path.replace(/\.log$/, ".1.log"));
    this.#open();
  }
}
