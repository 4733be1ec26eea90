/**
 * Players against the reference model, from the events as the topic holds them, in that order.
 *
 * Not compared where the events do not determine it: windows that silence may have closed before all was
 * there are only held between bounds, or left out where there are none. Totals of levels and cohorts are
 * as of the level's (the minute's) last window: what came later is told with the next one.
 */
import type { InsightByTopic } from "@arenaflow/events";
import { windowStart } from "../reference/arrivals.ts";
import { catalogNames } from "../reference/engagement/catalog-names.ts";
import { type PlayerEvent, sightingOf } from "../reference/engagement/event.ts";
import { type Journey, Journeys } from "../reference/engagement/journeys.ts";
import { EngagementModel } from "../reference/engagement/model.ts";
import { type AccountLine, between, Comparison, equal } from "./account-line.ts";
import { type Arrived, Lateness } from "./lateness.ts";

type Told = InsightByTopic;
type Windowed = { readonly window_start: number; readonly window_end: number };
type Events = readonly Arrived<PlayerEvent>[];
type Journeyed = readonly Arrived<Journey>[];

const TEN_SECONDS_MS = 10_000;
const ACTIVITY_MS = 5000;
const MINUTE_MS = 60_000;

export interface EngagementTold {
  readonly "level-activity": readonly Told["level-activity"][];
  readonly "session-stats": readonly Told["session-stats"][];
  readonly "level-retention": readonly Told["level-retention"][];
  readonly "player-movement": readonly Told["player-movement"][];
  readonly disconnects: readonly Told["disconnects"][];
  readonly "day-cohorts": readonly Told["day-cohorts"][];
  readonly late: number;
}

/** A topic of insights, and what their windows are made of. */
interface Windows {
  readonly topic: keyof Omit<EngagementTold, "late">;
  readonly key: readonly string[];
  readonly lengthMs: number;
  readonly of: "events" | "journeys";
}

const WINDOWS: readonly Windows[] = [
  { topic: "level-activity", key: ["level_id", "map_id"], lengthMs: ACTIVITY_MS, of: "events" },
  { topic: "session-stats", key: [], lengthMs: TEN_SECONDS_MS, of: "events" },
  {
    topic: "level-retention",
    key: ["level_id", "map_id"],
    lengthMs: TEN_SECONDS_MS,
    of: "journeys",
  },
  {
    topic: "player-movement",
    key: ["from_level_id", "from_map_id", "to_level_id", "to_map_id"],
    lengthMs: TEN_SECONDS_MS,
    of: "journeys",
  },
  { topic: "disconnects", key: ["server_id"], lengthMs: TEN_SECONDS_MS, of: "journeys" },
  {
    topic: "day-cohorts",
    key: ["cohort_day", "day_number"],
    lengthMs: MINUTE_MS,
    of: "journeys",
  },
];

export function engagementLines(events: Events, told: EngagementTold): AccountLine[] {
  const modelled = new Map<string, object[]>();
  const model = new EngagementModel((topic, value) => {
    modelled.set(topic, [...(modelled.get(topic) ?? []), value]);
  }, catalogNames());
  for (const { event } of events) model.add(event);
  model.finish();
  const journeys = journeysOf(events);
  const lines = WINDOWS.map((windows) =>
    windowsLine(windows, {
      told: told[windows.topic],
      modelled: (modelled.get(windows.topic) ?? []) as Windowed[],
      lateness: new Lateness(windows.of === "events" ? events : journeys, windows.lengthMs),
    }),
  );
  const account = modelled.get("pipeline-stats")?.at(-1) as { late: number } | undefined;
  return [
    ...lines,
    activityBounds(events, told["level-activity"]),
    movementBounds(journeys, told["player-movement"]),
    disconnectBounds(journeys, told.disconnects),
    ...sessionBounds(events, told["session-stats"]),
    ...levelTotals(journeys, told["level-retention"]),
    cohortTotals(journeys, told["day-cohorts"]),
    equal("player-events: late by the newest time", account?.late ?? 0, told.late),
  ];
}

function journeysOf(events: Events): Arrived<Journey>[] {
  const journeys = new Journeys();
  return events.flatMap(({ event, ...arrival }) => {
    const sighting = sightingOf(event);
    if (sighting === undefined) return [];
    return journeys
      .follow(sighting)
      .map((journey) => ({ ...arrival, event: journey, timeMs: journey.atMs }));
  });
}

/** Every field of the windows of which it is certain when they closed. */
function windowsLine(
  { topic, key, lengthMs }: Windows,
  sides: {
    readonly told: readonly Windowed[];
    readonly modelled: readonly Windowed[];
    readonly lateness: Lateness;
  },
): AccountLine {
  const keyOf = (value: Windowed): string =>
    [value.window_end, ...key.map((name) => String(Reflect.get(value, name)))].join(" ");
  const told = new Map(sides.told.map((value) => [keyOf(value), value]));
  const modelled = new Map(sides.modelled.map((value) => [keyOf(value), value]));
  const certain = new Map<number, boolean>();
  const isCertain = (endMs: number): boolean => {
    const known = certain.get(endMs) ?? sides.lateness.isCertain(endMs - lengthMs);
    certain.set(endMs, known);
    return known;
  };
  const comparison = new Comparison(`${topic}: windows as the reference model has them`);
  for (const name of new Set([...modelled.keys(), ...told.keys()])) {
    const expected = modelled.get(name);
    const found = told.get(name);
    if (isCertain((expected ?? found)!.window_end)) comparison.same(name, expected, found);
  }
  return comparison.line;
}

interface Bounds {
  least: number;
  most: number;
}

/** How many of each key and window can have been counted. */
function boundsOf(
  arrived: readonly Arrived<unknown>[],
  lengthMs: number,
  keyOf: (index: number) => string | undefined,
): Map<string, Bounds> {
  const { of } = new Lateness(arrived, lengthMs);
  const bounds = new Map<string, Bounds>();
  arrived.forEach(({ timeMs }, index) => {
    const key = keyOf(index);
    if (key === undefined || of[index] === "late") return;
    const name = `${windowStart(timeMs, lengthMs)} ${key}`;
    const one = bounds.get(name) ?? { least: 0, most: 0 };
    bounds.set(name, one);
    one.most += 1;
    one.least += of[index] === "in time" ? 1 : 0;
  });
  return bounds;
}

function boundsLine(
  what: string,
  bounds: ReadonlyMap<string, Bounds>,
  told: ReadonlyMap<string, number>,
): AccountLine {
  const comparison = new Comparison(what);
  for (const key of new Set([...bounds.keys(), ...told.keys()])) {
    const { least, most } = bounds.get(key) ?? { least: 0, most: 0 };
    comparison.within(key, told.get(key) ?? 0, least, most);
  }
  return comparison.line;
}

function activityBounds(events: Events, told: EngagementTold["level-activity"]): AccountLine {
  const { of } = new Lateness(events, ACTIVITY_MS);
  const least = new Map<string, Set<string>>();
  const most = new Map<string, Set<string>>();
  events.forEach(({ event, timeMs }, index) => {
    if (of[index] === "late") return;
    const key = `${windowStart(timeMs, ACTIVITY_MS)} ${event.level_id} ${event.map_id}`;
    for (const side of of[index] === "in time" ? [least, most] : [most]) {
      side.set(key, (side.get(key) ?? new Set<string>()).add(event.player_id));
    }
  });
  const bounds = [...most].map(
    ([key, players]) => [key, { least: least.get(key)?.size ?? 0, most: players.size }] as const,
  );
  return boundsLine(
    "level-activity: players of every window, in bounds",
    new Map(bounds),
    new Map(
      told.map((one) => [`${one.window_start} ${one.level_id} ${one.map_id}`, one.active_players]),
    ),
  );
}

function movementBounds(journeys: Journeyed, told: EngagementTold["player-movement"]): AccountLine {
  const bounds = boundsOf(journeys, TEN_SECONDS_MS, (index) => {
    const { kind, from, place } = journeys[index]!.event;
    return kind === "moved"
      ? [from!.level, from!.map, place!.level, place!.map].join(" ")
      : undefined;
  });
  const found = told.map((one) => {
    const way = [one.from_level_id, one.from_map_id, one.to_level_id, one.to_map_id].join(" ");
    return [`${one.window_start} ${way}`, one.transitions] as const;
  });
  return boundsLine("player-movement: moves of every window, in bounds", bounds, new Map(found));
}

function disconnectBounds(journeys: Journeyed, told: EngagementTold["disconnects"]): AccountLine {
  const bounds = boundsOf(journeys, TEN_SECONDS_MS, (index) => {
    const { kind, server } = journeys[index]!.event;
    return kind === "left" && server !== "" ? server : undefined;
  });
  const found = told.map(
    (one) => [`${one.window_start} ${one.server_id}`, one.sessions_ended] as const,
  );
  return boundsLine("disconnects: ends of every window, in bounds", bounds, new Map(found));
}

/** Sessions that began, all together: one whose first event came late is in no window. */
function sessionBounds(events: Events, told: EngagementTold["session-stats"]): AccountLine[] {
  const { of } = new Lateness(events, TEN_SECONDS_MS);
  const late = new Set<string>();
  const sessions = new Set<string>();
  const playerOf = new Map<string, string>();
  events.forEach(({ event }, index) => {
    sessions.add(event.session_id);
    playerOf.set(event.session_id, event.player_id);
    if (of[index] !== "in time") late.add(event.session_id);
  });
  const players = new Set(playerOf.values());
  const latePlayers = new Set([...late].map((session) => playerOf.get(session)));
  const started = told.reduce((sum, one) => sum + one.started, 0);
  const fresh = told.reduce((sum, one) => sum + (one.new_players ?? 0), 0);
  return [
    between(
      "session-stats: sessions that began",
      started,
      sessions.size - late.size,
      sessions.size,
    ),
    between(
      "session-stats: players never seen before",
      fresh,
      players.size - latePlayers.size,
      players.size,
    ),
  ];
}

const TOTALS = {
  started_total: (journey: Journey): boolean => journey.kind === "started",
  completed_total: (journey: Journey): boolean => journey.kind === "completed",
  failed_total: (journey: Journey): boolean => journey.kind === "failed",
  quit_total: ({ kind, reason }: Journey): boolean => kind === "left" && reason === "",
  came_back_total: (journey: Journey): boolean => journey.kind === "came-back",
} as const;

/** Since the start, as of each level's last window. */
function levelTotals(journeys: Journeyed, told: EngagementTold["level-retention"]): AccountLine[] {
  const lateness = new Lateness(journeys, TEN_SECONDS_MS);
  const last = new Map(told.map((one) => [`${one.level_id} ${one.map_id}`, one]));
  const comparison = new Comparison("level-retention: totals of every level since the start");
  let ofTold = 0;
  for (const [name, counts] of Object.entries(TOTALS)) {
    const field = name as keyof typeof TOTALS;
    for (const [place, one] of last) {
      const { earliest, latest } = lateness.closingOf(one.window_end - TEN_SECONDS_MS);
      const bounds = { least: 0, most: 0 };
      journeys.forEach(({ event }, index) => {
        const { level, map } = event.place ?? { level: "", map: "" };
        if (`${level} ${map}` !== place || !counts(event)) return;
        ofTold += 1;
        if (index < earliest) bounds.least += 1;
        if (index <= latest) bounds.most += 1;
      });
      comparison.within(`${place} ${field}`, one[field], bounds.least, bounds.most);
    }
  }
  const placed = journeys.filter(({ event }) => Object.values(TOTALS).some((is) => is(event)));
  return [
    comparison.line,
    // Every level that anything was heard of has been told.
    equal("level-retention: journeys of levels that were told", placed.length, ofTold),
  ];
}

/** Since the start, as of the last minute that was told. */
function cohortTotals(journeys: Journeyed, told: EngagementTold["day-cohorts"]): AccountLine {
  const lateness = new Lateness(journeys, MINUTE_MS);
  const last = new Map(told.map((one) => [`${one.cohort_day} ${one.day_number}`, one]));
  const comparison = new Comparison("day-cohorts: players of every cohort since the start");
  const days = journeys.map(({ event }, index) => ({
    index,
    key:
      event.kind === "new-day"
        ? `${new Date(event.day! * 86_400_000).toISOString().slice(0, 10)} ${event.dayNumber}`
        : "",
  }));
  for (const key of new Set([...days.map((day) => day.key), ...last.keys()])) {
    if (key === "") continue;
    const one = last.get(key);
    const closing = one && lateness.closingOf(one.window_end - MINUTE_MS);
    const own = days.filter((day) => day.key === key);
    const least = own.filter(({ index }) => index < (closing?.earliest ?? 0)).length;
    const most = own.filter(({ index }) => index <= (closing?.latest ?? 0)).length;
    comparison.within(key, one?.returned ?? 0, least, most);
  }
  return comparison.line;
}
