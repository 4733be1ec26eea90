/** Insights with sensible defaults, so that a test says only what it is about. */
import type { ItemSales, LevelActivity, ServerHealth } from "@arenaflow/events";
import type { ShownMessage } from "../src/data/shown-topics.ts";
import type { Course } from "../src/model/windows.ts";

/** A window start on the epoch's 5 s grid. */
export const T0 = 1_800_000_000_000;
export const WINDOW_MS = 5_000;

export function windowAt(n: number): { window_start: number; window_end: number } {
  return { window_start: T0 + n * WINDOW_MS, window_end: T0 + (n + 1) * WINDOW_MS };
}

export function activity(n: number, fields: Partial<LevelActivity> = {}): LevelActivity {
  return {
    level_id: "level_01",
    map_id: "map_05",
    active_players: 1,
    average_session_duration: 35.2,
    ...windowAt(n),
    ...fields,
  };
}

export function sale(n: number, fields: Partial<ItemSales> = {}): ItemSales {
  return {
    item_id: "skin_dragon",
    purchase_count: 1,
    total_revenue: 4.99,
    fraud_flags: [],
    ...windowAt(n),
    ...fields,
  };
}

export function health(n: number, fields: Partial<ServerHealth> = {}): ServerHealth {
  return {
    server_id: "server_1",
    region: "eu-west",
    server_type: "match",
    samples: 5,
    cpu_last: 40,
    cpu_p95: 44,
    memory_last: 50,
    memory_p95: 51,
    memory_max: 51,
    latency_last: 40,
    cpu_load: 65,
    memory_usage: 80,
    latency: 120,
    cpu_max: 65,
    latency_p95: 120,
    latency_max: 120,
    players: 0,
    disconnections: 0,
    disconnection_rate: 0,
    state: "ok",
    reason: "",
    timestamp: new Date(T0 + n * WINDOW_MS).toISOString(),
    ...windowAt(n),
    ...fields,
  };
}

export function levelMessage(position: number, value: LevelActivity): ShownMessage {
  return { topic: "level-activity", position, value };
}

/** Insights, gathered into windows in order of time. */
export function courses<T extends { window_start: number; window_end: number }>(
  ...values: readonly T[]
): Course<T>[] {
  return [...Map.groupBy(values, (value) => value.window_start)]
    .toSorted(([a], [b]) => a - b)
    .map(([startMs, group]) => ({ startMs, endMs: startMs + WINDOW_MS, values: group }));
}
