/**
 * What an engine does, turn by turn: each is noted in the log of turns as it is done, and can be
 * done again from there. Given the same turns from the same checkpoint, the same outputs come out.
 */
import type { DataflowEngine, Plan } from "../engine/index.ts";
import { type Origin, watermarkNumber } from "./channels.ts";
import type { Inbox, Portion } from "./inbox.ts";
import type { Outputs } from "./outputs.ts";
import type { RejectionLog } from "./rejection-log.ts";
import type { Turn, TurnLog } from "./turn-log.ts";

export interface WorkParts {
  readonly plan: Plan;
  readonly engine: DataflowEngine;
  readonly inbox: Inbox;
  readonly outputs: Outputs;
  readonly turns: TurnLog;
  readonly rejections: RejectionLog;
  /** The system's time, for the log of dropped records. */
  readonly now: () => number;
  /** Watermark numbers that the engine knows of, by topic. */
  readonly declared: Readonly<Record<string, readonly number[]>>;
}

export class Work {
  readonly #parts: WorkParts;
  readonly #declared: Set<number>[];

  constructor(parts: WorkParts) {
    this.#parts = parts;
    this.#declared = parts.plan.sources.map(({ topic }) => new Set(parts.declared[topic]));
  }

  /** Partitions and channels that the engine knows of, by topic. */
  get declared(): Record<string, readonly number[]> {
    const entries = this.#parts.plan.sources.map(
      ({ topic }, source) => [topic, [...(this.#declared[source] ?? [])]] as const,
    );
    return Object.fromEntries(entries);
  }

  /** Lets the ages in a restored state count from `nowMs`. */
  settle(nowMs: number): void {
    for (const [source, numbers] of this.#declared.entries()) {
      this.#parts.engine.declarePartitions(source, numbers, nowMs);
    }
  }

  /** @returns whether outputs came of it */
  process({ origin, records, next }: Portion, nowMs: number): boolean {
    const { source, partition } = origin;
    this.#parts.turns.append({ kind: "process", nowMs, source, partition, next });
    return this.#process(origin, records, nowMs);
  }

  /** @returns whether outputs came of it */
  tick(nowMs: number): boolean {
    this.#parts.turns.append({ kind: "tick", nowMs, source: 0, partition: 0, next: 0 });
    return this.#tick(nowMs);
  }

  /** Tells the engine of partitions and channels that it does not know of. */
  declare(source: number, origins: Iterable<Origin>, nowMs: number): void {
    for (const origin of origins) {
      const number = watermarkNumber(origin);
      if (this.#declared[source]?.has(number) === true) continue;
      this.#parts.turns.append({ kind: "declare", nowMs, source, partition: number, next: 0 });
      this.#declare(source, number, nowMs);
    }
  }

  /**
   * Begins a run: the clock may have gone on while nothing ran.
   * @param isFresh the state was restored just now, and nothing has happened since
   */
  resume(nowMs: number, { isFresh }: { readonly isFresh: boolean }): void {
    this.#parts.turns.append({ kind: "resume", nowMs, source: 0, partition: 0, next: 0 });
    if (isFresh) this.settle(nowMs);
    else this.#resume(nowMs);
  }

  /**
   * Does turns again.
   * @param arrived resolves when more records are in the inbox
   */
  async repeat(turns: readonly Turn[], arrived: () => Promise<void>): Promise<void> {
    for (const turn of turns) {
      switch (turn.kind) {
        case "process":
          await this.#processAgain(turn, arrived);
          break;
        case "tick":
          this.#tick(turn.nowMs);
          break;
        case "declare":
          this.#declare(turn.source, turn.partition, turn.nowMs);
          break;
        case "resume":
          this.#resume(turn.nowMs);
      }
    }
  }

  async #processAgain(turn: Turn, arrived: () => Promise<void>): Promise<void> {
    const { source, partition, next, nowMs } = turn;
    while ((this.#parts.inbox.nextOf(source, partition) ?? next) < next) {
      const portion = this.#parts.inbox.takeAgain(source, partition, next);
      if (portion === undefined) await arrived();
      else this.#process(portion.origin, portion.records, nowMs);
    }
  }

  #process(origin: Origin, records: Portion["records"], nowMs: number): boolean {
    const { source, partition } = origin;
    const watermark = watermarkNumber(origin);
    this.#parts.engine.process({ source, partition, watermark, records }, nowMs);
    return this.#collect(origin);
  }

  #tick(nowMs: number): boolean {
    this.#parts.engine.tick(nowMs);
    return this.#collect(undefined);
  }

  #declare(source: number, number: number, nowMs: number): void {
    this.#declared[source]?.add(number);
    this.#parts.engine.declarePartitions(source, [number], nowMs);
  }

  #resume(nowMs: number): void {
    const { engine } = this.#parts;
    // A snapshot keeps ages, not times.
    engine.restore(engine.snapshot());
    this.settle(nowMs);
  }

  #collect(origin: Origin | undefined): boolean {
    const { engine, outputs, rejections, now } = this.#parts;
    const made = engine.drain();
    for (const record of made) outputs.push(record, origin);
    const rejected = engine.takeRejections();
    outputs.keep(rejected);
    rejections.add(rejected, now());
    return made.length > 0;
  }
}
