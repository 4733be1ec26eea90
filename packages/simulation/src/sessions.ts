/**
 * Players at play: a Markov chain per session over levels and maps. A session begins with
 * `session_start` and ends with exactly one of `session_end` or `disconnect`; moves and
 * interactions lie between `level_start` and its outcome. Every session has exactly one timer.
 */
import type { Accounts } from "./accounts.ts";
import type { Fleet } from "./fleet.ts";
import type { EventType, Output } from "./output.ts";
import type { Place, Places } from "./places.ts";
import { Rng } from "./random.ts";
import type { Scenario } from "./scenario.ts";
import { MAP_SIDE, type Stamp, whole, X_FIELD, Y_FIELD } from "./text.ts";
import { TIMER, type Timers } from "./timers.ts";

const FIRST_CAPACITY = 1024;
/** Longest wait between two steps, as a multiple of the mean. */
const STEP_FACTOR_MAX = 6;
const STRIDE = 45;
/** Chance of completing a level that is stuck. */
const STUCK_SUCCESS = 0.02;
/** How much longer players try before they fail there. */
const STUCK_PATIENCE = 1.5;
/** In a stuck level players rage-quit this much more readily. */
const STUCK_RAGE = 1.6;
const SUCCESS_MIN = 0.03;
const SUCCESS_MAX = 0.98;
const FAIL_REASONS = ["fell", "defeated", "time_up"] as const;

const BETWEEN_LEVELS = 0;
const PLAYING = 1;

interface SessionsOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly idPrefix: string;
  readonly accounts: Accounts;
  readonly places: Places;
  readonly fleet: Fleet;
  readonly timers: Timers;
  readonly stamp: Stamp;
  readonly output: Output;
  /** Told when a session is over, so that the player may come back. */
  readonly onEnd: (account: number, how: "quit" | "lost", nowMs: number) => void;
}

export class Sessions {
  readonly #world: SessionsOptions;
  readonly #rng: Rng;
  readonly #tails: (string | undefined)[] = [];
  #started = 0;
  #capacity = FIRST_CAPACITY;
  #used = 0;
  readonly #free: number[] = [];
  readonly #live: number[] = [];
  /** Chance per step that a player leaves because there are more of them than the world wants. */
  crowdedQuitChance = 0;

  #account = new Int32Array(FIRST_CAPACITY);
  #place = new Uint16Array(FIRST_CAPACITY);
  #server = new Uint16Array(FIRST_CAPACITY);
  #phase = new Uint8Array(FIRST_CAPACITY);
  #fails = new Uint8Array(FIRST_CAPACITY);
  #x = new Uint16Array(FIRST_CAPACITY);
  #y = new Uint16Array(FIRST_CAPACITY);
  #liveAt = new Int32Array(FIRST_CAPACITY);
  #levelEndsMs = new Float64Array(FIRST_CAPACITY);
  #endsMs = new Float64Array(FIRST_CAPACITY);
  /** 1 when the player leaves in anger. */
  #rage = new Uint8Array(FIRST_CAPACITY);
  /** Index into the tails. */
  #tail = new Uint32Array(FIRST_CAPACITY);
  /** The one text per session: making it anew for every event would cost more than it takes. */
  readonly #head: string[] = [];

  constructor(options: SessionsOptions) {
    this.#world = options;
    this.#rng = new Rng(options.seed, "sessions");
  }

  /** Sessions going on. */
  get active(): number {
    return this.#live.length;
  }

  get started(): number {
    return this.#started;
  }

  /** The account of some session going on, or `undefined` when there is none. */
  someAccount(rng: Rng): number | undefined {
    const slot = this.#live[rng.below(this.#live.length)];
    return slot === undefined ? undefined : this.#account[slot];
  }

  /** Begins a session for an account that is not online. */
  start(account: number, nowMs: number): void {
    const { accounts, fleet, places, timers, scenario, idPrefix } = this.#world;
    const rng = this.#rng;
    const slot = this.#takeSlot();
    accounts.online[account] = 1;
    const frontier = accounts.frontier[account] ?? 0;
    const place = rng.chance(scenario.levels.nextShare)
      ? places.forLevel(frontier, rng)
      : places.popular(frontier, rng);
    const server = fleet.choose(accounts.region(account), nowMs);
    fleet.join(server);
    places.at(place).players += 1;
    this.#started += 1;
    this.#account[slot] = account;
    this.#place[slot] = place;
    this.#server[slot] = server;
    this.#phase[slot] = BETWEEN_LEVELS;
    this.#fails[slot] = 0;
    const { medianSeconds, spread, pauseSeconds } = scenario.session;
    this.#endsMs[slot] = nowMs + medianSeconds * 1000 * Math.exp(spread * rng.normal());
    this.#rage[slot] = 0;
    const sessionId = `s${idPrefix}${this.#started.toString(36)}`;
    this.#head[slot] = whole(
      `{"player_id":"${accounts.playerId(account)}","session_id":"${sessionId}","event_type":"`,
    );
    this.#tail[slot] = this.#tailOf(accounts.look(account), server);
    this.#write(slot, "session_start", nowMs, `,"player_name":"${accounts.playerName(account)}"}`);
    timers.add(this.#after(nowMs, pauseSeconds), TIMER.session, slot);
  }

  /** The session's timer is due: it does what comes next and sets or drops its timer. */
  step(slot: number, nowMs: number): void {
    const { fleet, timers, scenario } = this.#world;
    const server = this.#server[slot] ?? 0;
    if (fleet.isDown(server, nowMs)) return this.#lose(slot, nowMs, "server_crash");
    if (fleet.isDraining(server, nowMs)) this.#migrate(slot, server, nowMs);
    if (this.#phase[slot] === BETWEEN_LEVELS) {
      if (nowMs >= (this.#endsMs[slot] ?? 0)) return this.#quit(slot, nowMs);
      this.#startLevel(slot, nowMs);
    } else {
      const roll = this.#rng.next();
      const lost = fleet.dropChance(server);
      if (roll < lost) return this.#lose(slot, nowMs, "connection_lost");
      if (roll < lost + this.crowdedQuitChance) return this.#quit(slot, nowMs);
      if (nowMs >= (this.#levelEndsMs[slot] ?? 0)) {
        this.#finishLevel(slot, nowMs);
        timers.postpone(this.#after(nowMs, scenario.session.pauseSeconds));
        return;
      }
      this.#move(slot, nowMs);
    }
    timers.postpone(this.#after(nowMs, scenario.session.stepSeconds));
  }

  /** Forgets every session without a word, as when the world was not looked at for long. */
  clear(): void {
    const { accounts, places } = this.#world;
    for (const slot of this.#live) accounts.online[this.#account[slot] ?? 0] = 0;
    for (const place of places.all) place.players = 0;
    this.#live.length = 0;
    this.#free.length = 0;
    this.#head.length = 0;
    this.#used = 0;
  }

  #move(slot: number, nowMs: number): void {
    const { places, scenario, stamp, output } = this.#world;
    const rng = this.#rng;
    const place = places.at(this.#place[slot] ?? 0);
    const turn = rng.next();
    let x = (this.#x[slot] ?? 0) + Math.floor((rng.next() - 0.5) * 2 * STRIDE);
    let y = (this.#y[slot] ?? 0) + Math.floor((turn - 0.5) * 2 * STRIDE);
    if (place.stuckUntilMs > nowMs) {
      x += Math.trunc((place.bottleneckX - x) / 4);
      y += Math.trunc((place.bottleneckY - y) / 4);
    }
    x = x < 0 ? 0 : x >= MAP_SIDE ? MAP_SIDE - 1 : x;
    y = y < 0 ? 0 : y >= MAP_SIDE ? MAP_SIDE - 1 : y;
    this.#x[slot] = x;
    this.#y[slot] = y;
    const type = rng.next() < scenario.session.interactionShare ? "interaction" : "move";
    output.playerEvent(
      (this.#head[slot] ?? "") +
        place.text[type] +
        stamp.next(nowMs) +
        (this.#tails[this.#tail[slot] ?? 0] ?? "") +
        (X_FIELD[x] ?? "") +
        (Y_FIELD[y] ?? ""),
    );
  }

  #startLevel(slot: number, nowMs: number): void {
    const rng = this.#rng;
    const place = this.#placeOf(slot);
    const patience = place.stuckUntilMs > nowMs ? STUCK_PATIENCE : 1;
    this.#phase[slot] = PLAYING;
    this.#levelEndsMs[slot] = nowMs + place.typicalMs * patience * rng.between(0.6, 1.4);
    this.#x[slot] = rng.below(MAP_SIDE);
    this.#y[slot] = rng.below(MAP_SIDE);
    this.#write(slot, "level_start", nowMs, "}");
  }

  #finishLevel(slot: number, nowMs: number): void {
    const { accounts, places, scenario } = this.#world;
    const rng = this.#rng;
    const habits = scenario.levels;
    const account = this.#account[slot] ?? 0;
    const place = this.#placeOf(slot);
    const fails = this.#fails[slot] ?? 0;
    const stuck = place.stuckUntilMs > nowMs;
    const skilled =
      habits.skillBonus * (accounts.skill[account] ?? 0) + habits.attemptBonus * fails;
    const success = Math.min(SUCCESS_MAX, Math.max(SUCCESS_MIN, 1 - place.difficulty + skilled));
    this.#phase[slot] = BETWEEN_LEVELS;
    const frontier = accounts.frontier[account] ?? 0;
    if (rng.chance(stuck ? STUCK_SUCCESS : success)) {
      this.#write(slot, "level_complete", nowMs, "}");
      this.#fails[slot] = 0;
      const reached = Math.min(places.levels - 1, Math.max(frontier, place.level + 1));
      accounts.frontier[account] = reached;
      const next = rng.chance(habits.nextShare)
        ? places.forLevel(Math.min(place.level + 1, reached), rng)
        : places.popular(reached, rng);
      return this.#goTo(slot, next);
    }
    this.#write(slot, "level_fail", nowMs, `,"reason":"${rng.pick(FAIL_REASONS)}"}`);
    this.#fails[slot] = Math.min(255, fails + 1);
    const rage = habits.rageQuitShare * (stuck ? STUCK_RAGE : 1);
    if (fails + 1 >= habits.rageQuitAfterFails && rng.chance(rage)) {
      this.#endsMs[slot] = nowMs;
      this.#rage[slot] = 1;
    } else if (!rng.chance(habits.retryShare)) {
      this.#fails[slot] = 0;
      this.#goTo(slot, places.popular(frontier, rng));
    }
  }

  #goTo(slot: number, place: number): void {
    this.#placeOf(slot).players -= 1;
    this.#place[slot] = place;
    this.#placeOf(slot).players += 1;
  }

  #migrate(slot: number, server: number, nowMs: number): void {
    const { accounts, fleet } = this.#world;
    const account = this.#account[slot] ?? 0;
    const into = fleet.destination(server, accounts.region(account), nowMs);
    if (into === server) return;
    fleet.leave(server, "quit");
    fleet.join(into);
    this.#server[slot] = into;
    this.#tail[slot] = this.#tailOf(accounts.look(account), into);
  }

  #quit(slot: number, nowMs: number): void {
    const reason = this.#rage[slot] === 1 ? "rage_quit" : "quit";
    this.#write(slot, "session_end", nowMs, `,"reason":"${reason}"}`);
    this.#end(slot, "quit", nowMs);
  }

  #lose(slot: number, nowMs: number, reason: "server_crash" | "connection_lost"): void {
    this.#write(slot, "disconnect", nowMs, `,"reason":"${reason}"}`);
    this.#end(slot, "lost", nowMs);
  }

  #end(slot: number, how: "quit" | "lost", nowMs: number): void {
    const { accounts, fleet, timers, onEnd } = this.#world;
    const account = this.#account[slot] ?? 0;
    timers.drop();
    fleet.leave(this.#server[slot] ?? 0, how);
    this.#placeOf(slot).players -= 1;
    accounts.online[account] = 0;
    this.#releaseSlot(slot);
    onEnd(account, how, nowMs);
  }

  /** @param rest what follows the server's id, with the closing brace */
  #write(slot: number, type: EventType, nowMs: number, rest: string): void {
    const { stamp, output } = this.#world;
    const where = this.#placeOf(slot).text[type];
    const tail = this.#tails[this.#tail[slot] ?? 0] ?? "";
    output.playerEvent(`${this.#head[slot] ?? ""}${where}${stamp.next(nowMs)}${tail}${rest}`);
  }

  #after(nowMs: number, meanSeconds: number): number {
    const factor = Math.min(STEP_FACTOR_MAX, this.#rng.exponential(1));
    return Math.ceil(nowMs + Math.max(1, factor * meanSeconds * 1000));
  }

  #placeOf(slot: number): Place {
    return this.#world.places.at(this.#place[slot] ?? 0);
  }

  /** Sessions of the same kind on the same server share one text. */
  #tailOf(look: number, server: number): number {
    const { accounts, fleet } = this.#world;
    const key = look * fleet.size + server;
    if (this.#tails[key] === undefined) {
      const { serverId } = fleet.server(server).about;
      const lookText = accounts.looks[look]?.text ?? "";
      this.#tails[key] = whole(`${lookText},"server_id":${JSON.stringify(serverId)}`);
    }
    return key;
  }

  #takeSlot(): number {
    const slot = this.#free.pop() ?? this.#used++;
    if (slot >= this.#capacity) this.#grow();
    this.#liveAt[slot] = this.#live.length;
    this.#live.push(slot);
    return slot;
  }

  #releaseSlot(slot: number): void {
    const last = this.#live.pop() ?? slot;
    if (last !== slot) {
      const at = this.#liveAt[slot] ?? 0;
      this.#live[at] = last;
      this.#liveAt[last] = at;
    }
    this.#head[slot] = "";
    this.#free.push(slot);
  }

  #grow(): void {
    this.#capacity *= 2;
    const size = this.#capacity;
    this.#account = grown(this.#account, new Int32Array(size));
    this.#place = grown(this.#place, new Uint16Array(size));
    this.#server = grown(this.#server, new Uint16Array(size));
    this.#phase = grown(this.#phase, new Uint8Array(size));
    this.#fails = grown(this.#fails, new Uint8Array(size));
    this.#rage = grown(this.#rage, new Uint8Array(size));
    this.#tail = grown(this.#tail, new Uint32Array(size));
    this.#x = grown(this.#x, new Uint16Array(size));
    this.#y = grown(this.#y, new Uint16Array(size));
    this.#liveAt = grown(this.#liveAt, new Int32Array(size));
    this.#levelEndsMs = grown(this.#levelEndsMs, new Float64Array(size));
    this.#endsMs = grown(this.#endsMs, new Float64Array(size));
  }
}

function grown<T extends { set(source: T): void }>(source: T, target: T): T {
  target.set(source);
  return target;
}
