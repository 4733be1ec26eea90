/** A player event as the topic holds it, and how the model reads it. */

export interface PlayerEvent {
  readonly player_id: string;
  readonly session_id: string;
  readonly event_type?: string;
  readonly level_id: string;
  readonly map_id: string;
  readonly timestamp: string;
  readonly event_id?: string;
  readonly title_id?: string;
  readonly platform?: string;
  readonly region?: string;
  readonly server_id?: string;
  readonly reason?: string;
  readonly received_at?: number;
  readonly feed?: { readonly shard: number; readonly seq: number };
}

/** What the catalog says of names. */
export interface Names {
  readonly levels: ReadonlyMap<string, { readonly name: string; readonly typicalSeconds: number }>;
  readonly maps: ReadonlyMap<string, string>;
  readonly regions: ReadonlyMap<string, string>;
}

export const NO_NAMES: Names = { levels: new Map(), maps: new Map(), regions: new Map() };

/** An event that makes sense. */
export interface Sighting {
  readonly title: string;
  readonly player: string;
  readonly session: string;
  readonly place: Place;
  readonly type: string;
  readonly atMs: number;
  readonly event: PlayerEvent;
}

export interface Place {
  /** Unlike any other's, in any title. */
  readonly key: string;
  readonly title: string;
  readonly level: string;
  readonly map: string;
}

const TYPES = new Set(
  "session_start session_end disconnect move interaction level_start level_complete level_fail".split(
    " ",
  ),
);
const EARLIEST_MS = Date.parse("2000-01-01T00:00:00Z");
const LATEST_MS = Date.parse("2090-01-01T00:00:00Z");
const ID_BYTES_MAX = 512;
const REASON_BYTES_MAX = 1024;

export const titleOf = (event: PlayerEvent): string => event.title_id || "local";
export const isEnd = (type: string): boolean => type === "session_end" || type === "disconnect";
/** Attempts, their outcomes, and ends count one by one; the rest says that somebody was there. */
export const isCounted = (type: string): boolean => type.startsWith("level_") || isEnd(type);

/** @returns `undefined` for what makes no sense */
export function sightingOf(event: PlayerEvent): Sighting | undefined {
  const written = Date.parse(event.timestamp);
  const atMs = Math.min(written, event.received_at ?? Infinity);
  const { player_id, session_id, level_id, map_id, event_type: type = "move" } = event;
  const ids = [player_id, session_id, level_id, map_id];
  const title = titleOf(event);
  const texts = [...ids, title, event.server_id, event.region, event.platform];
  const sensible =
    atMs >= EARLIEST_MS &&
    atMs < LATEST_MS &&
    ids.every((id) => id !== "") &&
    texts.every((text) => Buffer.byteLength(text ?? "") <= ID_BYTES_MAX) &&
    Buffer.byteLength(event.reason ?? "") <= REASON_BYTES_MAX &&
    TYPES.has(type);
  if (!sensible) return undefined;
  const key = (...parts: string[]): string => JSON.stringify([title, ...parts]);
  return {
    title,
    player: key(player_id),
    session: key(session_id),
    place: { key: key(level_id, map_id), title, level: level_id, map: map_id },
    type,
    atMs,
    event,
  };
}
