/**
 * Writes stored lines for the feed: each gets `"feed":{"shard":s,"seq":n}` as its last field. The
 * line's bytes are copied, its closing brace replaced; nothing is parsed.
 */
import type { Batch } from "./messages.ts";

const NEWLINE = 0x0a;
const DIGIT_0 = 0x30;
/** `}` of the event and "\n" of its line, which the new field is put before. */
const LINE_END_BYTES = 2;
/** Digits of the largest position, 2^40. */
const SEQ_DIGITS_MAX = 13;

const encoder = new TextEncoder();
const suffix = encoder.encode("}}\n");

/**
 * @param after positions up to this one are left out
 * @returns whole lines, ready to be sent
 */
export function feedLines(
  batches: readonly Batch[],
  { shard, after }: { shard: number; after: number },
): Uint8Array {
  const prefix = encoder.encode(`,"feed":{"shard":${shard},"seq":`);
  const growth = prefix.length + SEQ_DIGITS_MAX + suffix.length - LINE_END_BYTES;
  let size = 0;
  for (const { body, count } of batches) size += body.byteLength + count * growth;
  const out = new Uint8Array(size);
  let length = 0;
  for (const { firstSeq, body } of batches) {
    let seq = firstSeq;
    for (let start = 0; start < body.byteLength; seq += 1) {
      const end = body.indexOf(NEWLINE, start) + 1;
      if (seq > after) {
        out.set(body.subarray(start, end - LINE_END_BYTES), length);
        length += end - LINE_END_BYTES - start;
        out.set(prefix, length);
        length = writeDecimal(out, length + prefix.length, seq);
        out.set(suffix, length);
        length += suffix.length;
      }
      start = end;
    }
  }
  return out.subarray(0, length);
}

function writeDecimal(out: Uint8Array, at: number, value: number): number {
  let digits = 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits += 1;
  let rest = value;
  for (let i = at + digits - 1; i >= at; i -= 1) {
    const tens = Math.floor(rest / 10);
    out[i] = DIGIT_0 + (rest - tens * 10);
    rest = tens;
  }
  return at + digits;
}
