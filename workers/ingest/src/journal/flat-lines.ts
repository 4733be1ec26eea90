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

const decoder = new TextDecoder();

/** Is told of an event: its bytes from `{` to before `}`, free of line ends. */
type Take = (index: number, start: number, end: number) => void;

/**
 * Goes through the events of a body, in order.
 * @param body `count` flat objects, which were parsed before and are known to be JSON
 */
export function eachFlatEvent(body: Uint8Array, count: number, take: Take): void {
  if (!eachByBraces(body, count, take)) eachByByte(body, take);
}

/**
 * The quick way: looks for braces in the body as text, which is much quicker than going through its
 * bytes. Where every byte is a character, both have the same places.
 */
function eachByBraces(body: Uint8Array, count: number, take: Take): boolean {
  const text = decoder.decode(body);
  if (text.length !== body.length) return false;
  // As many ends as events: then each of them ends an event, and none is in a string.
  const ends = text.split("}");
  if (ends.length !== count + 1) return false;
  ends.pop();
  // A list may be written over several lines.
  if (text.includes("\n") && !ends.every(isOnOneLine)) return false;
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const end = at + (ends[index] as string).length;
    take(index, body.indexOf(OPEN, at), end);
    at = end + 1;
  }
  return true;
}

/** Whether no line ends behind the first brace. */
function isOnOneLine(part: string): boolean {
  return !part.includes("\n", part.indexOf("{"));
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
