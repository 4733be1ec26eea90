/** One line of the server's log: what happened, in words, with the facts beside it. */
export interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Readonly<Record<string, string | number>>;
}

export type Log = (line: LogLine) => void;
