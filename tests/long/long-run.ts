/**
 * The simulated game, put out of order, goes through the dataflows and through the reference models;
 * every insight of the one has to be one of the other, number by number.
 */
import { catalog, scenarioNamed, World } from "@arenaflow/simulation";
import { CATALOG_LISTS, readCatalog } from "../../local/fluvio-bridge/src/catalog/entries.ts";
import { EngineRun } from "../unit/dataflows/run-engine.ts";
import { Disorder } from "./disorder.ts";
import { Told } from "./told.ts";
import { LONG_MODELS, type Fields, type LongModel, type StreamModel } from "./models.ts";

const START_MS = Date.parse("2026-11-22T23:30:00.000Z");
const STEP_MS = 200;
/** Times the scenario's players. */
const RATE = 10;
/** Differences that are kept to be shown. */
const DIFFERENCES_MAX = 20;

interface LongOptions {
  /** Of the game, all topics together. */
  readonly events: number;
  readonly seed: number;
  /** @param unmatched insights that only the dataflow or only the model has told so far */
  readonly onProgress?: (events: number, unmatched: number) => void;
}

export interface LongResult {
  readonly events: number;
  /** Insights that are equal, by the topic of the events and their own. */
  readonly equal: Readonly<Record<string, number>>;
  /** Insights that only one of the two has told. */
  readonly differences: readonly string[];
}

export async function longRun({ events, seed, onProgress }: LongOptions): Promise<LongResult> {
  const world = new World({ seed, startMs: START_MS, scenario: scenarioNamed("default"), catalog });
  world.setRate(RATE);
  const lanes = await Promise.all(LONG_MODELS.map((model) => Lane.of(model, seed)));
  let played = 0;
  while (played < events) {
    const nowMs = world.nowMs + STEP_MS;
    const batch = world.advance(nowMs);
    for (const topic of ["player-events", "purchases", "server-metrics"] as const)
      played += batch[topic].length;
    for (const lane of lanes) lane.take(batch[lane.topic], nowMs);
    onProgress?.(
      played,
      lanes.reduce((sum, lane) => sum + lane.unmatched, 0),
    );
  }
  for (const lane of lanes) lane.finish(world.nowMs);
  return {
    events: played,
    equal: Object.fromEntries(
      lanes.flatMap(({ topic, equal }) =>
        Object.entries(equal).map(([insight, count]) => [`${topic} ${insight}`, count]),
      ),
    ),
    differences: lanes.flatMap((lane) => lane.differences()),
  };
}

/** One dataflow beside its model. */
class Lane {
  readonly #of: LongModel;
  readonly #engine: EngineRun;
  readonly #model: StreamModel<never>;
  readonly #disorder: Disorder;
  readonly #told: Told;

  private constructor(of: LongModel, engine: EngineRun, disorder: Disorder) {
    this.#of = of;
    this.#engine = engine;
    this.#disorder = disorder;
    this.#told = new Told(of);
    this.#model = of.make((topic, value) => this.#told.byModel(topic, value as Fields));
  }

  static async of(model: LongModel, seed: number): Promise<Lane> {
    const engine = await EngineRun.of(model.dataflow);
    const entries = readCatalog(new URL("../../catalog", import.meta.url).pathname);
    for (const { topic } of CATALOG_LISTS) {
      if (engine.reads(topic))
        engine.feed(topic, [...(entries.get(topic)?.values() ?? [])], START_MS);
    }
    return new Lane(model, engine, new Disorder(seed));
  }

  get topic(): LongModel["topic"] {
    return this.#of.topic;
  }

  get equal(): Readonly<Record<string, number>> {
    return this.#told.equal;
  }

  get unmatched(): number {
    return this.#told.unmatched;
  }

  take(lines: readonly string[], nowMs: number): void {
    this.#disorder.send(lines, nowMs);
    this.#feed(this.#disorder.receive(nowMs), nowMs);
  }

  finish(nowMs: number): void {
    this.#feed(this.#disorder.receive(Infinity), nowMs);
    this.#engine.finish();
    this.#model.finish();
    this.#drain((value) => this.#of.isOfTheEnd?.(value) !== true);
    this.#told.finish();
  }

  differences(): string[] {
    return this.#told.differences(DIFFERENCES_MAX);
  }

  #feed(lines: readonly string[], nowMs: number): void {
    if (lines.length === 0) return;
    this.#engine.feed(this.topic, lines, nowMs);
    for (const line of lines) this.#model.add(JSON.parse(line) as never);
    this.#model.settle?.();
    this.#drain();
  }

  #drain(counts: (value: Fields) => boolean = () => true): void {
    for (const { topic, value } of this.#engine.outputs.splice(0)) {
      const told = value as Fields;
      if (topic in this.equal && counts(told)) this.#told.byDataflow(topic, told);
    }
    this.#told.settle();
  }
}
