import type { JsonObject } from "@arenaflow/events";
import { catalog, scenarioNamed, World, type WorldOptions } from "../src/index.ts";

export const scenario = scenarioNamed("default");

/** A Sunday evening. */
export const START_MS = Date.parse("2026-11-22T18:00:00.000Z");
export const MINUTE_MS = 60_000;

export type Event = JsonObject & { readonly [name: string]: unknown };

export function newWorld(options: Partial<WorldOptions> = {}): World {
  return new World({ seed: 7, startMs: START_MS, scenario, catalog, ...options });
}

/** Lets a world run on for a time, and returns its events parsed. */
export function run(
  world: World,
  ms: number,
): Record<"players" | "purchases" | "metrics", Event[]> {
  const batch = world.advance(world.nowMs + ms);
  const parse = (lines: readonly string[]) => lines.map((line) => JSON.parse(line) as Event);
  return {
    players: parse(batch["player-events"]),
    purchases: parse(batch.purchases),
    metrics: parse(batch["server-metrics"]),
  };
}

export function groupBy(events: readonly Event[], field: string): Map<unknown, Event[]> {
  return Map.groupBy(events, (event) => event[field]);
}

export function timeOf(event: Event): number {
  return Date.parse(String(event["timestamp"] ?? event["purchase_timestamp"]));
}
