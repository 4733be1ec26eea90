/** Events of a small seeded game, so that a failing run can be repeated. */
import type { PlayerEvent } from "../reference/engagement/event.ts";
import type { Purchase } from "../reference/sales.ts";
import type { ServerMetric } from "../reference/servers.ts";

export interface KnownEvents {
  readonly "player-events": PlayerEvent[];
  readonly purchases: Purchase[];
  readonly "server-metrics": ServerMetric[];
}

const PRICES: Readonly<Record<string, number>> = {
  skin_dragon: 4.99,
  potion: 0.99,
  gems_500: 9.99,
};
const PLAYERS = 40;
const CHEATER = "cheater";

/** Mulberry32: small, seeded, good enough to pick test data. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * What happened in one slice of time, in time order.
 * @param sequence makes the event ids unique
 */
export function knownEvents(
  random: () => number,
  { fromMs, toMs, sequence }: { fromMs: number; toMs: number; sequence: number },
): KnownEvents {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const times = (count: number): string[] =>
    Array.from({ length: count }, () => fromMs + random() * (toMs - fromMs))
      .toSorted((a, b) => a - b)
      .map((ms) => new Date(ms).toISOString());
  let id = 0;
  const nextId = (): string => `known-${sequence}-${(id += 1)}`;

  const playerEvents = times(30).map((timestamp) => {
    const player = Math.floor(random() * PLAYERS);
    return {
      event_id: nextId(),
      player_id: `player_${player}`,
      session_id: `session_${player}`,
      event_type: "move",
      level_id: pick(["level_01", "level_02", "level_03"]),
      map_id: pick(["map_05", "map_06"]),
      timestamp,
    };
  });
  const honest = times(6).map((purchase_timestamp) => {
    const player = Math.floor(random() * PLAYERS);
    return {
      ...purchaseOf(nextId(), `player_${player}`, pick(Object.keys(PRICES)), purchase_timestamp),
      currency: pick(["USD", "EUR"]),
      transaction_type: random() < 0.1 ? ("refund" as const) : ("purchase" as const),
    };
  });
  const burst = times(3).map((time) => purchaseOf(nextId(), CHEATER, "gems_500", time));
  const metrics = times(4).map((timestamp) => ({
    event_id: nextId(),
    server_id: pick(["server_1", "server_2"]),
    cpu_load: Math.floor(random() * 100),
    memory_usage: Math.floor(random() * 100),
    latency: Math.floor(random() * 200),
    timestamp,
  }));
  return {
    "player-events": playerEvents,
    purchases: [...honest, ...burst].toSorted((a, b) =>
      a.purchase_timestamp.localeCompare(b.purchase_timestamp),
    ),
    "server-metrics": metrics,
  };
}

function purchaseOf(eventId: string, playerId: string, itemId: string, time: string) {
  return {
    event_id: eventId,
    player_id: playerId,
    item_id: itemId,
    price: PRICES[itemId]!,
    currency: "USD",
    purchase_timestamp: time,
    ip_address: `192.0.2.${playerId.length}`,
  };
}
