/** Takes a runner's checkpoints: everything of one moment, once its outputs are acknowledged. */
import type { DataflowEngine, Plan } from "../engine/index.ts";
import type { CheckpointStore, Offsets } from "./checkpoint.ts";
import type { Inbox } from "./inbox.ts";
import type { Log } from "./log.ts";
import type { Outputs } from "./outputs.ts";
import type { ProcessingClock } from "./processing-clock.ts";
import { RunnerError } from "./runner-error.ts";
import type { TurnLog } from "./turn-log.ts";
import type { Work } from "./work.ts";

/** Turns to do again, at most, before a checkpoint is written though nothing came of them. */
const TURN_BYTES_MAX = 64 * 1024;

export interface CheckpointerParts {
  readonly plan: Plan;
  readonly engine: DataflowEngine;
  readonly store: CheckpointStore;
  /** Where the store is. */
  readonly checkpointDir: string;
  readonly inbox: Inbox;
  readonly outputs: Outputs;
  readonly turns: TurnLog;
  readonly work: Work;
  readonly clock: ProcessingClock;
  readonly log: Log;
  /** Called when the folder is another runner's. */
  readonly onFailure: (cause: unknown) => void;
}

export class Checkpointer {
  /** Something has happened that no checkpoint holds. */
  isDirty = true;
  readonly #parts: CheckpointerParts;
  #last = { file: 0, at: 0 };
  #writing: Promise<void> | undefined;

  constructor(parts: CheckpointerParts) {
    this.#parts = parts;
  }

  /** Writes a checkpoint when anything happened since the last one. */
  write(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  /** Writes one more behind the one that is being written. */
  async last(): Promise<void> {
    await this.#writing;
    await this.write();
  }

  /** The next offset to process, by topic and partition. */
  offsets(): Offsets {
    const { inbox, plan } = this.#parts;
    const entries = plan.sources.map(
      ({ topic }, source) => [topic, Object.fromEntries(inbox.positions(source))] as const,
    );
    return Object.fromEntries(entries);
  }

  async #write(): Promise<void> {
    const { checkpointDir, clock, engine, inbox, log, outputs, plan, store, turns, work } =
      this.#parts;
    const { file, at } = turns.position;
    const isLong = file !== this.#last.file || at - this.#last.at > TURN_BYTES_MAX;
    if (!this.isDirty && !isLong) return;
    try {
      await turns.turnOver();
      this.isDirty = false;
      // State, offsets and all positions are taken in one breath: nothing runs in between.
      const position = turns.position;
      const progress = {
        clockMs: clock.nowMs,
        turns: position,
        declared: work.declared,
        outputs: outputs.positions(),
        seen: inbox.seen,
      };
      const state = engine.snapshot();
      const offsets = this.offsets();
      if (!(await outputs.settled())) return;
      await store.write({ state, offsets, progress });
      // The checkpoint before this one is kept, and with it what it needs.
      await turns.removeBefore(this.#last.file);
      this.#last = position;
    } catch (cause) {
      this.isDirty = true;
      if (cause instanceof RunnerError && cause.code === "lease_lost") {
        this.#parts.onFailure(cause);
        return;
      }
      const message = `No checkpoint could be written to ${checkpointDir} (${String(cause)}); the one before stays valid, trying again.`;
      log({ level: "error", message, fields: { dataflow: plan.name } });
    }
  }
}
