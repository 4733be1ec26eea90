/**
 * How many players there are: arrivals follow a target that moves with the time of day, the rate
 * asked for and viral peaks. Who arrives: those due back, new accounts, favourites.
 */
import type { Accounts } from "./accounts.ts";
import { Rng } from "./random.ts";
import type { Scenario } from "./scenario.ts";
import type { Sessions } from "./sessions.ts";
import { TIMER, type Timers } from "./timers.ts";

const HOUR_MS = 3_600_000;
const HOURS_PER_DAY = 24;
/** Arrivals are drawn anew at least this often, so that a new target is felt at once. */
const REDRAW_MS = 500;
/** Accounts looked at for one arrival. */
const DRAWS_MAX = 16;
/** With more players than this multiple of the target some leave early. */
const CROWDED = 1.08;
const CROWDED_QUIT_MAX = 0.12;
/** During a viral peak most arrivals are people who never played before. */
const VIRAL_NEW_SHARE = 0.7;
const RECONNECT_SECONDS = [3, 20] as const;

export class Crowd {
  readonly #scenario: Scenario;
  readonly #accounts: Accounts;
  readonly #sessions: Sessions;
  readonly #timers: Timers;
  readonly #rng: Rng;
  /** Accounts that meant to be back by now. */
  readonly #due: number[] = [];
  readonly #meanSessionMs: number;
  readonly #dayCurveMax: number;
  /** True when the timer of arrivals stands for somebody, false when only for another draw. */
  #arrivalDrawn = false;
  rate = 1;
  viralFactor = 1;
  viralUntilMs = 0;

  constructor(options: {
    scenario: Scenario;
    seed: number;
    accounts: Accounts;
    sessions: Sessions;
    timers: Timers;
  }) {
    this.#scenario = options.scenario;
    this.#accounts = options.accounts;
    this.#sessions = options.sessions;
    this.#timers = options.timers;
    this.#rng = new Rng(options.seed, "crowd");
    const { medianSeconds, spread } = this.#scenario.session;
    this.#meanSessionMs = medianSeconds * 1000 * Math.exp(spread ** 2 / 2);
    this.#dayCurveMax = Math.max(...this.#scenario.population.dayCurve);
  }

  /** Players that should be online now. */
  target(nowMs: number): number {
    const { activeTarget } = this.#scenario.population;
    let curve = 0;
    let shares = 0;
    for (const [index, { share }] of this.#scenario.regions.entries()) {
      curve += share * this.#activity(index, nowMs);
      shares += share;
    }
    const viral = this.viralUntilMs > nowMs ? this.viralFactor : 1;
    return (activeTarget * this.rate * viral * curve) / shares;
  }

  /** The timer of arrivals is due: somebody may come, and the timer is set again. */
  arrive(nowMs: number): void {
    if (this.#arrivalDrawn) {
      const account = this.#whoArrives(nowMs);
      if (account !== undefined) this.#sessions.start(account, nowMs);
    }
    const target = this.target(nowMs);
    const active = this.#sessions.active;
    const crowded = active / Math.max(1, target) - CROWDED;
    this.#sessions.crowdedQuitChance = Math.max(0, Math.min(CROWDED_QUIT_MAX, crowded * 0.1));
    const catchUpMs = this.#scenario.population.catchUpSeconds * 1000;
    const perMs = target / this.#meanSessionMs + (target - active) / catchUpMs;
    const waitMs = perMs > 0 ? this.#rng.exponential(1 / perMs) : Infinity;
    this.#timers.postpone(nowMs + Math.min(waitMs, REDRAW_MS));
    this.#arrivalDrawn = waitMs <= REDRAW_MS;
  }

  /** A session is over: the player reconnects soon, comes back another time, or does not say. */
  left(account: number, how: "quit" | "lost", nowMs: number): void {
    const rng = this.#rng;
    if (how === "lost" && rng.chance(this.#scenario.session.reconnectShare)) {
      const [from, to] = RECONNECT_SECONDS;
      this.#timers.add(Math.ceil(nowMs + rng.between(from, to) * 1000), TIMER.reconnect, account);
      return;
    }
    if (this.#accounts.returning[account] === 1) return;
    let roll = rng.next();
    for (const habit of this.#scenario.population.returns) {
      roll -= habit.share;
      if (roll >= 0) continue;
      const [from, to] = habit.afterHours;
      this.#accounts.returning[account] = 1;
      this.#timers.add(Math.ceil(nowMs + rng.between(from, to) * HOUR_MS), TIMER.comeback, account);
      return;
    }
  }

  /** A player tries to connect again. */
  reconnect(account: number, nowMs: number): void {
    this.#timers.drop();
    if (this.#accounts.online[account] === 0) this.#sessions.start(account, nowMs);
  }

  /** A player would come back now, as soon as there is room. */
  comeback(account: number): void {
    this.#timers.drop();
    this.#due.push(account);
  }

  /** Nobody is expected back any more; players still come back as favourites. */
  forgetPlans(): void {
    this.#arrivalDrawn = false;
    this.#due.length = 0;
    this.#accounts.returning.fill(0);
  }

  #whoArrives(nowMs: number): number | undefined {
    const rng = this.#rng;
    const { newAccountShare, dueReturnShare, favouritesExponent } = this.#scenario.population;
    if (this.#due.length > 0 && rng.chance(dueReturnShare)) {
      const account = this.#takeDue();
      if (this.#accounts.online[account] === 0) return account;
    }
    const viral = this.viralUntilMs > nowMs;
    if (rng.chance(viral ? VIRAL_NEW_SHARE : newAccountShare)) {
      const account = this.#accounts.register();
      if (account !== undefined) return account;
    }
    for (let draws = 0; draws < DRAWS_MAX; draws += 1) {
      const account = this.#favourite(favouritesExponent);
      if (this.#accounts.online[account] === 1) continue;
      const awake = this.#activity(this.#accounts.region(account), nowMs) / this.#dayCurveMax;
      if (rng.chance(awake)) return account;
    }
    return undefined;
  }

  #favourite(exponent: number): number {
    const size = this.#accounts.count;
    return Math.min(size - 1, Math.floor(size * this.#rng.next() ** (1 / (1 - exponent))));
  }

  /** Any of those due, so that the queue needs no shifting. */
  #takeDue(): number {
    const at = this.#rng.below(this.#due.length);
    const account = this.#due[at] ?? 0;
    const last = this.#due.pop() ?? account;
    if (at < this.#due.length) this.#due[at] = last;
    this.#accounts.returning[account] = 0;
    return account;
  }

  #activity(region: number, nowMs: number): number {
    const offset = this.#scenario.regions[region]?.utcOffsetHours ?? 0;
    const hour = Math.floor(nowMs / HOUR_MS + offset) % HOURS_PER_DAY;
    return this.#scenario.population.dayCurve[hour] ?? 1;
  }
}
