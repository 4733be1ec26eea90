/**
 * Finds the events in a body of flat objects, without parsing it: `[{…}, {…}]` or one object per line,
 * no object or list within them. What stands between braces is an event; braces in strings are not.
 */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
/** Last of the control characters: in JSON they stand outside of strings only, as white space. */
const CONTROL_MAX = 0x1f;
const SPACE = 0x20;
const NEWLINE = 0x0a;

/** Is told of an event: its bytes from `{` to before `}`, free of line ends. */
type Take = (index: number, start: number, end: number) => void;

/**
 * Goes through the events of a body, in order.
 * @param body `count` flat objects, which were parsed before and are known to be JSON
 */
export function eachFlatEvent(body: Uint8Array, count: number, take: Take): void {
  if (!eachByBraces(body, count, take)) eachByByte(body, take);
}

/** The quick way: braces that are as many as events are those of the events, none is in a string. */
function eachByBraces(body: Uint8Array, count: number, take: Take): boolean {
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  if (!findAll(body, OPEN, starts) || !findAll(body, CLOSE, ends)) return false;
  for (let index = 0; index < count; index += 1) {
    // A list may be written over several lines.
    const lineEnd = body.indexOf(NEWLINE, starts[index]);
    if (lineEnd < 0) break;
    if (lineEnd < (ends[index] as number)) return false;
    if (lineEnd > (ends[count - 1] as number)) break;
  }
  for (let index = 0; index < count; index += 1) {
    take(index, starts[index] as number, ends[index] as number);
  }
  return true;
}

/** Finds all places of a byte; false when they are not as many as expected. */
function findAll(body: Uint8Array, byte: number, places: Uint32Array): boolean {
  let found = 0;
  for (let at = body.indexOf(byte); at >= 0; at = body.indexOf(byte, at + 1)) {
    if (found === places.length) return false;
    places[found] = at;
    found += 1;
  }
  return found === places.length;
}

function eachByByte(body: Uint8Array, take: Take): void {
  let index = 0;
  let start = 0;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at] as number;
    if (byte === QUOTE) {
      at = endOfString(body, at + 1);
    } else if (byte === CLOSE) {
      take(index, start, at);
      index += 1;
    } else if (byte === OPEN) {
      start = at;
    } else if (byte <= CONTROL_MAX) {
      body[at] = SPACE;
    }
  }
}

/** Where the closing quote of a string is. */
function endOfString(body: Uint8Array, from: number): number {
  let at = from;
  for (let byte = body[at]; byte !== QUOTE; byte = body[at]) at += byte === BACKSLASH ? 2 : 1;
  return at;
}

const decoder = new TextDecoder();

/**
 * Splits a body at its opening braces, which is much quicker than going through its bytes.
 * @param body as for `eachFlatEvent`
 * @returns what stands before the first event, then each event from behind its `{` to the next one;
 * `undefined` when it is not that simple: a brace in a string, a line end within an event
 */
export function flatParts(body: Uint8Array, count: number): readonly string[] | undefined {
  const text = decoder.decode(body);
  // As many braces as events: then each of them opens an event, and none is in a string.
  const parts = text.split("{");
  if (parts.length !== count + 1) return undefined;
  if (!text.includes("\n")) return parts;
  const isWhole = (part: string) => {
    const lineEnd = part.indexOf("\n");
    return lineEnd < 0 || lineEnd > part.lastIndexOf("}");
  };
  return parts.slice(1).every(isWhole) ? parts : undefined;
}
