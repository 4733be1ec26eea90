/** Turns a parsed injection into effects on the world, choosing what the request left open. */
import type { Injection, InjectionReceipt } from "./injections.ts";
import { InvalidInput } from "./json-reader.ts";
import type { TruthDetail } from "./truth.ts";
import type { World } from "./world.ts";

/**
 * Applies an injection at the world's time.
 * @throws InvalidInput when it names something that the catalog does not have
 */
export function applyInjection(world: World, injection: Injection): InjectionReceipt {
  const { endMs, detail } = apply(world, injection);
  const { inject } = injection;
  const startMs = world.nowMs;
  if (inject !== "fraud-burst" && inject !== "look-alike") {
    world.truth.incident({ pattern: inject, injected: true, startMs, endMs, detail });
  }
  return { inject, started_at: startMs, ends_at: endMs, detail };
}

function apply(world: World, injection: Injection): { endMs: number; detail: TruthDetail } {
  const after = (seconds: number) => world.nowMs + seconds * 1000;
  switch (injection.inject) {
    case "fraud-burst":
    case "look-alike":
      return playPurchases(world, injection);
    case "stuck-level":
      return stickLevel(world, injection, after(injection.seconds));
    case "latency-spike": {
      const server = serverIndex(world, "server_id", injection.serverId);
      const endMs = after(injection.seconds);
      world.fleet.spike(server, { untilMs: endMs, factor: injection.factor });
      return { endMs, detail: { server_id: serverId(world, server), factor: injection.factor } };
    }
    case "server-crash": {
      const server = serverIndex(world, "server_id", injection.serverId);
      const endMs = after(injection.seconds);
      const players = world.fleet.server(server).players;
      world.fleet.crash(server, endMs);
      return { endMs, detail: { server_id: serverId(world, server), players } };
    }
    case "drain":
      return drain(world, injection, after(injection.seconds));
    case "viral-peak": {
      const endMs = after(injection.seconds);
      world.crowd.viralFactor = injection.factor;
      world.crowd.viralUntilMs = endMs;
      return { endMs, detail: { factor: injection.factor } };
    }
    case "calm":
      return calm(world);
  }
}

function playPurchases(
  world: World,
  injection: Extract<Injection, { inject: "fraud-burst" | "look-alike" }>,
): { endMs: number; detail: TruthDetail } {
  const item = injection.itemId === undefined ? undefined : world.shop.itemIndex(injection.itemId);
  if (item === -1) throw unknown("item_id", "an item of the catalog", injection.itemId);
  const how = { wish: { item, count: injection.count }, injected: true };
  const purchases =
    injection.inject === "fraud-burst"
      ? world.playFraud(injection.pattern, how)
      : world.playLookAlike(injection.pattern, how);
  const position = purchases === 0 ? 0 : world.truth.lastPosition;
  const detail = { pattern: injection.pattern, purchases, truth_position: position };
  return { endMs: world.nowMs, detail };
}

function stickLevel(
  world: World,
  injection: Extract<Injection, { inject: "stuck-level" }>,
  endMs: number,
): { endMs: number; detail: TruthDetail } {
  const { places } = world;
  const open = injection.levelId === undefined && injection.mapId === undefined;
  const busiest = places.all.toSorted((a, b) => b.players - a.players)[0];
  const chosen = open
    ? places.find(busiest?.levelId, undefined)
    : places.find(injection.levelId, injection.mapId);
  if (chosen.length === 0) {
    const field = injection.levelId === undefined ? "map_id" : "level_id";
    const value = injection.levelId ?? injection.mapId;
    throw unknown(field, "a level and map that the catalog puts together", value);
  }
  for (const place of chosen) place.stuckUntilMs = endMs;
  const level_ids = [...new Set(chosen.map((place) => place.levelId))];
  const map_ids = [...new Set(chosen.map((place) => place.mapId))];
  return { endMs, detail: { level_ids, map_ids } };
}

function drain(
  world: World,
  injection: Extract<Injection, { inject: "drain" }>,
  endMs: number,
): { endMs: number; detail: TruthDetail } {
  const server = serverIndex(world, "server_id", injection.serverId);
  const into = injection.into === undefined ? -1 : serverIndex(world, "into", injection.into);
  if (into === server) throw unknown("into", "another server than server_id", injection.into);
  const players = world.fleet.server(server).players;
  world.fleet.drain(server, { untilMs: endMs, into });
  const target = into < 0 ? "any" : serverId(world, into);
  return { endMs, detail: { server_id: serverId(world, server), into: target, players } };
}

function calm(world: World): { endMs: number; detail: TruthDetail } {
  const endMs = world.nowMs;
  world.crowd.viralUntilMs = endMs;
  for (const place of world.places.all) place.stuckUntilMs = endMs;
  for (let server = 0; server < world.fleet.size; server += 1) world.fleet.heal(server);
  return { endMs, detail: {} };
}

/** The named server, or the busiest. */
function serverIndex(world: World, field: string, id: string | undefined): number {
  const { fleet } = world;
  if (id !== undefined) {
    const found = fleet.indexOf(id);
    if (found < 0) throw unknown(field, "a server of the catalog", id);
    return found;
  }
  let busiest = 0;
  for (let server = 1; server < fleet.size; server += 1) {
    if (fleet.server(server).players > fleet.server(busiest).players) busiest = server;
  }
  return busiest;
}

function serverId(world: World, server: number): string {
  return world.fleet.server(server).about.serverId;
}

function unknown(field: string, expected: string, value: unknown): InvalidInput {
  return new InvalidInput({ code: "invalid_value", field, expected, value });
}
