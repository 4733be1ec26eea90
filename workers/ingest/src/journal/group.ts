/** What one commit of a Journal writes: the parcels of requests that came within a few milliseconds. */
import type { EventTopic } from "@arenaflow/events";

import { INGEST_LIMITS } from "../limits.ts";
import { joinBodies } from "./lines.ts";
import type { Parcel, Rejection } from "./messages.ts";

/** Events that become one row. */
export interface NewRow {
  readonly topic: EventTopic;
  readonly title: string;
  readonly receivedMs: number;
  readonly count: number;
  readonly body: Uint8Array;
  /** JSON of a `RawForm`; null when the body is lines. */
  readonly raw: string | null;
}

interface Entry {
  readonly parcel: Parcel;
  readonly title: string;
  readonly receivedMs: number;
}

/** Lines of one title and topic that are joined into a row. */
interface OpenRow {
  readonly topic: EventTopic;
  readonly title: string;
  readonly receivedMs: number;
  readonly bodies: Uint8Array[];
  bytes: number;
  count: number;
}

export class Group {
  readonly #entries: Entry[] = [];
  readonly rejections: Rejection[] = [];
  readonly answers: { readonly token: string; readonly duplicates: number }[] = [];
  /** Of the parcels. */
  bytes = 0;
  readonly done: Promise<void>;
  /** Begins the commit now. */
  readonly start: () => void;

  /**
   * @param waitMs how long others may join
   * @param commit writes the group; called once, then or at `start`
   */
  constructor(waitMs: number, commit: (group: Group) => Promise<void>) {
    const started = Promise.withResolvers<void>();
    const timer = setTimeout(started.resolve, waitMs);
    this.start = started.resolve;
    this.done = started.promise.then(() => {
      clearTimeout(timer);
      return commit(this);
    });
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
    this.bytes += entry.parcel.body.byteLength;
    if (this.bytes >= INGEST_LIMITS.groupCommitBytes) this.start();
  }

  /**
   * The rows to be written, those of one title and topic in the order of their coming. Lines are joined
   * into as few rows as fit; bodies as they came have their own.
   */
  rows(): readonly NewRow[] {
    const rows: NewRow[] = [];
    const open = new Map<string, OpenRow>();
    const close = (lane: string) => {
      const row = open.get(lane);
      if (row === undefined) return;
      open.delete(lane);
      const { topic, title, receivedMs, count, bodies } = row;
      rows.push({ topic, title, receivedMs, count, body: joinBodies(bodies), raw: null });
    };
    for (const { parcel, title, receivedMs } of this.#entries) {
      const { topic, count, body, raw } = parcel;
      const lane = `${topic}/${title}`;
      const opened = open.get(lane);
      if (raw !== undefined) {
        close(lane);
        rows.push({ topic, title, receivedMs, count, body, raw });
      } else if (
        opened !== undefined &&
        opened.bytes + body.byteLength <= INGEST_LIMITS.rowBytesMax
      ) {
        opened.bodies.push(body);
        opened.bytes += body.byteLength;
        opened.count += count;
      } else {
        close(lane);
        open.set(lane, { topic, title, receivedMs, bodies: [body], bytes: body.byteLength, count });
      }
    }
    for (const lane of open.keys()) close(lane);
    return rows;
  }
}
