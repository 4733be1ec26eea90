/** What a person sees while events are made: one quiet line on a terminal, nothing elsewhere. */

/** A line written over and over in place of the last one. */
const ERASE_LINE = "\r\u001B[2K";
const REFRESH_MS = 500;

export class Progress {
  readonly #out = process.stderr;
  readonly #describe: () => string;
  readonly #timer: NodeJS.Timeout | undefined;
  #shown = false;

  /** @param describe the line as it is now */
  constructor(describe: () => string) {
    this.#describe = describe;
    if (!this.#out.isTTY) return;
    this.#timer = setInterval(() => this.#show(), REFRESH_MS);
    this.#timer.unref();
  }

  /** Removes the line. */
  close(): void {
    clearInterval(this.#timer);
    if (this.#shown) this.#out.write(ERASE_LINE);
    this.#shown = false;
  }

  #show(): void {
    const width = Math.max(20, (this.#out.columns || 80) - 1);
    this.#out.write(`${ERASE_LINE}${this.#describe().slice(0, width)}`);
    this.#shown = true;
  }
}

/** `12,345` */
export function countText(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

/** `18:00:05`: where the world's clock stands. */
export function clockText(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}

/** Rows as columns of equal width, numbers to the right. */
export function tableText(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const align = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(align).join("  ").trimEnd()).join("\n");
}
