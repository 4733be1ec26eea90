/** What is wrong with malformed JSON, and where, in words that lead a person to the place. */
import { faultOffset } from "./json-fault-offset.ts";

/** Characters shown around the place. */
const CONTEXT_CHARS = 30;

export interface JsonFault {
  /** The engine's words. */
  readonly reason: string;
  /** The place, counted from 1, in characters. */
  readonly line: number;
  readonly column: number;
  /** Offset of the place in the text, in UTF-8 bytes. */
  readonly byte: number;
  /** The text around the place. */
  readonly near: string;
}

/** Explains what `JSON.parse` threw for a text. */
export function jsonFault(text: string, thrown: unknown): JsonFault {
  const offset = faultOffset(text);
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return {
    reason: reasonOf(thrown),
    line: before.split("\n").length,
    column: offset - lineStart + 1,
    byte: new TextEncoder().encode(before).byteLength,
    near: text.slice(Math.max(lineStart, offset - CONTEXT_CHARS), offset + CONTEXT_CHARS),
  };
}

/** The engine's message, without its own way of telling the place. */
function reasonOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return message
    .replace(/ in JSON at position \d+.*$/s, "")
    .replace(/, (\.\.\.)?".*is not valid JSON$/s, "");
}

/** The fault in one sentence. */
export function describeFault(fault: JsonFault): string {
  return `${fault.reason} at line ${fault.line}, column ${fault.column} (byte ${fault.byte})`;
}
