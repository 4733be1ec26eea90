/** One line of the runner's log. Whoever starts the runner decides where lines go. */
export interface LogLine {
  readonly level: "error" | "warn" | "info" | "debug";
  readonly message: string;
  readonly dataflow?: string;
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: number;
}

export type Log = (line: LogLine) => void;
