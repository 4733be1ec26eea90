/** Where JSON is malformed: the engine's own message, made into a place that a person can find. */

/** Characters shown around the place. */
const CONTEXT_CHARS = 30;

export interface JsonFault {
  /** The engine's words, without the position. */
  readonly reason: string;
  /** The place, where the engine tells it; counted from 1, in characters. */
  readonly line?: number;
  readonly column?: number;
  /** Offset of the place in the body, in UTF-8 bytes. */
  readonly byte?: number;
  /** The text around the place. */
  readonly near?: string;
}

/** Explains what `JSON.parse` threw for a text. */
export function jsonFault(text: string, thrown: unknown): JsonFault {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const reason = message.replace(/ in JSON at position \d+.*$/s, "");
  const offset = offsetOf(text, message);
  if (offset === undefined) return { reason };
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return {
    reason,
    line: before.split("\n").length,
    column: offset - lineStart + 1,
    byte: new TextEncoder().encode(before).byteLength,
    near: text.slice(Math.max(lineStart, offset - CONTEXT_CHARS), offset + CONTEXT_CHARS),
  };
}

function offsetOf(text: string, message: string): number | undefined {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Math.min(Number(position), text.length);
  return /Unexpected end/.test(message) ? text.length : undefined;
}

/** The fault in one sentence. */
export function describeFault(fault: JsonFault): string {
  if (fault.line === undefined) return fault.reason;
  return `${fault.reason} at line ${fault.line}, column ${fault.column} (byte ${fault.byte})`;
}
