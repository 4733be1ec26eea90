/**
 * The one world that every stream, poll and visitor shares. It runs at real time while somebody
 * reads and stands still otherwise. After a short absence it lives through the time missed with
 * nobody listening; after a long one it skips it. Nothing is replayed. The world lives in memory, its truth on disk.
 */
import { DurableObject } from "cloudflare:workers";
import { EVENT_TOPICS, isEventTopic, type EventTopic } from "@arenaflow/events";
import type { Env } from "./env.ts";
import { PollQueue } from "./poll-queue.ts";
import { NDJSON, type ReaderCounts, Readers, READERS_MAX } from "./readers.ts";
import {
  catalog,
  describeWorld,
  type InjectionReceipt,
  InvalidInput,
  JsonReader,
  parseInjection,
  type Scenario,
  scenarioNamed,
  type TruthEntry,
  World,
  type WorldState,
} from "@arenaflow/simulation";
import { TruthStore } from "./truth-store.ts";

/** How often events go out: well below what a person notices. */
const TICK_MS = 50;
/** The longest absence that is lived through; a longer one is skipped. */
const ABSENCE_LIVED_MS_MAX = 60_000;
/** The same as work: absence times rate. At 20 minutes of rate 1 it is some 250,000 events, half a second. */
const ABSENCE_WORK_MS_MAX = 1_200_000;
/** When the machine's clock is set back by more than this, waiting for it would look like a standstill. */
const CLOCK_SET_BACK_MS = 2000;
/** Events handed out at a time, so that a busy world's events do not pile up in memory. */
const BATCH_EVENTS_MAX = 10_000;
/** The world keeps its size this long after a stream that wanted it: http-source reconnects at once. */
const RATE_KEPT_MS = 10_000;
/** How long a poll waits for as many events as it asks for. */
const POLL_GATHER_MS = 2000;
/** How long a poll waits for any event at all. */
const POLL_WAIT_MS_MAX = 15_000;
/** After a poll the world counts as watched this long: the next poll usually comes in 10 s. */
const POLL_WATCHED_MS = 30_000;
const CHOICE_KEY = "scenario-choice";

/** A visitor's choice of scenario. It holds until the Worker's own setting is changed. */
interface ScenarioChoice {
  readonly name: string;
  readonly insteadOf: string;
}

export interface GeneratorState extends WorldState, ReaderCounts {
  /** False while nobody reads and the world stands still. */
  readonly running: boolean;
}

/** An answer that can say what was wrong with the request; errors do not survive the call as they are. */
export type InjectionAnswer =
  | { readonly receipt: InjectionReceipt }
  | { readonly problem: Pick<InvalidInput, "code" | "field" | "expected" | "got" | "message"> };

export class WorldObject extends DurableObject<Env> {
  readonly #readers = new Readers();
  readonly #polls = new PollQueue();
  readonly #truth = new TruthStore(this.ctx.storage.sql);
  #world: World | undefined;
  #ticking = false;
  #pollsUntilMs = 0;
  #rateWantedMs = 0;

  /** `GET /v1/stream/<topic>?rate=`, already checked by the Worker. */
  override fetch(request: Request): Response {
    const url = new URL(request.url);
    const topic = url.pathname.split("/").at(-1) ?? "";
    if (!isEventTopic(topic)) return new Response(null, { status: 404 });
    if (this.#readers.count >= READERS_MAX) return new Response(null, { status: 503 });
    this.#catchUp();
    const rate = Number(url.searchParams.get("rate") ?? 1);
    const nowMs = Date.now();
    const body = this.#readers.open({ topic, rate, nowMs });
    this.#followRate(nowMs);
    this.#startTicking();
    return new Response(body, {
      headers: {
        "content-type": NDJSON,
        "cache-control": "no-store",
      },
    });
  }

  /**
   * Takes events for polling mode, at least one unless none happens in time.
   * @returns JSON texts, oldest first
   */
  async poll(topic: EventTopic, count: number): Promise<string[]> {
    const startedMs = Date.now();
    if (this.#pollsUntilMs < startedMs) this.#polls.clear();
    for (;;) {
      const nowMs = Date.now();
      this.#pollsUntilMs = nowMs + POLL_WATCHED_MS;
      this.#catchUp();
      const waitedMs = nowMs - startedMs;
      const enough = waitedMs < POLL_GATHER_MS ? count : 1;
      if (this.#polls.waiting(topic) >= enough || waitedMs > POLL_WAIT_MS_MAX) {
        return this.#polls.take(topic, count);
      }
      await new Promise((resolve) => setTimeout(resolve, TICK_MS * 2));
    }
  }

  /** The world as it is now; looking does not make it move. */
  state(): GeneratorState {
    return {
      ...describeWorld(this.#theWorld()),
      ...this.#readers.counts,
      running: this.#ticking || this.#pollsUntilMs > Date.now(),
    };
  }

  truth(after: number, limit: number): TruthEntry[] {
    return this.#truth.after(after, limit);
  }

  /** Makes something happen: an injection, or `{"scenario": "quiet"}` for another game. */
  inject(request: unknown): InjectionAnswer {
    this.#catchUp();
    try {
      const scenario = readScenarioChoice(request);
      if (scenario !== undefined) return { receipt: this.#play(scenario) };
      const world = this.#theWorld();
      const receipt = world.inject(parseInjection(request));
      this.#truth.save(world.truth.takeChanged());
      return { receipt };
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      const { code, field, expected, got, message } = error;
      return { problem: { code, field, expected, got, message } };
    }
  }

  #theWorld(): World {
    if (this.#world !== undefined) return this.#world;
    const choice = this.ctx.storage.kv.get<ScenarioChoice>(CHOICE_KEY);
    const holds = choice !== undefined && choice.insteadOf === this.#setting;
    return this.#newWorld(scenarioNamed(holds ? choice.name : this.#setting), Date.now());
  }

  get #setting(): string {
    return this.env.SCENARIO ?? "default";
  }

  #newWorld(scenario: Scenario, startMs: number): World {
    this.#truth.closeAll();
    this.#world = new World({
      seed: Number(this.env.SEED),
      startMs,
      scenario,
      catalog,
      truthPosition: this.#truth.lastPosition,
    });
    return this.#world;
  }

  /** Begins another game at once, in the old one's size; whoever reads goes on reading. */
  #play(scenario: Scenario): InjectionReceipt {
    const before = this.#theWorld();
    this.#truth.save(before.truth.takeChanged());
    // Ids are made of the seed and the beginning: two worlds must not begin at the same time.
    const startMs = Math.max(Date.now(), before.options.startMs + 1);
    const choice: ScenarioChoice = { name: scenario.name, insteadOf: this.#setting };
    this.ctx.storage.kv.put(CHOICE_KEY, choice);
    this.#newWorld(scenario, startMs).setRate(before.crowd.rate);
    const { name, description } = scenario;
    const detail = { scenario: name, description };
    return { inject: "scenario", started_at: startMs, ends_at: startMs, detail };
  }

  /** Brings the world to now, sending what happens to those who listen. */
  #catchUp(): void {
    const nowMs = Date.now();
    if (this.#theWorld().nowMs - nowMs > CLOCK_SET_BACK_MS) this.#world = undefined;
    const world = this.#theWorld();
    const absenceMs = nowMs - world.nowMs;
    const work = absenceMs * world.crowd.rate;
    if (absenceMs > ABSENCE_LIVED_MS_MAX || work > ABSENCE_WORK_MS_MAX) world.skipTo(nowMs);
    for (const batch of world.advanceInBatches(nowMs, BATCH_EVENTS_MAX)) {
      for (const topic of EVENT_TOPICS) this.#readers.send(topic, batch[topic], nowMs);
      if (this.#pollsUntilMs > nowMs) this.#polls.add(batch);
    }
    this.#truth.save(world.truth.takeChanged());
  }

  /** The world is as big as the largest stream asks for; it shrinks only after a while. */
  #followRate(nowMs: number): void {
    const { rate } = this.#readers;
    if (rate === undefined) return;
    const world = this.#theWorld();
    const { crowd } = world;
    if (rate >= crowd.rate) this.#rateWantedMs = nowMs;
    else if (nowMs - this.#rateWantedMs < RATE_KEPT_MS) return;
    if (rate !== crowd.rate) world.setRate(rate);
  }

  #startTicking(): void {
    if (this.#ticking) return;
    this.#ticking = true;
    setTimeout(() => this.#tick(), TICK_MS);
  }

  #tick(): void {
    if (this.#readers.count === 0) {
      this.#ticking = false;
      return;
    }
    try {
      this.#followRate(Date.now());
      this.#catchUp();
    } catch (error) {
      // A broken world is given up; its readers reconnect and find a new one.
      this.#ticking = false;
      this.#world = undefined;
      this.#readers.closeAll(error);
      throw error;
    }
    setTimeout(() => this.#tick(), TICK_MS);
  }
}

/** The scenario that a request asks for; `undefined` when it asks for something else. */
function readScenarioChoice(request: unknown): Scenario | undefined {
  if (typeof request !== "object" || request === null || !("scenario" in request)) return undefined;
  const reader = new JsonReader(request);
  const scenario = scenarioNamed(reader.text("scenario"));
  reader.done();
  return scenario;
}
