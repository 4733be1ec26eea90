/** Random histories of the three topics: out of order, some late, some twice, in several currencies. */
import fc from "fast-check";
import type { Arrival } from "../../reference/arrivals.ts";
import type { PlayerEvent } from "../../reference/engagement/event.ts";
import type { ServerMetric } from "../../reference/servers.ts";

const START_MS = Date.parse("2026-11-22T18:00:00.000Z");
const SPAN_MS = 75_000;
const EVENTS_MAX = 60;
/** Most events wait less than the grace period, a few longer than any window of ten seconds. */
const WAIT_MS = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 900 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1_000, max: 15_000 }) },
);
const COPIES = fc.oneof(
  { weight: 8, arbitrary: fc.constant(1) },
  { weight: 1, arbitrary: fc.constant(2) },
);

interface Draft<E> {
  readonly offsetMs: number;
  readonly waitsMs: readonly number[];
  readonly body: E;
}

/** Arrivals of events made of bodies, in the order in which they arrive. */
export function historyOf<B, E>(
  body: fc.Arbitrary<B>,
  make: (body: B, time: string, id: string) => E,
  { startMs = START_MS, eventsMax = EVENTS_MAX } = {},
): fc.Arbitrary<Arrival<E>[]> {
  const draft: fc.Arbitrary<Draft<B>> = fc.record({
    offsetMs: fc.integer({ min: 0, max: SPAN_MS }),
    waitsMs: COPIES.chain((copies) => fc.array(WAIT_MS, { minLength: copies, maxLength: copies })),
    body,
  });
  return fc.array(draft, { minLength: 1, maxLength: eventsMax }).map((drafts) =>
    drafts
      .flatMap(({ offsetMs, waitsMs, body: own }, index) => {
        const timeMs = startMs + offsetMs;
        const event = make(own, new Date(timeMs).toISOString(), `e${index}`);
        return waitsMs.map((waitMs) => ({ atMs: timeMs + waitMs, arrival: { event, timeMs } }));
      })
      .toSorted((a, b) => a.atMs - b.atMs)
      .map(({ arrival }) => arrival),
  );
}

export const few = (prefix: string, count: number): fc.Arbitrary<string> =>
  fc.integer({ min: 1, max: count }).map((n) => `${prefix}${n}`);

/** What a record may be like that makes no sense. */
const NONSENSE: readonly Partial<PlayerEvent>[] = [
  { timestamp: "2099-01-01T00:00:00Z" },
  { timestamp: "1999-12-31T23:59:59Z" },
  { timestamp: "soon" },
  { player_id: "" },
  { map_id: "" },
  { session_id: "s".repeat(513) },
  { reason: "r".repeat(1025) },
  { event_type: "fly" },
];

const optionally = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

/** Begins before midnight and ends after it: some players are seen on two days. */
export const playerHistory = historyOf(
  fc.record({
    player: few("p", 5),
    session: few("", 2),
    level_id: few("level_", 3),
    map_id: few("map_", 2),
    event_type: fc.constantFrom(
      ..."move interaction session_start session_end disconnect level_start level_start".split(" "),
      ..."level_complete level_fail level_fail".split(" "),
    ),
    title_id: fc.constantFrom(undefined, undefined, "moba"),
    server_id: optionally(few("server_", 2)),
    region: optionally(few("region_", 2)),
    platform: optionally(few("platform_", 2)),
    reason: optionally(fc.constantFrom("timeout", "server_crash")),
    named: fc.constantFrom(true, true, true, false),
    nonsense: fc.oneof(
      { weight: 20, arbitrary: fc.constant({}) },
      { weight: 1, arbitrary: fc.constantFrom(...NONSENSE) },
    ),
  }),
  ({ player, session, named, nonsense, ...body }, timestamp, event_id): PlayerEvent =>
    withoutUndefined({
      ...body,
      player_id: player,
      session_id: `${player}-${session}`,
      timestamp,
      event_id: named ? event_id : undefined,
      ...nonsense,
    }),
  { startMs: Date.parse("2026-11-22T23:59:20.000Z"), eventsMax: 250 },
);

function withoutUndefined(fields: object): PlayerEvent {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as unknown as PlayerEvent;
}

const percent = fc.integer({ min: 0, max: 1000 }).map((tenths) => tenths / 10);

export const metricHistory = historyOf(
  fc.record({
    server_id: few("server_", 10),
    cpu_load: percent,
    memory_usage: percent,
    latency: fc.integer({ min: 0, max: 400 }),
    connected_players: fc.integer({ min: 0, max: 60 }),
    disconnections: fc.integer({ min: 0, max: 3 }),
    title_id: fc.constantFrom(undefined, undefined, "racer"),
    region: fc.constantFrom(undefined, "eu-north"),
  }),
  ({ title_id, region, ...body }, timestamp, event_id): ServerMetric & { event_id: string } => ({
    ...body,
    ...(title_id === undefined ? {} : { title_id }),
    ...(region === undefined ? {} : { region }),
    timestamp,
    event_id,
  }),
);
