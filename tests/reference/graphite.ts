/** The series that Graphite is to have of players and purchases, from the raw events; for names that Graphite takes as they are. */
import { CATALOGS } from "./catalogs.ts";
import { catalogNames } from "./engagement/catalog-names.ts";
import type { PlayerEvent } from "./engagement/event.ts";
import { EngagementModel } from "./engagement/model.ts";
import { takings } from "./revenue.ts";
import { isRefund, netCents, type Purchase, titleOf } from "./sales.ts";
import { groupBy } from "./window.ts";

/** Values by series and second. */
export type SeriesByName = Map<string, Map<number, number>>;

const SLOT_MS = 10_000;
const SLOT_S = SLOT_MS / 1000;

const rootOf = (titleId: string): string => (titleId === "local" ? "gaming" : `gaming_${titleId}`);

function put(series: SeriesByName, name: string, atS: number, value: number): void {
  series.set(name, (series.get(name) ?? new Map<number, number>()).set(atS, value));
}

/** Takings by item and together, of every ten seconds in which anything was bought or given back. */
export function economySeries(purchases: readonly Purchase[]): SeriesByName {
  const series: SeriesByName = new Map();
  const slotOf = ({ purchase_timestamp }: Purchase): number =>
    Math.floor(Date.parse(purchase_timestamp) / SLOT_MS) * SLOT_S;
  for (const slot of groupBy(purchases, (each) => `${slotOf(each)} ${titleOf(each)}`)) {
    const root = rootOf(titleOf(slot[0]!));
    const atS = slotOf(slot[0]!);
    for (const item of groupBy(slot, ({ item_id }) => item_id)) {
      const path = `${root}.revenue.items.${item[0]!.item_id}`;
      put(series, `${path}.purchases`, atS, item.filter((each) => !isRefund(each)).length);
      put(series, `${path}.revenue`, atS, netCents(item, CATALOGS.rates) / 100);
    }
    const total = takings(slot, CATALOGS);
    put(series, `${root}.revenue.total.revenue`, atS, total.revenue);
    put(series, `${root}.revenue.total.purchases`, atS, total.purchase_count);
    put(series, `${root}.revenue.total.refunds`, atS, total.refund_count);
    put(series, `${root}.revenue.total.buyers`, atS, total.buyers);
  }
  return series;
}

/** What of an insight becomes series: its path below the title, its fields, and the slot's start. */
interface Told {
  readonly title_id: string;
  readonly level_id: string;
  readonly map_id: string;
  readonly window_start: number;
  readonly window_end: number;
  readonly [field: string]: unknown;
}

/** Who plays where, sessions, and how levels treat players. Events in the order of their arrival. */
export function playerSeries(events: readonly PlayerEvent[]): SeriesByName {
  const series: SeriesByName = new Map();
  const add = (told: Told, path: string, fields: Readonly<Record<string, string>>): void => {
    const atS = told.window_end / 1000 - SLOT_S;
    for (const [name, field] of Object.entries(fields)) {
      put(series, `${rootOf(told.title_id)}.${path}.${name}`, atS, Number(told[field]));
    }
  };
  const model = new EngagementModel((topic, value) => {
    const told = value as Told;
    if (topic === "level-activity" && told.window_end % SLOT_MS === 0) {
      add(told, `players.${told.level_id}.${told.map_id}`, { active: "active_last_minute" });
    }
    if (topic === "session-stats") add(told, "sessions", SESSIONS);
    if (topic === "level-retention") {
      add(told, `retention.${told.level_id}.${told.map_id}`, RETENTION);
    }
  }, catalogNames());
  for (const event of events) model.add(event);
  model.finish();
  return series;
}

const SESSIONS = {
  active: "active_sessions",
  started: "started",
  ended: "ended",
  disconnected: "disconnected",
  average_duration: "average_duration",
};
const RETENTION = {
  started: "started",
  completed: "completed",
  failed: "failed",
  quit: "quit",
  stuck: "stuck",
};
