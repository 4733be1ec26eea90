/**
 * The simulated game. Seeded and without a clock of its own: the same seed, start, scenario,
 * catalog and calls give the same events byte for byte, however the time between is cut up.
 * Not here: pacing, HTTP, and any idea of who reads the events.
 */
import { Accounts } from "./accounts.ts";
import type { Catalog } from "./catalog.ts";
import { Crowd } from "./crowd.ts";
import { Fleet } from "./fleet.ts";
import { FRAUD_TABLE } from "./fraud-patterns.ts";
import { playIncident, type Wish } from "./incidents.ts";
import type { Injection, InjectionReceipt } from "./injections.ts";
import { applyInjection } from "./apply-injection.ts";
import { LOOK_ALIKE_TABLE } from "./look-alikes.ts";
import { type Batch, Output, type TopicCounts } from "./output.ts";
import { Places } from "./places.ts";
import { Rng, WeightedChoice } from "./random.ts";
import type { FraudPattern, Incidents, LookAlike, Scenario } from "./scenario.ts";
import { Sessions } from "./sessions.ts";
import { Shop } from "./shop.ts";
import { Stamp } from "./text.ts";
import { TIMER, type TimerKind, Timers } from "./timers.ts";
import { Truth } from "./truth.ts";

export interface WorldOptions {
  /** Any integer. */
  readonly seed: number;
  /** Epoch milliseconds at which the world begins, empty. */
  readonly startMs: number;
  readonly scenario: Scenario;
  readonly catalog: Catalog;
  /** Where the truth of earlier worlds ended, so that positions go on from there. */
  readonly truthPosition?: number;
}

/** A purchase is drawn anew at least this often, so that a new number of players is felt at once. */
const REDRAW_MS = 1000;
const MINUTE_MS = 60_000;

export class World {
  readonly options: WorldOptions;
  readonly truth: Truth;
  readonly accounts: Accounts;
  readonly places: Places;
  readonly fleet: Fleet;
  readonly sessions: Sessions;
  readonly shop: Shop;
  readonly crowd: Crowd;
  readonly #timers = new Timers();
  readonly #output = new Output();
  readonly #rng: Rng;
  /** Injections draw from here, so that they do not shift the draws of the world's own course. */
  readonly #injectionRng: Rng;
  readonly #fraudChoice: IncidentChoice<FraudPattern>;
  readonly #lookAlikeChoice: IncidentChoice<LookAlike>;
  readonly #injected: InjectionReceipt[] = [];
  #nowMs: number;
  #purchaseDrawn = false;

  constructor(options: WorldOptions) {
    const { seed, startMs, scenario, catalog } = options;
    this.options = options;
    this.truth = new Truth(options.truthPosition ?? 0);
    this.#nowMs = startMs;
    this.#rng = new Rng(seed, "world");
    this.#injectionRng = new Rng(seed, "injections");
    // Ids must not repeat when a world with the same seed begins at another time.
    const idPrefix = `${seed.toString(36)}-${startMs.toString(36)}-`;
    const timers = this.#timers;
    const output = this.#output;
    const stamp = new Stamp(`e${idPrefix}`);
    this.places = new Places(catalog, scenario.levels.popularityExponent);
    const levels = this.places.levels;
    const accounts = new Accounts({ scenario, seed, levels });
    this.accounts = accounts;
    const regions = scenario.regions.map(({ region }) => region);
    const calmDropChance = scenario.session.disconnectPerStep;
    const habits = scenario.servers;
    this.fleet = new Fleet({ catalog, regions, habits, calmDropChance, seed, stamp, output });
    const shared = { scenario, seed, idPrefix, accounts, timers, stamp, output };
    this.sessions = new Sessions({
      ...shared,
      places: this.places,
      fleet: this.fleet,
      onEnd: (account, how, nowMs) => this.crowd.left(account, how, nowMs),
    });
    const sessions = this.sessions;
    this.shop = new Shop({ ...shared, catalog, sessions, truth: this.truth });
    this.crowd = new Crowd({ scenario, seed, accounts, sessions, timers });
    this.#fraudChoice = incidentChoice(scenario.fraud);
    this.#lookAlikeChoice = incidentChoice(scenario.lookAlikes);
    this.#setTimers(startMs);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get totals(): Readonly<TopicCounts> {
    return this.#output.totals;
  }

  /** Injections, newest last; old ones are forgotten. */
  get injected(): readonly InjectionReceipt[] {
    return this.#injected;
  }

  /**
   * Lets time pass.
   * @param toMs epoch milliseconds; a time before now changes nothing
   * @returns the events up to and including that time
   */
  advance(toMs: number): Batch {
    this.#actUntil(toMs, Infinity);
    this.#nowMs = Math.max(this.#nowMs, toMs);
    return this.#output.take();
  }

  /**
   * Lets time pass as `advance` does, but hands out events as soon as there are many, so that a
   * busy world's events never pile up in memory. Time has passed when the last batch is taken.
   * @param eventsMax a batch is handed out when it has so many, and a last one in any case
   */
  *advanceInBatches(toMs: number, eventsMax: number): Generator<Batch, void, void> {
    while (!this.#actUntil(toMs, eventsMax)) yield this.#output.take();
    yield this.advance(toMs);
  }

  /**
   * Sets how big the world is: players, purchases and server capacity are multiplied.
   * @param rate above 0; 1 is the scenario's own size
   */
  setRate(rate: number): void {
    if (!(rate > 0)) throw new RangeError("setRate: the rate must be above 0");
    this.crowd.rate = rate;
    this.fleet.scale = Math.max(1, rate);
  }

  /** Makes something happen now. */
  inject(injection: Injection): InjectionReceipt {
    const receipt = applyInjection(this, injection);
    this.#injected.push(receipt);
    if (this.#injected.length > INJECTED_MAX) this.#injected.shift();
    return receipt;
  }

  /**
   * Passes over a time in which nobody looked: sessions are forgotten without a word, and players
   * arrive anew. Accounts, ids and truth go on.
   */
  skipTo(toMs: number): void {
    if (toMs <= this.#nowMs) return;
    this.#nowMs = toMs;
    this.#timers.clear();
    this.sessions.clear();
    this.fleet.reset();
    this.shop.forgetPlanned();
    this.truth.closeAll();
    this.crowd.forgetPlans();
    this.#setTimers(toMs);
  }

  /** Plays a way to cheat; 0 when nobody is online to play it. */
  playFraud(pattern: FraudPattern, how: { wish: Wish; injected: boolean }): number {
    const { rule, play } = FRAUD_TABLE[pattern];
    return playIncident(this.#stage(how.injected), { label: "fraud", pattern, rule, play, ...how });
  }

  /** Plays honest behaviour that looks like cheating; 0 when nobody is online to play it. */
  playLookAlike(pattern: LookAlike, how: { wish: Wish; injected: boolean }): number {
    const { rule, play } = LOOK_ALIKE_TABLE[pattern];
    return playIncident(this.#stage(how.injected), {
      label: "honest",
      pattern,
      rule,
      play,
      ...how,
    });
  }

  #stage(injected: boolean) {
    const { accounts, sessions, shop, truth } = this;
    const { scenario } = this.options;
    const rng = injected ? this.#injectionRng : this.#rng;
    return { rng, scenario, accounts, sessions, shop, truth, nowMs: this.#nowMs };
  }

  #setTimers(nowMs: number): void {
    const { scenario } = this.options;
    const timers = this.#timers;
    this.#purchaseDrawn = false;
    timers.add(nowMs, TIMER.arrivals, 0);
    timers.add(nowMs, TIMER.purchases, 0);
    for (let server = 0; server < this.fleet.size; server += 1) {
      timers.add(nowMs + 1 + this.#rng.below(1000), TIMER.server, server);
    }
    timers.add(nowMs + scenario.fraud.firstAfterSeconds * 1000, TIMER.fraud, 0);
    timers.add(nowMs + scenario.lookAlikes.firstAfterSeconds * 1000, TIMER.lookAlike, 0);
    timers.add(this.#later(nowMs, scenario.servers.spikeEverySeconds), TIMER.spike, 0);
    timers.add(this.#later(nowMs, scenario.servers.crashEverySeconds), TIMER.crash, 0);
  }

  /** @returns whether everything up to that time has been done, rather than enough written */
  #actUntil(toMs: number, eventsMax: number): boolean {
    const timers = this.#timers;
    while (timers.nextMs <= toMs) {
      if (this.#output.waiting >= eventsMax) return false;
      this.#nowMs = Math.max(this.#nowMs, timers.nextMs);
      this.#act(timers.nextKind, timers.nextIndex, timers.nextMs);
    }
    return true;
  }

  #act(kind: TimerKind, index: number, nowMs: number): void {
    const { scenario } = this.options;
    const timers = this.#timers;
    switch (kind) {
      case TIMER.session:
        return this.sessions.step(index, nowMs);
      case TIMER.server:
        return timers.postpone(this.fleet.report(index, nowMs));
      case TIMER.arrivals:
        return this.crowd.arrive(nowMs);
      case TIMER.purchases:
        return this.#sell(nowMs);
      case TIMER.plannedPurchase:
        return this.shop.writePlanned(index, nowMs);
      case TIMER.comeback:
        return this.crowd.comeback(index);
      case TIMER.reconnect:
        return this.crowd.reconnect(index, nowMs);
      case TIMER.fraud: {
        timers.postpone(this.#later(nowMs, scenario.fraud.everySeconds));
        const pattern = this.#fraudChoice(this.#rng);
        if (pattern !== undefined) this.playFraud(pattern, { wish: {}, injected: false });
        return;
      }
      case TIMER.lookAlike: {
        timers.postpone(this.#later(nowMs, scenario.lookAlikes.everySeconds));
        const pattern = this.#lookAlikeChoice(this.#rng);
        if (pattern !== undefined) this.playLookAlike(pattern, { wish: {}, injected: false });
        return;
      }
      case TIMER.spike:
        timers.postpone(this.#later(nowMs, scenario.servers.spikeEverySeconds));
        return this.#spike(nowMs);
      case TIMER.crash:
        timers.postpone(this.#later(nowMs, scenario.servers.crashEverySeconds));
        return this.#crash(nowMs);
    }
  }

  #sell(nowMs: number): void {
    if (this.#purchaseDrawn) this.shop.sellOne(nowMs);
    const perMinute =
      this.sessions.active * this.options.scenario.purchases.perActivePlayerPerMinute;
    const waitMs = perMinute > 0 ? this.#rng.exponential(MINUTE_MS / perMinute) : Infinity;
    this.#purchaseDrawn = waitMs <= REDRAW_MS;
    this.#timers.postpone(Math.ceil(nowMs + Math.min(waitMs, REDRAW_MS)));
  }

  #spike(nowMs: number): void {
    const { spikeSeconds, spikeFactor } = this.options.scenario.servers;
    const server = this.#rng.below(this.fleet.size);
    const factor = this.#rng.between(...spikeFactor);
    const untilMs = Math.ceil(nowMs + this.#rng.between(...spikeSeconds) * 1000);
    this.fleet.spike(server, { untilMs, factor });
    this.truth.incident({
      pattern: "latency-spike",
      injected: false,
      startMs: nowMs,
      endMs: untilMs,
      detail: { server_id: this.fleet.server(server).about.serverId },
    });
  }

  #crash(nowMs: number): void {
    const server = this.#rng.below(this.fleet.size);
    const players = this.fleet.server(server).players;
    const untilMs = nowMs + this.options.scenario.servers.restartSeconds * 1000;
    this.fleet.crash(server, untilMs);
    this.truth.incident({
      pattern: "server-crash",
      injected: false,
      startMs: nowMs,
      endMs: untilMs,
      detail: { server_id: this.fleet.server(server).about.serverId, players },
    });
  }

  #later(nowMs: number, meanSeconds: number): number {
    return Math.ceil(nowMs + Math.max(1, this.#rng.exponential(meanSeconds * 1000)));
  }
}

/** Injections remembered for the state page. */
const INJECTED_MAX = 50;

type IncidentChoice<P extends string> = (rng: Rng) => P | undefined;

function incidentChoice<P extends string>(incidents: Incidents<P>): IncidentChoice<P> {
  const weighted = incidents.weights.filter(({ weight }) => weight > 0);
  if (weighted.length === 0) return () => undefined;
  const choice = new WeightedChoice(weighted.map(({ weight }) => weight));
  return (rng) => weighted[choice.pick(rng)]?.pattern;
}
