import { describe, expect, it } from "vitest";
import { catalog, parseInjection } from "../src/index.ts";
import { type Event, groupBy, MINUTE_MS, newWorld, run } from "./support.ts";

const ENDS = ["session_end", "disconnect"];
const INSIDE_LEVEL = ["move", "interaction", "level_complete", "level_fail"];

/** What is wrong with one session's events, in words; empty when nothing is. */
function faults(session: readonly Event[]): string[] {
  const found: string[] = [];
  let level = "";
  for (const [index, event] of session.entries()) {
    const type = String(event["event_type"]);
    const place = `${String(event["level_id"])} on ${String(event["map_id"])}`;
    if ((type === "session_start") !== (index === 0)) found.push(`${type} as event ${index}`);
    if (ENDS.includes(type) && index !== session.length - 1) found.push(`${type} before the end`);
    if (INSIDE_LEVEL.includes(type) && level !== place)
      found.push(`${type} at ${place}, not started`);
    if (type === "level_start" && level !== "") found.push(`${place} started inside ${level}`);
    if (type === "level_start") level = place;
    if (type === "level_complete" || type === "level_fail") level = "";
    if (event["player_id"] !== session[0]?.["player_id"]) found.push("a session of two players");
  }
  return found;
}

/** Share of attempts at these levels that failed. */
function failRate(events: readonly Event[], levels: readonly string[]): number {
  const at = events.filter((event) => levels.includes(String(event["level_id"])));
  const fails = at.filter((event) => event["event_type"] === "level_fail").length;
  return fails / (fails + at.filter((event) => event["event_type"] === "level_complete").length);
}

describe("sessions", () => {
  const world = newWorld();
  const { players } = run(world, 8 * MINUTE_MS);
  const sessions = [...groupBy(players, "session_id").values()];

  it("start first, end last, and stay inside the level they started", () => {
    expect(sessions.length).toBeGreaterThan(500);
    for (const session of sessions) expect(faults(session)).toEqual([]);
  });

  it("that go on are the ones that have not ended", () => {
    const ended = sessions.filter((session) =>
      ENDS.includes(String(session.at(-1)?.["event_type"])),
    );
    expect(sessions.length - ended.length).toBe(world.sessions.active);
  });

  it("of one player never overlap", () => {
    const wrong: Event[] = [];
    for (const events of groupBy(players, "player_id").values()) {
      let open: unknown;
      for (const event of events) {
        if (event["event_type"] === "session_start") {
          if (open !== undefined) wrong.push(event);
          open = event["session_id"];
        }
        if (event["session_id"] !== open) wrong.push(event);
        if (ENDS.includes(String(event["event_type"]))) open = undefined;
      }
    }
    expect(wrong).toEqual([]);
  });

  it("play levels only on maps that the catalog gives them", () => {
    const played = new Set(
      players.map((event) => `${String(event["level_id"])} ${String(event["map_id"])}`),
    );
    const known = catalog.levels.flatMap(({ levelId, mapIds }) =>
      mapIds.map((mapId) => `${levelId} ${mapId}`),
    );
    expect([...played].toSorted()).toEqual(known.toSorted());
  });

  it("fail hard levels more often than easy ones", () => {
    expect(failRate(players, ["level_01", "level_02"])).toBeLessThan(0.3);
    expect(failRate(players, ["level_08", "level_09", "level_10", "level_11"])).toBeGreaterThan(
      0.4,
    );
  });
});

describe("a stuck level", () => {
  it("is completed by nearly nobody, and players gather at the map's bottleneck", () => {
    const world = newWorld();
    run(world, MINUTE_MS);
    const request = { inject: "stuck-level", level_id: "level_03", map_id: "map_02", seconds: 120 };
    world.inject(parseInjection(request));
    run(world, MINUTE_MS);
    const there = run(world, MINUTE_MS).players.filter(
      (event) => event["level_id"] === "level_03" && event["map_id"] === "map_02",
    );
    const count = (type: string) => there.filter((event) => event["event_type"] === type).length;
    expect(count("level_fail")).toBeGreaterThan(5);
    expect(count("level_complete") / count("level_fail")).toBeLessThan(0.2);
    const point = catalog.maps.find((map) => map.mapId === "map_02")?.bottleneck;
    const moves = there.filter((event) => event["event_type"] === "move");
    const near = moves.filter(
      (event) =>
        Math.hypot(Number(event["x"]) - (point?.x ?? 0), Number(event["y"]) - (point?.y ?? 0)) <
        150,
    );
    expect(near.length / moves.length).toBeGreaterThan(0.5);
  });

  it("names what the catalog does not have", () => {
    const request = parseInjection({ inject: "stuck-level", level_id: "level_99" });
    expect(() => newWorld().inject(request)).toThrow(/level_id must be .* "level_99"/);
  });
});
