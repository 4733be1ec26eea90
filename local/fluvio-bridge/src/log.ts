/** One log line's way: made anywhere, printed by the process that runs the part. */

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogLine {
  readonly level: LogLevel;
  /** The part that speaks, e.g. `live-level-activity`. */
  readonly scope: string;
  readonly message: string;
}

export type Log = (line: LogLine) => void;

const LINE = /^(debug|info|warn|error) ([^\s:]+): (.*)$/;

/** Writes a line so that `parseLogLine` reads it back; further lines of the message are indented. */
export function formatLogLine(line: LogLine): string {
  const message = line.message.trimEnd().replaceAll("\n", "\n  ");
  return `${line.level} ${line.scope}: ${message}`;
}

/** Reads a line written by `formatLogLine`; any other text keeps the given level and scope. */
export function parseLogLine(text: string, otherwise: { level: LogLevel; scope: string }): LogLine {
  const match = LINE.exec(text);
  if (match === null) return { ...otherwise, message: text };
  const [, level, scope, message] = match;
  return { level: level as LogLevel, scope: scope ?? otherwise.scope, message: message ?? "" };
}

/** A message with the facts beside it, for those who log them apart. */
export function withFields(
  message: string,
  fields: Readonly<Record<string, unknown>> | undefined,
): string {
  const facts = Object.entries(fields ?? {}).map(([name, value]) => `${name} ${String(value)}`);
  return facts.length === 0 ? message : `${message} (${facts.join(", ")})`;
}

/** The message of anything thrown, with the messages of its causes. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.message === "" ? error.name : error.message;
  const cause = error.cause;
  if (cause === undefined || !(cause instanceof Error)) return text;
  const because = describeError(cause);
  return text.includes(because) ? text : `${text}: ${because}`;
}
