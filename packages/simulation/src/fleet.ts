/**
 * The game servers: their load comes from their players, latency follows load, and both decide
 * how many connections break. Crashes, spikes and draining end by time, not by timer.
 */
import type { Catalog, GameServer } from "./catalog.ts";
import type { Output } from "./output.ts";
import { Rng } from "./random.ts";
import type { ServerHabits } from "./scenario.ts";
import { oneDecimal, type Stamp } from "./text.ts";

export type ServerStatus = "up" | "spiking" | "draining" | "down";

interface Server {
  readonly about: GameServer;
  readonly region: number;
  readonly tail: string;
  players: number;
  lostSinceReport: number;
  cpuNoise: number;
  /** Grows with uptime, as leaks do; a restart clears it. */
  leak: number;
  cpuLoad: number;
  memoryUsage: number;
  latencyMs: number;
  /** Chance that one step of one session here ends in a lost connection. */
  dropChance: number;
  downUntilMs: number;
  spikeUntilMs: number;
  spikeFactor: number;
  drainUntilMs: number;
  /** Index of the server that takes its players while it drains; -1 for whichever has room. */
  drainInto: number;
}

const IDLE_CPU = 9;
const FULL_CPU = 82;
const SPIKE_CPU = 22;
const IDLE_MEMORY = 34;
const FULL_MEMORY = 72;
const LEAK_MAX = 12;
const LEAK_PER_REPORT = 0.01;
/** Latency at this multiple of the base is as bad as it gets: packets are then dropped instead. */
const LATENCY_FACTOR_MAX = 40;
/** Above this multiple of its base latency a server starts to lose connections. */
const LATENCY_FACTOR_FINE = 4;
const DROP_PER_LATENCY_FACTOR = 0.0015;
const DROP_CHANCE_MAX = 0.03;

export class Fleet {
  readonly #servers: readonly Server[];
  readonly #habits: ServerHabits;
  readonly #calmDropChance: number;
  readonly #rng: Rng;
  readonly #stamp: Stamp;
  readonly #output: Output;
  /** The studio has sized its servers for this many times the scenario's players. */
  scale = 1;

  constructor(options: {
    catalog: Catalog;
    regions: readonly string[];
    habits: ServerHabits;
    calmDropChance: number;
    seed: number;
    stamp: Stamp;
    output: Output;
  }) {
    this.#habits = options.habits;
    this.#calmDropChance = options.calmDropChance;
    this.#rng = new Rng(options.seed, "servers");
    this.#stamp = options.stamp;
    this.#output = options.output;
    this.#servers = options.catalog.servers.map((about) => newServer(about, options));
  }

  get size(): number {
    return this.#servers.length;
  }

  server(index: number): Readonly<Server> {
    return this.#at(index);
  }

  indexOf(serverId: string): number {
    return this.#servers.findIndex((server) => server.about.serverId === serverId);
  }

  status(index: number, nowMs: number): ServerStatus {
    const server = this.#at(index);
    if (server.downUntilMs > nowMs) return "down";
    if (server.drainUntilMs > nowMs) return "draining";
    return server.spikeUntilMs > nowMs ? "spiking" : "up";
  }

  /** The server with most room for a player of a region; elsewhere when the region has none. */
  choose(region: number, nowMs: number): number {
    let best = -1;
    let bestLoad = Infinity;
    for (let index = 0; index < this.#servers.length; index += 1) {
      const server = this.#at(index);
      if (server.downUntilMs > nowMs || server.drainUntilMs > nowMs) continue;
      // A server elsewhere is chosen only when the ones at home are full many times over.
      const load = this.#load(server) + (server.region === region ? 0 : 1000);
      if (load < bestLoad) {
        best = index;
        bestLoad = load;
      }
    }
    return best < 0 ? 0 : best;
  }

  join(index: number): void {
    this.#at(index).players += 1;
  }

  leave(index: number, how: "quit" | "lost"): void {
    const server = this.#at(index);
    server.players -= 1;
    if (how === "lost") server.lostSinceReport += 1;
  }

  isDown(index: number, nowMs: number): boolean {
    return this.#at(index).downUntilMs > nowMs;
  }

  isDraining(index: number, nowMs: number): boolean {
    return this.#at(index).drainUntilMs > nowMs;
  }

  /** Where a player of a draining server goes. */
  destination(index: number, region: number, nowMs: number): number {
    const into = this.#at(index).drainInto;
    return into >= 0 && !this.isDown(into, nowMs) ? into : this.choose(region, nowMs);
  }

  dropChance(index: number): number {
    return this.#at(index).dropChance;
  }

  crash(index: number, untilMs: number): void {
    const server = this.#at(index);
    server.downUntilMs = untilMs;
    server.leak = 0;
    server.spikeUntilMs = 0;
  }

  spike(index: number, spike: { untilMs: number; factor: number }): void {
    const server = this.#at(index);
    server.spikeUntilMs = spike.untilMs;
    server.spikeFactor = spike.factor;
  }

  drain(index: number, drain: { untilMs: number; into: number }): void {
    const server = this.#at(index);
    server.drainUntilMs = drain.untilMs;
    server.drainInto = drain.into;
  }

  /** Ends every fault of a server at once. */
  heal(index: number): void {
    const server = this.#at(index);
    server.downUntilMs = 0;
    server.spikeUntilMs = 0;
    server.drainUntilMs = 0;
  }

  /** Ends every session and every fault, as after a pause of the world. */
  reset(): void {
    for (const [index, server] of this.#servers.entries()) {
      this.heal(index);
      server.players = 0;
      server.lostSinceReport = 0;
    }
  }

  /**
   * Measures one server and writes its event; a server that is down says nothing.
   * @returns when it reports next
   */
  report(index: number, nowMs: number): number {
    const server = this.#at(index);
    this.#measure(server, nowMs);
    if (server.downUntilMs <= nowMs) {
      const { about } = server;
      this.#output.serverMetrics(
        `{"server_id":${JSON.stringify(about.serverId)},"cpu_load":${oneDecimal(server.cpuLoad)}` +
          `,"memory_usage":${oneDecimal(server.memoryUsage)},"latency":${oneDecimal(server.latencyMs)}` +
          `,"timestamp":"${this.#stamp.next(nowMs)}","connected_players":${server.players}` +
          `,"disconnections":${server.lostSinceReport}${server.tail}`,
      );
      server.lostSinceReport = 0;
    }
    const [from, to] = this.#habits.reportSeconds;
    return Math.ceil(nowMs + this.#rng.between(from, to) * 1000);
  }

  #measure(server: Server, nowMs: number): void {
    const rng = this.#rng;
    const load = this.#load(server);
    const spiking = server.spikeUntilMs > nowMs;
    server.cpuNoise = 0.8 * server.cpuNoise + 2 * rng.normal();
    server.leak = Math.min(LEAK_MAX, server.leak + LEAK_PER_REPORT);
    const cpu = IDLE_CPU + (FULL_CPU - IDLE_CPU) * load + (spiking ? SPIKE_CPU : 0);
    server.cpuLoad = clamp(cpu + server.cpuNoise, 1, 100);
    const memory = IDLE_MEMORY + (FULL_MEMORY - IDLE_MEMORY) * Math.min(load, 1.3) + server.leak;
    server.memoryUsage = clamp(memory + 0.5 * rng.normal(), 1, 99);
    // Waiting grows like a queue's: slowly at first, steeply when the server is nearly full.
    const queueing = 1 + (0.5 * load * load) / Math.max(1.02 - load, 0.04);
    const factor = Math.min(LATENCY_FACTOR_MAX, queueing * (spiking ? server.spikeFactor : 1));
    server.latencyMs = server.about.baseLatencyMs * factor * (1 + 0.06 * rng.normal());
    const excess = Math.max(0, factor - LATENCY_FACTOR_FINE) * DROP_PER_LATENCY_FACTOR;
    server.dropChance = Math.min(DROP_CHANCE_MAX, this.#calmDropChance + excess);
  }

  #load(server: Server): number {
    return server.players / (server.about.capacityPlayers * this.scale);
  }

  #at(index: number): Server {
    const server = this.#servers[index];
    if (server === undefined) throw new RangeError(`no server ${index}`);
    return server;
  }
}

function newServer(
  about: GameServer,
  options: { regions: readonly string[]; calmDropChance: number },
): Server {
  const region = JSON.stringify(about.region);
  return {
    about,
    region: options.regions.indexOf(about.region),
    tail: `,"server_type":${JSON.stringify(about.serverType)},"platform":"server","region":${region}}`,
    players: 0,
    lostSinceReport: 0,
    cpuNoise: 0,
    leak: 0,
    cpuLoad: IDLE_CPU,
    memoryUsage: IDLE_MEMORY,
    latencyMs: about.baseLatencyMs,
    dropChance: options.calmDropChance,
    downUntilMs: 0,
    spikeUntilMs: 0,
    spikeFactor: 1,
    drainUntilMs: 0,
    drainInto: -1,
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
