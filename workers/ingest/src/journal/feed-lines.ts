/**
 * Writes stored events for the feed: each line gets `"feed":{"shard":s,"seq":n}` as its last field.
 * Of stored lines the bytes are copied and the closing brace replaced; nothing is parsed.
 */
import { arrivalOf } from "../body/write-line.ts";
import { eachFlatEvent, flatParts } from "./flat-lines.ts";
import type { Batch, RawForm } from "./messages.ts";
import { rawLines } from "./raw-lines.ts";

const NEWLINE = 0x0a;
const DIGIT_0 = 0x30;
/** `}` of the event and "\n" of its line, which the new field is put before. */
const LINE_END_BYTES = 2;
/** Digits of the largest position, 2^40. */
const SEQ_DIGITS_MAX = 13;

const encoder = new TextEncoder();
const suffix = encoder.encode("}}\n");

interface From {
  readonly shard: number;
  /** Positions up to this one are left out. */
  readonly after: number;
}

/** @returns whole lines, ready to be sent */
export function feedLines(batch: Batch, from: From): Uint8Array {
  if (batch.raw === null) return linesOfLines(batch, from);
  const form = JSON.parse(batch.raw) as RawForm;
  return form.flat ? linesOfFlat(batch, form, from) : linesOfRaw(batch, form, from);
}

function linesOfRaw({ firstSeq, body }: Batch, form: RawForm, { shard, after }: From): Uint8Array {
  let text = "";
  for (const [index, line] of rawLines(body, form).entries()) {
    const seq = firstSeq + index;
    if (seq > after) text += `${line.slice(0, -1)},"feed":{"shard":${shard},"seq":${seq}}}\n`;
  }
  return encoder.encode(text);
}

function linesOfFlat(batch: Batch, form: RawForm, from: From): Uint8Array {
  const { firstSeq, count, body } = batch;
  const parts = flatParts(body, count + form.leftOut.length);
  if (parts === undefined) return linesOfBytes(batch, form, from);
  const prefix = `,${arrivalOf(form.topic, form.stamp)},"feed":{"shard":${from.shard},"seq":`;
  let text = "";
  let seq = firstSeq;
  let next = 0;
  for (let index = 0; index + 1 < parts.length; index += 1) {
    if (index === form.leftOut[next]) {
      next += 1;
      continue;
    }
    const part = parts[index + 1] as string;
    if (seq > from.after) text += `{${part.slice(0, part.lastIndexOf("}"))}${prefix}${seq}}}\n`;
    seq += 1;
  }
  return encoder.encode(text);
}

/** The same where braces stand in strings, or events are written over several lines. */
function linesOfBytes(batch: Batch, form: RawForm, { shard, after }: From): Uint8Array {
  const { firstSeq, count, body } = batch;
  const prefix = encoder.encode(
    `,${arrivalOf(form.topic, form.stamp)},"feed":{"shard":${shard},"seq":`,
  );
  const growth = prefix.length + SEQ_DIGITS_MAX + suffix.length;
  const out = new Uint8Array(body.byteLength + count * growth);
  let length = 0;
  let seq = firstSeq;
  let next = 0;
  eachFlatEvent(body, count + form.leftOut.length, (index, start, end) => {
    if (index === form.leftOut[next]) {
      next += 1;
      return;
    }
    if (seq > after) {
      out.set(body.subarray(start, end), length);
      out.set(prefix, length + end - start);
      length = writeDecimal(out, length + end - start + prefix.length, seq);
      out.set(suffix, length);
      length += suffix.length;
    }
    seq += 1;
  });
  return out.subarray(0, length);
}

function linesOfLines({ firstSeq, count, body }: Batch, { shard, after }: From): Uint8Array {
  const prefix = encoder.encode(`,"feed":{"shard":${shard},"seq":`);
  const growth = prefix.length + SEQ_DIGITS_MAX + suffix.length - LINE_END_BYTES;
  const out = new Uint8Array(body.byteLength + count * growth);
  let length = 0;
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
