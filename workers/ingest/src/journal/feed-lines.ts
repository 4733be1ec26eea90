/**
 * Writes stored events for the feed: each line gets `"feed":{"shard":s,"seq":n}` as its last field.
 * Of stored lines the bytes are copied and the closing brace replaced; nothing is parsed.
 */
import { arrivalOf } from "../body/write-line.ts";
import { eachFlatEvent } from "./flat-lines.ts";
import type { Batch, RawForm } from "./messages.ts";
import { rawLines } from "./raw-lines.ts";

const NEWLINE = 0x0a;
const [DIGIT_0, DIGIT_9] = [0x30, 0x39] as const;
/** `}` of the event and "\n" of its line, which the new field is put before. */
const LINE_END_BYTES = 2;
/** What follows the position. */
const SUFFIX = "}}\n";

const encoder = new TextEncoder();

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
  const writer = new LineWriter(batch, `,${arrivalOf(form.topic, form.stamp)}`, from);
  let next = 0;
  eachFlatEvent(writer.body, batch.count + form.leftOut.length, (index, start, end) => {
    if (index === form.leftOut[next]) next += 1;
    else writer.take(start, end);
  });
  return writer.lines();
}

function linesOfLines(batch: Batch, from: From): Uint8Array {
  const writer = new LineWriter(batch, "", from);
  const { body } = writer;
  for (let start = 0; start < body.byteLength;) {
    const end = body.indexOf(NEWLINE, start) + 1;
    writer.take(start, end - LINE_END_BYTES);
    start = end;
  }
  return writer.lines();
}

/**
 * Writes the lines of a batch in place: its body stands at the end of the buffer, and the lines grow from
 * the beginning towards it. As there is room for the end of each line, they never reach what is still to
 * be read.
 */
class LineWriter {
  /** To be read from; in order, and no earlier than what was taken last. */
  readonly body: Uint8Array;
  readonly #out: Uint8Array;
  readonly #bodyAt: number;
  readonly #after: number;
  /** All of a line's end but the position. */
  readonly #prefix: string;
  /** The end of the next line. */
  #end: Uint8Array;
  #seq: number;
  #length = 0;

  /** @param added members that each event gets, each behind a comma */
  constructor({ firstSeq, count, body }: Batch, added: string, { shard, after }: From) {
    this.#prefix = `${added},"feed":{"shard":${shard},"seq":`;
    this.#seq = firstSeq;
    this.#after = after;
    this.#end = this.#endOf(firstSeq + count);
    this.#bodyAt = count * this.#end.byteLength;
    this.#out = new Uint8Array(this.#bodyAt + body.byteLength);
    this.body = this.#out.subarray(this.#bodyAt);
    this.body.set(body);
    this.#end = this.#endOf(firstSeq);
  }

  /** Takes the next event, which stands in the body up to its closing brace. */
  take(start: number, end: number): void {
    if (this.#seq > this.#after) {
      this.#out.copyWithin(this.#length, this.#bodyAt + start, this.#bodyAt + end);
      this.#length += end - start;
      this.#out.set(this.#end, this.#length);
      this.#length += this.#end.byteLength;
    }
    this.#seq += 1;
    this.#countOn();
  }

  lines(): Uint8Array {
    return this.#out.subarray(0, this.#length);
  }

  #endOf(seq: number): Uint8Array {
    return encoder.encode(`${this.#prefix}${seq}${SUFFIX}`);
  }

  /** Adds one to the digits of the position, where they stand: writing them anew takes longer. */
  #countOn(): void {
    const end = this.#end;
    let at = end.byteLength - SUFFIX.length - 1;
    for (; end[at] === DIGIT_9; at -= 1) end[at] = DIGIT_0;
    const digit = end[at] as number;
    if (digit >= DIGIT_0 && digit < DIGIT_9) end[at] = digit + 1;
    else this.#end = this.#endOf(this.#seq);
  }
}
