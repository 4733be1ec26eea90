/** A look at the world for people: the control page and `GET /v1/state`. */
import type { InjectionReceipt } from "./injections.ts";
import type { TopicCounts } from "./output.ts";
import type { ServerStatus } from "./fleet.ts";
import type { World } from "./world.ts";

export interface WorldState {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly seed: number;
  /** When this world began, empty; with seed, scenario and rate it decides all events that follow. */
  readonly started_at: number;
  readonly scenario: string;
  readonly rate: number;
  readonly active_players: number;
  readonly target_players: number;
  readonly accounts: number;
  readonly sessions_started: number;
  readonly events: Readonly<TopicCounts>;
  /** Position of the newest entry of the truth. */
  readonly truth_position: number;
  readonly places: readonly PlaceState[];
  readonly servers: readonly ServerState[];
  /** Injections that are still felt. */
  readonly injections: readonly InjectionReceipt[];
}

export interface PlaceState {
  readonly level_id: string;
  readonly map_id: string;
  readonly players: number;
  readonly stuck: boolean;
}

export interface ServerState {
  readonly server_id: string;
  readonly region: string;
  readonly status: ServerStatus;
  readonly players: number;
  readonly cpu_load: number;
  readonly memory_usage: number;
  readonly latency: number;
}

export function describeWorld(world: World): WorldState {
  const { crowd, fleet, nowMs, options, places, sessions } = world;
  return {
    now: nowMs,
    seed: options.seed,
    started_at: options.startMs,
    scenario: options.scenario.name,
    rate: crowd.rate,
    active_players: sessions.active,
    target_players: Math.round(crowd.target(nowMs)),
    accounts: world.accounts.count,
    sessions_started: sessions.started,
    events: { ...world.totals },
    truth_position: world.truth.lastPosition,
    places: places.all.map(({ levelId, mapId, players, stuckUntilMs }) => ({
      level_id: levelId,
      map_id: mapId,
      players,
      stuck: stuckUntilMs > nowMs,
    })),
    servers: Array.from({ length: fleet.size }, (_, index) => {
      const server = fleet.server(index);
      return {
        server_id: server.about.serverId,
        region: server.about.region,
        status: fleet.status(index, nowMs),
        players: server.players,
        cpu_load: tenths(server.cpuLoad),
        memory_usage: tenths(server.memoryUsage),
        latency: tenths(server.latencyMs),
      };
    }),
    injections: world.injected.filter((receipt) => receipt.ends_at > nowMs),
  };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
