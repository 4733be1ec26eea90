/** Events of 278 bytes, as a game sends them, in one buffer per chunk as they come from a topic. */
import type { InputRecord } from "@arenaflow/sdf/engine";

export const EVENT_BYTES = 278;
const START_MS = 1_731_405_600_000;

export interface Chunk {
  readonly bytes: Buffer;
  /** Where each event ends; the next one starts there. */
  readonly ends: Uint32Array;
  /** The same as records, over the same bytes. */
  readonly records: readonly InputRecord[];
}

export interface ChunkOptions {
  readonly count: number;
  /** The player of each event. */
  readonly player: (index: number) => number;
  /** Event time from the first to the last event. */
  readonly spanMs: number;
  readonly startMs?: number;
}

/** Well mixed numbers below `below`: neighbours in time are no neighbours in memory. */
export function mixed(index: number, below: number): number {
  let x = Math.imul(index ^ (index >>> 16), 0x45d9f3b) >>> 0;
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) >>> 0;
  return ((x ^ (x >>> 16)) >>> 0) % below;
}

export function makeChunk({ count, player, spanMs, startMs = START_MS }: ChunkOptions): Chunk {
  const bytes = Buffer.alloc(count * EVENT_BYTES);
  const ends = new Uint32Array(count);
  const records: InputRecord[] = [];
  for (let index = 0; index < count; index += 1) {
    const atMs = startMs + Math.floor((index * spanMs) / count);
    const at = index * EVENT_BYTES;
    bytes.write(eventText(index, player(index), atMs), at, "latin1");
    ends[index] = at + EVENT_BYTES;
    const value = bytes.subarray(at, at + EVENT_BYTES);
    records.push({ offset: index, timestamp: atMs, key: null, value });
  }
  return { bytes, ends, records };
}

function eventText(index: number, player: number, atMs: number): string {
  const kind = ["move", "interaction", "level_start", "level_complete"][index % 4] ?? "";
  const id = String(player).padStart(8, "0");
  const event = {
    event_id: `0192f3a4-7b1c-7def-8${String(index).padStart(15, "0")}`,
    player_id: `player_${id}`,
    session_id: `session_${id}`,
    event_type: kind,
    level_id: `level_${index % 40}`,
    map_id: `map_${index % 8}`,
    platform: "pc",
    region: "eu-west",
    build: "",
    x: (index % 1000) / 8,
    y: (index % 700) / 4,
    at_ms: atMs,
  };
  const room = EVENT_BYTES - JSON.stringify(event).length;
  return JSON.stringify({ ...event, build: "1.42.0-rc".padEnd(room, "0").slice(0, room) });
}
