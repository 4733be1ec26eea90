/** A log file with a bounded size: when it is full it becomes `<name>.1.log`, and a new one begins. */
import { createWriteStream, mkdirSync, renameSync, statSync, type WriteStream } from "node:fs";
import { dirname } from "node:path";

/** Two files of this size per child at most. */
const LOG_BYTES_MAX = 5 * 1024 * 1024;

export class LogFile {
  readonly #path: string;
  readonly #bytesMax: number;
  #stream: WriteStream | undefined;
  #bytes = 0;

  constructor(path: string, bytesMax: number = LOG_BYTES_MAX) {
    this.#path = path;
    this.#bytesMax = bytesMax;
    mkdirSync(dirname(path), { recursive: true });
    this.#open();
  }

  get path(): string {
    return this.#path;
  }

  /** Appends one line. */
  write(line: string): void {
    const text = `${line}\n`;
    this.#bytes += Buffer.byteLength(text);
    if (this.#bytes > this.#bytesMax) {
      this.#rotate();
      this.#bytes = Buffer.byteLength(text);
    }
    this.#stream?.write(text);
  }

  /** Waits until everything is written. */
  close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream === undefined) resolve();
    else stream.end(() => resolve());
    return promise;
  }

  #open(): void {
    this.#bytes = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    this.#stream = createWriteStream(this.#path, { flags: "a" });
    // A full disk must not end the stack; the line is lost, the data's own writes will complain.
    this.#stream.on("error", () => undefined);
  }

  #rotate(): void {
    this.#stream?.end();
    renameSync(this.#path, this.#path.replace(/\.log$/, ".1.log"));
    this.#open();
  }
}
