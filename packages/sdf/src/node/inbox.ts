/**
 * Records that were read and wait to be processed, a lane for each source and partition. The record
 * that was written first goes first, so that a dataflow that is behind meets its sources as it would
 * have met them live: a catalogue before the events that came after it.
 *
 * Records of an intermediate topic bear numbers (channels.ts); one that has come before is left out.
 */
import { SEQUENCE_END, type ConsumedBatch, type PartitionRange } from "@arenaflow/fluvio/client";
import type { InputRecord } from "../engine/index.ts";
import { channelOf, type Origin } from "./channels.ts";

/** What may wait while something can be processed: 16 MiB, a record counted as 256 bytes more than its value. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024;
const RECORD_BYTES = 256;
/** While the first in time is awaited more may wait, up to here; then time's order has to yield. */
const WAITING_BYTES_LIMIT = 16 * WAITING_BYTES_MAX;
/** Records that do not come for so long (their server is away) do not hold up the others. */
const WANTED_MS_MAX = 5_000;
/** Records of another lane that are older by less may come later: tables of one record are slow. */
const ORDER_SLACK_MS = 20;
/** Records of one turn. */
const TURN_RECORDS_MAX = 8_192;

/** Records of one lane and one origin, in their order. */
export interface Portion {
  readonly origin: Origin;
  readonly records: readonly InputRecord[];
  /** The offset behind the last record. */
  readonly next: number;
}

/** The next number expected, by topic, partition and producer. */
export type SeenNumbers = Record<string, Record<number, Record<string, number>>>;

interface Chunk {
  readonly channel: number | undefined;
  readonly producerId: number;
  /** The number of `records[0]`. */
  readonly sequence: number;
  readonly records: readonly InputRecord[];
  /** Index of the first that was not taken. */
  at: number;
}

interface Lane {
  readonly source: number;
  readonly partition: number;
  chunks: Chunk[];
  waiting: number;
  /** The next offset to take. */
  next: number;
  /** Where the partition was last seen to end. */
  end: number;
  /** Since when its records are awaited. */
  wantedMs: number | undefined;
}

export interface InboxSource {
  readonly topic: string;
  /** The dataflow's tag when a service of it writes to this topic. */
  readonly tag: number | undefined;
}

export class Inbox {
  readonly #sources: readonly InboxSource[];
  readonly #lanes: Lane[] = [];
  readonly #seen: SeenNumbers;
  #waitingBytes = 0;
  #wanted: Lane | undefined;

  constructor(sources: readonly InboxSource[], seen: SeenNumbers) {
    this.#sources = sources;
    this.#seen = structuredClone(seen);
  }

  /** @param next the first offset to take */
  addLane(source: number, partition: number, next: number): void {
    this.#lanes.push({
      source,
      partition,
      chunks: [],
      waiting: 0,
      next,
      end: next,
      wantedMs: undefined,
    });
  }

  /** The next offset to take; `undefined` for a partition that is not read. */
  nextOf(source: number, partition: number): number | undefined {
    return this.#lane(source, partition)?.next;
  }

  /** The next offset to take, by partition. */
  positions(source: number): Map<number, number> {
    const lanes = this.#lanes.filter((lane) => lane.source === source);
    return new Map(lanes.map(({ partition, next }) => [partition, next]));
  }

  get seen(): SeenNumbers {
    return structuredClone(this.#seen);
  }

  /** What a partition holds: records that are there are worth waiting for, those removed are not. */
  saw(source: number, { partition, start, end }: PartitionRange): void {
    const lane = this.#lane(source, partition);
    if (lane === undefined) return;
    lane.end = Math.max(lane.end, end);
    if (lane.waiting === 0) lane.next = Math.max(lane.next, start);
  }

  /** Whether more records of this source should be read now. */
  hasRoom(source: number): boolean {
    if (this.#waitingBytes < WAITING_BYTES_MAX) return true;
    return this.#wanted?.source === source && this.#waitingBytes < WAITING_BYTES_LIMIT;
  }

  add(source: number, batch: ConsumedBatch): void {
    const lane = this.#lane(source, batch.partition);
    if (lane === undefined) return;
    const tag = this.#sources[source]?.tag;
    for (const [index, run] of batch.runs.entries()) {
      const end = tag === undefined ? batch.records.length : batch.runs[index + 1]?.at;
      const records = batch.records.slice(run.at, end);
      this.#append(lane, {
        channel: tag === undefined ? undefined : channelOf(run.producerId, tag),
        producerId: run.producerId,
        sequence: run.sequence,
        records,
        at: 0,
      });
      if (tag === undefined) break;
    }
  }

  #append(lane: Lane, chunk: Chunk): void {
    // A reconnect may bring records again.
    const known = Math.max(lane.next, lastOffset(lane) + 1);
    chunk.at = chunk.records.findIndex(({ offset }) => offset >= known);
    if (chunk.at < 0) return;
    lane.chunks.push(chunk);
    lane.waiting += chunk.records.length - chunk.at;
    lane.wantedMs = undefined;
    this.#waitingBytes += bytesOf(chunk.records, chunk.at, chunk.records.length);
  }

  /** The portion that is due; `undefined` when none is here, or an older one is still to come. */
  takeNext(): Portion | undefined {
    let first: Lane | undefined;
    let secondMs = Number.POSITIVE_INFINITY;
    this.#wanted = undefined;
    for (const lane of this.#lanes) {
      if (lane.waiting === 0) {
        if (isWanted(lane)) this.#wanted ??= lane;
        continue;
      }
      if (first === undefined || headMs(lane) < headMs(first)) {
        if (first !== undefined) secondMs = Math.min(secondMs, headMs(first));
        first = lane;
      } else {
        secondMs = Math.min(secondMs, headMs(lane));
      }
    }
    if (first === undefined) return undefined;
    if (this.#wanted !== undefined && this.#waitingBytes < WAITING_BYTES_LIMIT) return undefined;
    return this.#take(first, { untilMs: secondMs + ORDER_SLACK_MS });
  }

  /** The records of a turn that was made before, or of its first part; `undefined` while they are awaited. */
  takeAgain(source: number, partition: number, end: number): Portion | undefined {
    const lane = this.#lane(source, partition);
    if (lane === undefined || lane.waiting === 0) {
      this.#wanted = lane;
      return undefined;
    }
    return this.#take(lane, { end });
  }

  #take(lane: Lane, limit: { readonly untilMs?: number; readonly end?: number }): Portion {
    const { untilMs = Number.POSITIVE_INFINITY, end = Number.POSITIVE_INFINITY } = limit;
    const chunk = lane.chunks[0] as Chunk;
    const from = chunk.at;
    const max = Math.min(chunk.records.length, from + TURN_RECORDS_MAX);
    let to = from;
    while (to < max) {
      const { offset, timestamp } = chunk.records[to] as InputRecord;
      if (offset >= end || (timestamp > untilMs && to > from)) break;
      to += 1;
    }
    chunk.at = to;
    if (to === chunk.records.length) lane.chunks.shift();
    lane.waiting -= to - from;
    this.#waitingBytes -= bytesOf(chunk.records, from, to);
    if (to > from) lane.next = (chunk.records[to - 1] as InputRecord).offset + 1;
    else lane.next = Math.max(lane.next, end);
    const { source, partition } = lane;
    const fresh = this.#firstNew(lane, chunk, from, to);
    return {
      origin: { source, partition, channel: chunk.channel },
      records: chunk.records.slice(fresh, to),
      next: lane.next,
    };
  }

  /** Index of the first of these records that has not come before. */
  #firstNew({ source, partition }: Lane, chunk: Chunk, from: number, to: number): number {
    if (chunk.channel === undefined) return from;
    const { topic } = this.#sources[source] as InboxSource;
    const partitions = (this.#seen[topic] ??= {});
    const producers = (partitions[partition] ??= {});
    const number = (chunk.sequence + from) % SEQUENCE_END;
    const known = producers[chunk.producerId] ?? number;
    const repeated = distance(number, known);
    const fresh = Math.min(from + Math.max(repeated, 0), to);
    const behind = (chunk.sequence + to) % SEQUENCE_END;
    if (distance(known, behind) > 0) producers[chunk.producerId] = behind;
    else producers[chunk.producerId] = known;
    return fresh;
  }

  #lane(source: number, partition: number): Lane | undefined {
    return this.#lanes.find((lane) => lane.source === source && lane.partition === partition);
  }
}

function bytesOf(records: readonly InputRecord[], from: number, to: number): number {
  let bytes = 0;
  for (let at = from; at < to; at += 1) {
    bytes += RECORD_BYTES + (records[at] as InputRecord).value.length;
  }
  return bytes;
}

function isWanted(lane: Lane): boolean {
  if (lane.next >= lane.end) return false;
  const nowMs = performance.now();
  lane.wantedMs ??= nowMs;
  return nowMs - lane.wantedMs < WANTED_MS_MAX;
}

function headMs({ chunks: [chunk] }: Lane): number {
  return chunk?.records[chunk.at]?.timestamp ?? 0;
}

function lastOffset({ chunks }: Lane): number {
  return chunks.at(-1)?.records.at(-1)?.offset ?? -1;
}

/** How far `to` is ahead of `from`; numbers begin again at 0, so half of the circle is ahead. */
function distance(from: number, to: number): number {
  const ahead = (to - from + SEQUENCE_END) % SEQUENCE_END;
  return ahead < SEQUENCE_END / 2 ? ahead : ahead - SEQUENCE_END;
}
