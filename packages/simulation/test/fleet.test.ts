import { describe, expect, it } from "vitest";
import { parseInjection, type World } from "../src/index.ts";
import { type Event, groupBy, MINUTE_MS, newWorld, run } from "./support.ts";

function of(events: readonly Event[], serverId: string): Event[] {
  return events.filter((event) => event["server_id"] === serverId);
}

function mean(events: readonly Event[], field: string): number {
  return events.reduce((sum, event) => sum + Number(event[field]), 0) / events.length;
}

function warmWorld(): World {
  const world = newWorld();
  run(world, MINUTE_MS);
  return world;
}

describe("servers", () => {
  it("report every one to two seconds with what the catalog says about them", () => {
    const { metrics } = run(warmWorld(), MINUTE_MS);
    const servers = groupBy(metrics, "server_id");
    expect(servers.size).toBe(8);
    for (const events of servers.values()) {
      expect(events.length).toBeGreaterThan(29);
      expect(events.length).toBeLessThan(61);
    }
  });

  it("count the players that are really on them", () => {
    const world = newWorld();
    const { players, metrics } = run(world, 3 * MINUTE_MS);
    for (const [serverId, reports] of groupBy(metrics, "server_id")) {
      const online = new Set<unknown>();
      const last = reports.at(-1)!;
      for (const event of of(players, String(serverId))) {
        if (String(event["timestamp"]) > String(last["timestamp"])) break;
        const ends = event["event_type"] === "session_end" || event["event_type"] === "disconnect";
        if (ends) online.delete(event["session_id"]);
        else online.add(event["session_id"]);
      }
      expect(last["connected_players"]).toBe(online.size);
    }
  });

  it("report every lost connection once", () => {
    const world = newWorld();
    const { players, metrics } = run(world, 5 * MINUTE_MS);
    const lost = players.filter((event) => event["event_type"] === "disconnect").length;
    const reported = metrics.reduce((sum, event) => sum + Number(event["disconnections"]), 0);
    expect(lost).toBeGreaterThan(0);
    expect(lost - reported).toBeGreaterThanOrEqual(0);
    expect(lost - reported).toBeLessThan(10);
  });

  it("get slower as they fill", () => {
    const world = warmWorld();
    const before = run(world, MINUTE_MS / 2).metrics;
    world.inject(parseInjection({ inject: "viral-peak", factor: 10 }));
    run(world, MINUTE_MS / 2);
    const peak = run(world, 10_000);
    expect(mean(peak.metrics, "cpu_load")).toBeGreaterThan(mean(before, "cpu_load") + 20);
    expect(mean(peak.metrics, "latency")).toBeGreaterThan(4 * mean(before, "latency"));
    expect(world.sessions.active).toBeGreaterThan(2000);
  });

  it("answer slowly during a spike and recover", () => {
    const world = warmWorld();
    const before = mean(of(run(world, 20_000).metrics, "server_4"), "latency");
    const request = { inject: "latency-spike", server_id: "server_4", factor: 8, seconds: 20 };
    world.inject(parseInjection(request));
    expect(mean(of(run(world, 20_000).metrics, "server_4"), "latency")).toBeGreaterThan(5 * before);
    run(world, 10_000);
    expect(mean(of(run(world, 5000).metrics, "server_4"), "latency")).toBeLessThan(2 * before);
  });

  it("say nothing while they are down, lose their players, and come back", () => {
    const world = warmWorld();
    const online = world.fleet.server(0).players;
    world.inject(parseInjection({ inject: "server-crash", server_id: "server_1", seconds: 15 }));
    const down = run(world, 14_000);
    expect(of(down.metrics, "server_1")).toEqual([]);
    const lost = of(down.players, "server_1").filter((event) => event["reason"] === "server_crash");
    expect(lost.length).toBeGreaterThan(0.9 * online);
    const elsewhere = new Set(
      down.players
        .filter(
          (event) => event["event_type"] === "session_start" && event["server_id"] !== "server_1",
        )
        .map((event) => event["player_id"]),
    );
    expect(lost.filter((event) => elsewhere.has(event["player_id"])).length).toBeGreaterThan(5);
    run(world, MINUTE_MS / 2);
    expect(of(run(world, 10_000).metrics, "server_1").length).toBeGreaterThan(3);
    expect(world.fleet.server(0).players).toBeGreaterThan(5);
  });

  it("drain into another server without losing anyone", () => {
    const world = warmWorld();
    const before = of(run(world, 10_000).players, "server_1");
    const there = new Set(before.map((event) => event["session_id"]));
    world.inject(parseInjection({ inject: "drain", server_id: "server_1", into: "server_2" }));
    const { players } = run(world, MINUTE_MS / 2);
    expect(world.fleet.server(0).players).toBe(0);
    expect(players.filter((event) => event["reason"] === "server_crash")).toEqual([]);
    const moved = new Set(of(players, "server_2").map((event) => event["session_id"]));
    expect([...there].filter((session) => moved.has(session)).length).toBeGreaterThan(20);
  });
});
