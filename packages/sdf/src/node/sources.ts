/** Reads a dataflow's sources into the inbox, a consumer for each set of partitions. */
import type { Consumer, Fluvio } from "@arenaflow/fluvio/client";
import type { Plan } from "../engine/index.ts";
import type { Inbox } from "./inbox.ts";
import { RunnerError } from "./runner-error.ts";

export interface SourcesOptions {
  readonly fluvio: Fluvio;
  readonly plan: Plan;
  readonly inbox: Inbox;
  /** Called when records have come into the inbox. */
  readonly onRecords: () => void;
  /** Called when a source cannot be read any more. */
  readonly onFailure: (cause: unknown) => void;
}

export class Sources {
  readonly #options: SourcesOptions;
  readonly #consumers: Consumer[] = [];
  readonly #reading: Promise<void>[] = [];
  #blocked: (() => void)[] = [];
  #isClosed = false;

  constructor(options: SourcesOptions) {
    this.#options = options;
  }

  /**
   * Begins to read partitions of a source.
   * @param positions the first offset of each
   */
  async read(source: number, positions: ReadonlyMap<number, number>): Promise<void> {
    if (positions.size === 0) return;
    const { fluvio, inbox, plan } = this.#options;
    const consumer = await fluvio.consumer(plan.sources[source]?.topic ?? "", {
      partitions: [...positions.keys()],
      start: { absolute: Object.fromEntries(positions) },
      giveUpAfterMs: Number.POSITIVE_INFINITY,
    });
    for (const [partition, next] of positions) inbox.addLane(source, partition, next);
    this.#consumers.push(consumer);
    this.#reading.push(this.#readAll(source, consumer));
  }

  /** There may be room in the inbox, or another lane is wanted. */
  wake(): void {
    if (this.#blocked.length === 0) return;
    const blocked = this.#blocked;
    this.#blocked = [];
    for (const resolve of blocked) resolve();
  }

  async #readAll(source: number, consumer: Consumer): Promise<void> {
    const { inbox, onFailure, onRecords, plan } = this.#options;
    try {
      for await (const batch of consumer) {
        while (!this.#isClosed && !inbox.hasRoom(source)) {
          await new Promise<void>((resolve) => this.#blocked.push(resolve));
        }
        if (this.#isClosed) return;
        inbox.add(source, batch);
        onRecords();
      }
      if (this.#isClosed) return;
      throw new RunnerError(
        "source_lost",
        `Reading ${plan.sources[source]?.topic} ended by itself. Does the topic still exist? Start the dataflow again; it goes on from its checkpoint.`,
      );
    } catch (cause) {
      if (!this.#isClosed) onFailure(cause);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#consumers.map(async (consumer) => consumer.close()));
    this.wake();
    await Promise.allSettled(this.#reading);
  }
}
