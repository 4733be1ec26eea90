/**
 * What the world did on purpose, kept apart from the events: which events are fraud and by which
 * rule, which only look like it, and when something broke. Bounded: the oldest is forgotten.
 */

export type TruthLabel = "fraud" | "honest" | "incident";

/** What an incident concerned. */
export interface TruthDetail {
  readonly [name: string]: string | number | readonly string[];
}

export interface TruthEntry {
  /** Grows by one with every entry. */
  readonly position: number;
  readonly label: TruthLabel;
  /** The fraud pattern, the look-alike or the kind of incident. */
  readonly pattern: string;
  /** Name of the fraud rule that this is about; absent for incidents. */
  readonly rule?: string | undefined;
  /** True when a visitor asked for it. */
  readonly injected: boolean;
  readonly player_ids: readonly string[];
  readonly ip_addresses: readonly string[];
  readonly item_ids: readonly string[];
  readonly event_ids: readonly string[];
  /** Epoch milliseconds. */
  readonly started_at: number;
  /** Epoch milliseconds of the latest event so far, or the planned end of an incident. */
  readonly ended_at: number;
  /** False while events of it are still to come. */
  readonly complete: boolean;
  readonly detail?: TruthDetail;
}

type Draft = {
  -readonly [K in keyof TruthEntry]: TruthEntry[K] extends readonly string[]
    ? string[]
    : TruthEntry[K];
};

/** Entries kept here; whoever wants more takes `changed` to a place of its own. */
const ENTRIES_MAX = 4096;

export interface TruthHandle {
  readonly entry: TruthEntry;
  eventsLeft: number;
}

export class Truth {
  readonly #entries: Draft[] = [];
  readonly #changed = new Set<Draft>();
  #position: number;

  /** @param position that of the last entry of an earlier world; 0 when there was none */
  constructor(position: number) {
    this.#position = position;
  }

  /** Position of the newest entry. */
  get lastPosition(): number {
    return this.#position;
  }

  /** Entries that are new or have grown since the last call. */
  takeChanged(): TruthEntry[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  /** Opens an entry whose events are still to come. */
  open(what: {
    label: TruthLabel;
    pattern: string;
    rule: string;
    injected: boolean;
    startMs: number;
    events: number;
  }): TruthHandle {
    const { label, pattern, rule, injected, startMs, events } = what;
    const entry = this.#add({
      label,
      pattern,
      rule,
      injected,
      started_at: startMs,
      ended_at: startMs,
    });
    return { entry, eventsLeft: events };
  }

  /** Notes that something broke. */
  incident(what: {
    pattern: string;
    injected: boolean;
    startMs: number;
    endMs: number;
    detail: TruthDetail;
  }): void {
    const { pattern, injected, startMs, endMs, detail } = what;
    const entry = this.#add({
      label: "incident",
      pattern,
      injected,
      started_at: startMs,
      ended_at: endMs,
    });
    entry.detail = detail;
    entry.complete = true;
  }

  /** Notes that an event belongs to an entry. */
  addEvent(
    handle: TruthHandle,
    event: { eventId: string; playerId: string; address: string; itemId: string; timeMs: number },
  ): void {
    const entry = handle.entry as Draft;
    entry.event_ids.push(event.eventId);
    addOnce(entry.player_ids, event.playerId);
    addOnce(entry.ip_addresses, event.address);
    addOnce(entry.item_ids, event.itemId);
    entry.ended_at = event.timeMs;
    handle.eventsLeft -= 1;
    entry.complete = handle.eventsLeft === 0;
    this.#noteChange(entry);
  }

  /** No planned event will come any more: what there is of each entry is all there will be. */
  closeAll(): void {
    for (const entry of this.#entries) {
      if (entry.complete) continue;
      entry.complete = true;
      this.#noteChange(entry);
    }
  }

  /** Entries after a position, oldest first. */
  after(position: number, limit: number): readonly TruthEntry[] {
    const from = this.#entries.findIndex((entry) => entry.position > position);
    return from < 0 ? [] : this.#entries.slice(from, from + limit);
  }

  #add(
    what: Pick<Draft, "label" | "pattern" | "injected" | "started_at" | "ended_at"> & {
      rule?: string;
    },
  ): Draft {
    this.#position += 1;
    const entry: Draft = {
      position: this.#position,
      ...what,
      player_ids: [],
      ip_addresses: [],
      item_ids: [],
      event_ids: [],
      complete: false,
    };
    this.#entries.push(entry);
    this.#noteChange(entry);
    if (this.#entries.length > ENTRIES_MAX) this.#entries.shift();
    return entry;
  }

  #noteChange(entry: Draft): void {
    this.#changed.add(entry);
    if (this.#changed.size <= ENTRIES_MAX) return;
    const [oldest] = this.#changed;
    if (oldest !== undefined) this.#changed.delete(oldest);
  }
}

function addOnce(list: string[], value: string): void {
  if (!list.includes(value)) list.push(value);
}
