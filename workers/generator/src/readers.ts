/**
 * The open streams of one topic's events. A reader that cannot keep up loses events rather than
 * memory: a live stream goes on at now, and the loss is counted.
 */
import type { EventTopic } from "@arenaflow/events";

/** Media type of a stream: one JSON event per line. */
export const NDJSON = "application/x-ndjson; charset=utf-8";

/** Bytes that wait for one reader before events are dropped for it: some 30 s at ordinary rates. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024;

/** A reader that has taken nothing for this long is gone, or as good as gone: it can come back. */
const STALLED_MS_MAX = 30_000;
/** Streams open at one time. Each costs up to the bytes above, and the runtime has 128 MB. */
export const READERS_MAX = 16;

interface Reader {
  readonly topic: EventTopic;
  readonly rate: number;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  /** When it last had room; epoch milliseconds. */
  hadRoomMs: number;
}

export interface ReaderCounts {
  readonly readers: number;
  readonly events_sent: number;
  /** Events that slow readers missed. */
  readonly events_dropped: number;
}

export class Readers {
  readonly #readers = new Set<Reader>();
  readonly #encoder = new TextEncoder();
  #eventsSent = 0;
  #eventsDropped = 0;

  get count(): number {
    return this.#readers.size;
  }

  get counts(): ReaderCounts {
    return {
      readers: this.#readers.size,
      events_sent: this.#eventsSent,
      events_dropped: this.#eventsDropped,
    };
  }

  /** The largest rate that an open stream asks for; `undefined` without streams. */
  get rate(): number | undefined {
    if (this.#readers.size === 0) return undefined;
    return Math.max(...[...this.#readers].map((reader) => reader.rate));
  }

  /** Opens a stream of one topic; the caller has seen that there is room for one more. */
  open(what: { topic: EventTopic; rate: number; nowMs: number }): ReadableStream<Uint8Array> {
    const { topic, rate, nowMs } = what;
    let reader: Reader | undefined;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          reader = { topic, rate, controller, hadRoomMs: nowMs };
          this.#readers.add(reader);
        },
        cancel: () => {
          if (reader !== undefined) this.#readers.delete(reader);
        },
      },
      { highWaterMark: WAITING_BYTES_MAX, size: (chunk) => chunk?.byteLength ?? 0 },
    );
  }

  /** Ends every stream with an error. */
  closeAll(error: unknown): void {
    for (const reader of this.#readers) reader.controller.error(error);
    this.#readers.clear();
  }

  /** Sends events to everyone who reads their topic, each event a line. */
  send(topic: EventTopic, lines: readonly string[], nowMs: number): void {
    if (lines.length === 0) return;
    let bytes: Uint8Array | undefined;
    for (const reader of this.#readers) {
      if (reader.topic !== topic) continue;
      if ((reader.controller.desiredSize ?? 0) <= 0) {
        this.#eventsDropped += lines.length;
        if (nowMs - reader.hadRoomMs > STALLED_MS_MAX) this.#hangUp(reader);
        continue;
      }
      reader.hadRoomMs = nowMs;
      bytes ??= this.#encoder.encode(`${lines.join("\n")}\n`);
      reader.controller.enqueue(bytes);
      this.#eventsSent += lines.length;
    }
  }

  #hangUp(reader: Reader): void {
    this.#readers.delete(reader);
    reader.controller.error(new Error("The reader took nothing for too long; connect again."));
  }
}
