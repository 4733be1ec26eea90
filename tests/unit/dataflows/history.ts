/** Random histories of the three topics: out of order, some late, some twice, in several currencies. */
import fc from "fast-check";
import type { Arrival } from "../../reference/arrivals.ts";
import type { PlayerEvent, Purchase } from "../../reference/insights.ts";
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

export type DatedPurchase = Purchase & { readonly event_id: string };

interface Draft<E> {
  readonly offsetMs: number;
  readonly waitsMs: readonly number[];
  readonly body: E;
}

/** Arrivals of events made of bodies, in the order in which they arrive. */
function historyOf<B, E>(
  body: fc.Arbitrary<B>,
  make: (body: B, time: string, id: string) => E,
): fc.Arbitrary<Arrival<E>[]> {
  const draft: fc.Arbitrary<Draft<B>> = fc.record({
    offsetMs: fc.integer({ min: 0, max: SPAN_MS }),
    waitsMs: COPIES.chain((copies) => fc.array(WAIT_MS, { minLength: copies, maxLength: copies })),
    body,
  });
  return fc.array(draft, { minLength: 1, maxLength: EVENTS_MAX }).map((drafts) =>
    drafts
      .flatMap(({ offsetMs, waitsMs, body: own }, index) => {
        const timeMs = START_MS + offsetMs;
        const event = make(own, new Date(timeMs).toISOString(), `e${index}`);
        return waitsMs.map((waitMs) => ({ atMs: timeMs + waitMs, arrival: { event, timeMs } }));
      })
      .toSorted((a, b) => a.atMs - b.atMs)
      .map(({ arrival }) => arrival),
  );
}

const few = (prefix: string, count: number): fc.Arbitrary<string> =>
  fc.integer({ min: 1, max: count }).map((n) => `${prefix}${n}`);

export const purchaseHistory = historyOf(
  fc.record({
    player_id: few("p", 4),
    item_id: fc.constantFrom("pet_fox", "emote_wave", "skin_dragon", "no_such_item"),
    price: fc.integer({ min: 0, max: 9_999 }).map((cents) => cents / 100),
    currency: fc.constantFrom("USD", "EUR", "GBP"),
    ip_address: few("192.0.2.", 3),
    transaction_type: fc.constantFrom("purchase" as const, "purchase" as const, "refund" as const),
  }),
  (body, purchase_timestamp, event_id): DatedPurchase => ({
    ...body,
    purchase_timestamp,
    event_id,
  }),
);

export const playerHistory = historyOf(
  fc.record({
    player_id: few("p", 6),
    level_id: few("level_", 3),
    map_id: few("map_", 2),
    event_type: fc.constantFrom("move", "interaction"),
    session: few("", 2),
  }),
  ({ session, ...body }, timestamp): PlayerEvent => ({
    ...body,
    session_id: `${body.player_id}-${session}`,
    timestamp,
  }),
);

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
