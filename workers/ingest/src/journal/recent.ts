/** The newest batches of each title, in memory, for people to look at. One busy title hides no other. */
import type { FeedTopic } from "@arenaflow/events";

import { INGEST_LIMITS } from "../limits.ts";
import type { Batch } from "./messages.ts";

interface Entry {
  readonly topic: FeedTopic;
  readonly batch: Batch;
}

export class Recent {
  /** Oldest first; titles in the order of their last batch. */
  readonly #titles = new Map<string, { entries: Entry[]; bytes: number }>();

  add(title: string, entry: Entry): void {
    const held = this.#titles.get(title) ?? { entries: [], bytes: 0 };
    // Put behind the others, so that the title that was silent longest is the first.
    this.#titles.delete(title);
    this.#titles.set(title, held);
    held.entries.push(entry);
    held.bytes += entry.batch.body.byteLength;
    while (held.bytes > INGEST_LIMITS.recentBytesMax) {
      held.bytes -= held.entries.shift()?.batch.body.byteLength ?? 0;
    }
    const [first] = this.#titles.keys();
    if (this.#titles.size > INGEST_LIMITS.recentTitlesMax && first !== undefined) {
      this.#titles.delete(first);
    }
  }

  /** The newest batches of a topic or of all, newest first. */
  of(title: string, topic: FeedTopic | undefined): readonly Batch[] {
    const entries = this.#titles.get(title)?.entries ?? [];
    const wanted = entries.filter((entry) => topic === undefined || entry.topic === topic);
    return wanted.toReversed().map(({ batch }) => batch);
  }

  /** Puts something else in the place of a title's batches. */
  rewrite(title: string, rewritten: (entry: Entry) => Batch): void {
    const held = this.#titles.get(title);
    if (held === undefined) return;
    held.entries = held.entries.map((entry) => ({ ...entry, batch: rewritten(entry) }));
    held.bytes = held.entries.reduce((bytes, { batch }) => bytes + batch.body.byteLength, 0);
  }
}
