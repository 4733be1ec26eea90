/**
 * Tells silence in the topics from records that were not read yet: only when everything that was
 * written before a moment has been processed may the engine's clock go on to that moment.
 *
 * Intermediate topics come after the topics that they are made of: when those have been processed
 * and what was made of them is acknowledged, the intermediate topic's end is looked up.
 */
import type { Fluvio, PartitionRange } from "@arenaflow/fluvio/client";
import type { Plan } from "../engine/index.ts";
import { isIntermediate } from "./channels.ts";

export interface LookOutOptions {
  readonly fluvio: Fluvio;
  readonly plan: Plan;
  readonly now: () => number;
  /** Called with all partitions of a source. */
  readonly onRanges: (source: number, ranges: readonly PartitionRange[]) => Promise<void>;
  /** Resolves when all of these records have been processed; with false when there is an end to it. */
  readonly processed: (source: number, ranges: readonly PartitionRange[]) => Promise<boolean>;
  /** Resolves when what was made of them is acknowledged; with false when there is an end to it. */
  readonly settled: (seen: readonly SeenSource[]) => Promise<boolean>;
}

export interface SeenSource {
  readonly source: number;
  /** Of all its partitions. */
  readonly ranges: readonly PartitionRange[];
}

/** Sources that may be looked at together: none is made of another one of them. */
export function levelsOf(plan: Plan): number[][] {
  const depths = plan.sources.map((_, source) => depthOf(plan, source, []));
  const deepest = Math.max(...depths);
  return Array.from({ length: deepest + 1 }, (_, depth) =>
    [...depths.keys()].filter((source) => depths[source] === depth),
  ).filter((sources) => sources.length > 0);
}

function depthOf(plan: Plan, source: number, above: readonly number[]): number {
  if (!isIntermediate(plan, source) || above.includes(source)) return 0;
  const topic = plan.sources[source]?.topic;
  const writers = plan.services.filter(({ sinks }) =>
    sinks.some((sink) => plan.sinks[sink]?.topic === topic),
  );
  const from = writers.flatMap(({ sources }) => sources);
  return 1 + Math.max(0, ...from.map((each) => depthOf(plan, each, [...above, source])));
}

export class LookOut {
  readonly #options: LookOutOptions;
  readonly #levels: readonly (readonly number[])[];

  constructor(options: LookOutOptions) {
    this.#options = options;
    this.#levels = levelsOf(options.plan);
  }

  /**
   * Waits until everything written before this call has been processed.
   * @returns the time of the call; `undefined` when it was ended
   * @throws FluvioError when the server is away
   */
  async caughtUp(): Promise<number | undefined> {
    const { now, settled } = this.#options;
    const atMs = now();
    for (const [depth, sources] of this.#levels.entries()) {
      const seen = await Promise.all(sources.map(async (source) => this.#look(source)));
      for (const { source, ranges } of seen) {
        if (!(await this.#options.processed(source, ranges))) return undefined;
      }
      const isLast = depth === this.#levels.length - 1;
      if (!isLast && !(await settled(seen))) return undefined;
    }
    return atMs;
  }

  async #look(source: number): Promise<SeenSource> {
    const { fluvio, onRanges, plan } = this.#options;
    const ranges = await fluvio.offsets(plan.sources[source]?.topic ?? "");
    await onRanges(source, ranges);
    return { source, ranges };
  }
}
