/**
 * What carbon's plaintext port makes of a line: `name value time`, split at white space. A line it
 * cannot use it drops without a word to the sender, and some lines cost the whole connection.
 */

/** carbon (Twisted's line receiver) closes the connection at a longer line; with its end of line. */
const LINE_BYTES_MAX = 16_384;
/** File names on Linux end at 255 bytes; whisper adds `.wsp` to each part of a name. */
const NAME_PART_BYTES_MAX = 250;
/** As Python's float() reads it. */
const NUMBER = /^[+-]?(\d(_?\d)*(\.(\d(_?\d)*)?)?|\.\d(_?\d)*)(e[+-]?\d(_?\d)*)?$/i;
const INFINITY = /^[+-]?inf(inity)?$/i;

/** @returns why carbon would not store this line, or `undefined` when it would */
export function lineFault(line: string): string | undefined {
  if (Buffer.byteLength(line) >= LINE_BYTES_MAX) {
    return `longer than ${LINE_BYTES_MAX - 1} bytes: carbon would close the connection`;
  }
  const fields = line.trim().split(/\s+/);
  const [name = "", value = "", time = ""] = fields;
  if (fields.length !== 3) return "not of the form `name value time`";
  if (!NUMBER.test(value) && !INFINITY.test(value)) return `the value ${value} is not a number`;
  if (!NUMBER.test(time)) return `the time ${time} is not a number`;
  const untagged = name.split(";", 1)[0] ?? "";
  if (untagged.split(".").some((part) => Buffer.byteLength(part) > NAME_PART_BYTES_MAX)) {
    return `a part of the name is longer than ${NAME_PART_BYTES_MAX} bytes`;
  }
  return undefined;
}

/** The time that a line carries, in epoch seconds; `undefined` for "now". */
export function lineTime(line: string): number | undefined {
  const time = Number(line.slice(line.lastIndexOf(" ") + 1));
  return time > 0 ? time : undefined;
}
