/** The events of a body, which are parsed only where they have to be. */
import type { EventTopic } from "@arenaflow/events";

import { INGEST_LIMITS } from "../limits.ts";
import { isNdjson, parseEvents } from "./parse-events.ts";
import { learnPattern, readPlainBody, type PlainBody } from "./plain-body.ts";
import { decodeBody } from "./read-body.ts";

export class EventsBody {
  readonly bytes: Uint8Array;
  /** Whether the body is NDJSON by its type. */
  readonly lines: boolean;
  /** Set when all events are plain; then they are not parsed yet. */
  readonly plain: PlainBody | undefined;
  readonly #text: string;
  readonly #type: string | null;
  #items: readonly unknown[] | undefined;

  /**
   * @param topic the topic of all events; absent when they are to be parsed in any case
   * @throws Problem when the body as a whole cannot be taken apart
   */
  constructor(
    bytes: Uint8Array,
    { type, topic }: { type: string | null; topic: EventTopic | undefined },
  ) {
    this.bytes = bytes;
    this.lines = isNdjson(type);
    this.#type = type;
    this.#text = decodeBody(bytes);
    const text = this.#text;
    // Where every byte is a character, what is found in the text need not be looked for in the bytes.
    const isAscii = text.length === bytes.byteLength;
    if (topic === undefined || !isAscii || text.length < INGEST_LIMITS.plainBytesMin) {
      this.#items = parseEvents(text, type);
      return;
    }
    const plain = readPlainBody({ topic, bytes, text, lines: this.lines });
    if (typeof plain === "number") {
      this.#items = parseEvents(text, type);
      learnPattern(topic, this.#items[plain]);
    } else {
      this.plain = plain;
    }
  }

  get count(): number {
    return this.plain?.count ?? this.items.length;
  }

  /** The events, parsed. */
  get items(): readonly unknown[] {
    return (this.#items ??= parseEvents(this.#text, this.#type));
  }
}
