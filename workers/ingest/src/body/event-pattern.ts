/**
 * Patterns that match the JSON of one plain event: documented fields in a certain order, each with a
 * valid value. What a pattern matches is valid; what it does not match may be so all the same, written
 * in a way that is rare: with escapes, with an exponent, close to the largest value.
 */
import {
  EVENT_FIELDS,
  LIMITS,
  TIME_FIELD,
  type EventTopic,
  type Field,
  type FieldKind,
} from "@arenaflow/events";

/** How a body is written. */
export type Style = "compact" | "spaced" | "lines";

/** Characters between two tokens: no indentation is wider, and a body of blanks is soon given up. */
const BLANKS_MAX = 64;
/** What may stand between two tokens; on lines of their own, events have no line ends. */
const SPACE: Readonly<Record<Style, string>> = {
  compact: "",
  spaced: `[ \\t\\n\\r]{0,${BLANKS_MAX}}`,
  lines: `[ \\t\\r]{0,${BLANKS_MAX}}`,
};
/** What is known of the strings of a body: none is longer than an id may be, or nothing. */
export type Strings = "short" | "any";

/** A character that stands for itself in a string of JSON. */
const ITSELF = '[^"\\\\\\u0000-\\u001f]';
/** Counting the characters of a string takes longer than matching them. */
const STRINGS: Readonly<Record<Strings, { readonly id: string; readonly text: string }>> = {
  short: { id: `"${ITSELF}+"`, text: `"${ITSELF}*"` },
  any: {
    id: `"${ITSELF}{1,${LIMITS.idCharsMax}}"`,
    text: `"${ITSELF}{0,${LIMITS.textCharsMax}}"`,
  },
};
/** Digits that a number can have, in front of its point and behind it, and be read exactly enough. */
const DIGITS_MAX = 15;
/** The field without which an event is not complete as it came. */
const ID = "event_id";

/** A time in the journaled form is `2024-11-12T10:00`, then `:00.000Z`. 29 February is left out. */
const DAY = [
  "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])",
  "(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)",
  "02-(?:0[1-9]|1[0-9]|2[0-8])",
].join("|");
const MINUTE = `[0-9][0-9][0-9][0-9]-(?:${DAY})T(?:[01][0-9]|2[0-3]):[0-5][0-9]`;
const REST_OF_TIME = ":[0-5][0-9]\\.[0-9][0-9][0-9]Z";

/**
 * An event's fields in the order in which a client writes them. A match has two groups, and each begins
 * where the one before ends: the first ends where the id begins and the second where the minute of the
 * time ends; the other way round when the time comes first.
 */
export class EventPattern {
  readonly topic: EventTopic;
  readonly names: readonly string[];
  readonly idFirst: boolean;
  readonly #compiled: Partial<Record<`${Style} ${Strings}`, RegExp>> = {};

  private constructor(topic: EventTopic, names: readonly string[]) {
    this.topic = topic;
    this.names = names;
    this.idFirst = names.indexOf(ID) < names.indexOf(TIME_FIELD[topic]);
  }

  /** The pattern of events like one, or `undefined` when none could be plain and complete. */
  static like(topic: EventTopic, event: object): EventPattern | undefined {
    const names = Object.keys(event);
    const fields = EVENT_FIELDS[topic];
    const isNeeded = ({ name, required }: Field) => required || name === ID;
    if (!fields.filter(isNeeded).every(({ name }) => names.includes(name))) return undefined;
    if (!names.every((name) => fields.some((field) => field.name === name))) return undefined;
    return new EventPattern(topic, names);
  }

  /** To be used with `lastIndex`. */
  in(style: Style, strings: Strings): RegExp {
    return (this.#compiled[`${style} ${strings}`] ??= this.#compile(style, strings));
  }

  #compile(style: Style, strings: Strings): RegExp {
    const space = SPACE[style];
    const { id, text } = STRINGS[strings];
    const kinds = new Map(EVENT_FIELDS[this.topic].map(({ name, kind }) => [name, kind]));
    const members = this.names.map((name) => {
      const value = name === ID ? ID_MARK : patternOf(kinds.get(name) as FieldKind, { id, text });
      return `"${name}"${space}:${space}${value}`;
    });
    const source = `\\{${space}${members.join(`${space},${space}`)}${space}\\}`;
    return new RegExp(
      this.idFirst
        ? `(${source.replace(ID_MARK, `")(${id.slice(1)}`).replace(TIME_MARK, `"${MINUTE})${REST_OF_TIME}"`)}`
        : `(${source.replace(TIME_MARK, `"${MINUTE})(${REST_OF_TIME}"`).replace(ID_MARK, `")${id.slice(1)}`)}`,
      "y",
    );
  }
}

/** Stand in the place of the two values that groups end at. */
const [ID_MARK, TIME_MARK] = ["<id>", "<time>"] as const;

function patternOf(kind: FieldKind, { id, text }: { id: string; text: string }): string {
  switch (kind.type) {
    case "id":
      return id;
    case "text":
      return text;
    case "time":
      return TIME_MARK;
    case "number":
      return kind.min === undefined ? `-?${decimal(DIGITS_MAX)}` : decimal(digitsBelow(kind.max));
    case "integer":
      return whole(digitsBelow(kind.max));
    case "enum":
      return `"(?:${kind.values.join("|")})"`;
    case "pattern":
      return `"(?:${kind.regex.source.replaceAll(/^\^|\$$/g, "")})"`;
  }
}

/** Digits of which all numbers are less than a largest value. */
function digitsBelow(max = Infinity): number {
  return Math.min(String(max).length - 1, DIGITS_MAX);
}

function whole(digits: number): string {
  return `(?:0|[1-9][0-9]{0,${digits - 1}})`;
}

function decimal(digits: number): string {
  return `${whole(digits)}(?:\\.[0-9]{1,${DIGITS_MAX}})?`;
}
