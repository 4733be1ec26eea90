/**
 * The quick way through a body of plain events, which nearly all are: flat objects of documented fields
 * that lack nothing but their arrival. Clients write their events' fields in few orders; for each there
 * is a pattern, and a body that is a list of its matches is valid JSON with valid events in it. Matching
 * makes no objects, and takes a third of the time of parsing.
 *
 * It stops whenever it is not sure, at the first thing out of the ordinary. Then the body is parsed, the
 * events are judged one by one, and the order of the fields that it stopped at may be remembered. A test
 * holds both ways together.
 */
import { LIMITS, type EventTopic } from "@arenaflow/events";

import { INGEST_LIMITS } from "../limits.ts";
import { EventPattern, type Strings, type Style } from "./event-pattern.ts";

/** What is known of a body whose events are all plain. */
export interface PlainBody {
  readonly count: number;
  /** Where the ids begin in the body; they end before the next quote. */
  readonly ids: Uint32Array;
  /** The minutes of the events' times, `2024-11-12T10:00`, which have the journaled form. */
  readonly minutes: readonly string[];
  /** Whether a field is in all events, or in one at least. */
  readonly inAll: (name: string) => boolean;
  readonly inAny: (name: string) => boolean;
}

const [TAB, NEWLINE, RETURN, SPACE] = [0x09, 0x0a, 0x0d, 0x20] as const;
const [COMMA, LIST, LIST_END, QUOTE] = [0x2c, 0x5b, 0x5d, 0x22] as const;
/** Length of `2024-11-12T10:00`. */
const MINUTE_CHARS = 16;
/** Says that it is not sure, in the place of a position. */
const NO = -1;
/** Patterns tried in vain for every event that matched one: above it parsing is quicker. */
const TRIES_PER_EVENT = 2;
/** Nothing is between the tokens at the beginning: then probably nowhere. */
const COMPACT = /^\[?\{"\w+":(?:"[^"]*"|[\w.-]+),"/;

/** The patterns of a topic, those that matched last in front. */
const known: Readonly<Record<EventTopic, EventPattern[]>> = {
  "player-events": [],
  purchases: [],
  "server-metrics": [],
};

/** A body to look through. */
export interface AsciiBody {
  readonly topic: EventTopic;
  readonly bytes: Uint8Array;
  /** The same bytes as characters: each is one. */
  readonly text: string;
  /** Whether the body is NDJSON by its type. */
  readonly lines: boolean;
}

/** @returns the place of the event at which it is no longer sure, when there is one */
export function readPlainBody(body: AsciiBody): PlainBody | number {
  const reader = new Reader(body);
  if (!(body.lines ? reader.lines() : reader.list())) return reader.count;
  const { ids, count, minutes, used } = reader;
  return {
    count,
    ids: ids.subarray(0, count),
    minutes,
    inAll: (name) => used.every(({ names }) => names.includes(name)),
    inAny: (name) => used.some(({ names }) => names.includes(name)),
  };
}

/** Remembers how a client writes an event. */
export function learnPattern(topic: EventTopic, event: unknown): void {
  if (typeof event !== "object" || event === null) return;
  const pattern = EventPattern.like(topic, event);
  if (pattern === undefined) return;
  const patterns = known[topic];
  const name = pattern.names.join();
  if (patterns.some(({ names }) => names.join() === name)) return;
  if (patterns.length >= INGEST_LIMITS.patternsMax) patterns.pop();
  patterns.unshift(pattern);
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #text: string;
  readonly #style: Style;
  readonly #strings: Strings;
  readonly #patterns: EventPattern[];
  /** How often a pattern may still be tried in vain, not counting what matches allow. */
  #tries = INGEST_LIMITS.patternsMax;
  #pattern: EventPattern | undefined;
  #compiled: RegExp | undefined;
  count = 0;
  readonly ids = new Uint32Array(LIMITS.batchEventsMax);
  readonly minutes: string[] = [];
  /** Where the last one of them ends. */
  #minuteEnd = NO;
  readonly used: EventPattern[] = [];

  constructor({ topic, bytes, text, lines }: AsciiBody) {
    this.#bytes = bytes;
    this.#text = text;
    this.#style = COMPACT.test(text) ? "compact" : lines ? "lines" : "spaced";
    this.#strings = hasShortStrings(bytes) ? "short" : "any";
    this.#patterns = known[topic];
  }

  /** `[{…}, {…}]` */
  list(): boolean {
    const text = this.#text;
    let at = skipSpace(text, 0);
    if (text.charCodeAt(at) !== LIST) return false;
    do {
      at = this.#event(skipSpace(text, at + 1));
      if (at < 0) return false;
      at = skipSpace(text, at);
    } while (text.charCodeAt(at) === COMMA);
    return text.charCodeAt(at) === LIST_END && skipSpace(text, at + 1) === text.length;
  }

  /** One event per line. */
  lines(): boolean {
    const text = this.#text;
    for (let at = skipSpace(text, 0); at < text.length;) {
      at = this.#event(at);
      if (at < 0) return false;
      const end = skipSpace(text, at);
      const isEnded = text.charCodeAt(at) === NEWLINE || text.slice(at, end).includes("\n");
      if (end < text.length && !isEnded) return false;
      at = end;
    }
    return this.count > 0;
  }

  /** @returns the position behind the event; a negative one when it is not sure */
  #event(at: number): number {
    if (this.count === LIMITS.batchEventsMax) return NO;
    const groups = this.#match(this.#compiled, at) ?? this.#other(at);
    if (groups === null) return NO;
    const first = at + (groups[1] as string).length;
    const second = first + (groups[2] as string).length;
    const idFirst = this.#pattern?.idFirst === true;
    this.ids[this.count] = idFirst ? first : second;
    this.count += 1;
    this.#noteMinute(idFirst ? second : first);
    return (this.#compiled as RegExp).lastIndex;
  }

  #noteMinute(end: number): void {
    if (this.#minuteEnd !== NO && isSame(this.#bytes, this.#minuteEnd, end)) return;
    this.#minuteEnd = end;
    this.minutes.push(this.#text.slice(end - MINUTE_CHARS, end));
  }

  #match(pattern: RegExp | undefined, at: number): RegExpExecArray | null {
    if (pattern === undefined) return null;
    pattern.lastIndex = at;
    return pattern.exec(this.#text);
  }

  /** Tries the patterns other than the last one. */
  #other(at: number): RegExpExecArray | null {
    for (const [place, pattern] of this.#patterns.entries()) {
      if (pattern === this.#pattern) continue;
      const compiled = pattern.in(this.#style, this.#strings);
      const groups = this.#match(compiled, at);
      if (groups !== null) {
        this.#use(pattern, place);
        this.#compiled = compiled;
        return groups;
      }
      if ((this.#tries -= 1) < -TRIES_PER_EVENT * this.count) return null;
    }
    return null;
  }

  #use(pattern: EventPattern, place: number): void {
    this.#pattern = pattern;
    if (!this.used.includes(pattern)) this.used.push(pattern);
    this.#patterns.splice(place, 1);
    this.#patterns.unshift(pattern);
  }
}

/**
 * Whether no string is longer than an id may be, which is less than a text may be. From one quote it
 * looks as far ahead as the next may be, and from there back to the last one: at few of the bytes.
 */
function hasShortStrings(bytes: Uint8Array): boolean {
  const reach = LIMITS.idCharsMax + 1;
  for (
    let quote = bytes.indexOf(QUOTE), at = quote + reach;
    at < bytes.length;
    at = quote + reach
  ) {
    while (at > quote && bytes[at] !== QUOTE) at -= 1;
    if (at === quote) return false;
    quote = at;
  }
  return true;
}

/** Whether the minutes that end at two positions are the same. */
function isSame(bytes: Uint8Array, one: number, other: number): boolean {
  for (let back = 1; back <= MINUTE_CHARS; back += 1) {
    if (bytes[one - back] !== bytes[other - back]) return false;
  }
  return true;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (let unit = text.charCodeAt(at); unit <= SPACE; unit = text.charCodeAt(at)) {
    if (unit !== SPACE && unit !== NEWLINE && unit !== RETURN && unit !== TAB) break;
    at += 1;
  }
  return at;
}
