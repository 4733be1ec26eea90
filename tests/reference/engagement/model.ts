/**
 * Every insight of player-engagement a second time: simply, slowly, from the raw events in the order
 * in which they arrive, sharing no code with the dataflow. Sessions and players are never forgotten.
 */
import { oneDecimal } from "../window.ts";
import { NO_NAMES, sightingOf, titleOf } from "./event.ts";
import type { Names, Place, PlayerEvent, Sighting } from "./event.ts";
import { JourneyReports } from "./journey-reports.ts";
import { Journeys, type Session } from "./journeys.ts";
import { Windows } from "./windows.ts";

export type Tell = (topic: string, value: object) => void;

const MINUTE_MS = 60_000;
const SILENCE_MS = 30 * MINUTE_MS;
/** Visits older than this are in no minute that can still be asked for. */
const VISITS_KEPT_MS = 5 * MINUTE_MS;

interface Presence {
  readonly places: Map<string, { place: Place; players: Set<string>; sessions: Set<string> }>;
  /** The last time of each session in the window, anywhere. */
  readonly lastMs: Map<string, number>;
}

interface Account {
  readonly title: string;
  records: number;
  duplicates: number;
  refused: number;
  late: number;
  newestMs: number;
  newestSeq: number;
}

export class EngagementModel {
  readonly #tell: Tell;
  readonly #names: Names;
  readonly #journeys = new Journeys();
  readonly #reports: JourneyReports;
  readonly #accounts = new Map<string, Account>();
  /** Times at which each player was at a place. */
  readonly #visits = new Map<string, Map<string, number[]>>();
  readonly #presence: Windows<Presence>;
  readonly #stats: Windows<object>;

  constructor(tell: Tell, names: Names = NO_NAMES) {
    this.#tell = tell;
    this.#names = names;
    this.#reports = new JourneyReports(tell, names);
    this.#presence = new Windows(5_000, {
      empty: (): Presence => ({ places: new Map(), lastMs: new Map() }),
      close: (window, startMs, endMs) => this.#tellActivity(window, startMs, endMs),
    });
    this.#stats = new Windows(10_000, {
      empty: () => ({}),
      close: (_, startMs, endMs) => this.#tellStats(startMs, endMs),
    });
  }

  add(event: PlayerEvent): void {
    const sighting = sightingOf(event);
    this.#account(event, sighting?.atMs);
    if (sighting === undefined) return;
    this.#stats.at(sighting.atMs);
    this.#visit(sighting);
    for (const journey of this.#journeys.follow(sighting)) this.#reports.add(journey);
    this.#see(sighting);
    this.#stats.advance(sighting.atMs);
    this.#presence.advance(sighting.atMs);
  }

  finish(): void {
    this.#stats.finish();
    this.#presence.finish();
    this.#reports.finish();
    for (const title_id of this.#titles()) this.#tellAccount(title_id);
  }

  #titles(): Set<string> {
    return new Set([...this.#accounts.values()].map(({ title }) => title));
  }

  #account(event: PlayerEvent, atMs: number | undefined): void {
    const title = titleOf(event);
    const key = JSON.stringify([title, event.feed?.shard]);
    const account = this.#accounts.get(key) ?? {
      title,
      records: 0,
      duplicates: 0,
      refused: 0,
      late: 0,
      newestMs: 0,
      newestSeq: 0,
    };
    this.#accounts.set(key, account);
    const seq = event.feed?.seq ?? 0;
    account.records += 1;
    if (seq > 0 && seq <= account.newestSeq) account.duplicates += 1;
    else if (atMs === undefined) account.refused += 1;
    else if (account.newestMs >= Math.floor(atMs / 5_000) * 5_000 + 6_000) account.late += 1;
    account.newestSeq = Math.max(account.newestSeq, seq);
    account.newestMs = Math.max(account.newestMs, atMs ?? 0);
  }

  #visit({ place, player, atMs }: Sighting): void {
    const here = this.#visits.get(place.key) ?? new Map<string, number[]>();
    this.#visits.set(place.key, here);
    const times = (here.get(player) ?? []).filter((time) => time > atMs - VISITS_KEPT_MS);
    here.set(player, [...times, atMs]);
  }

  #see({ place, player, session, atMs }: Sighting): void {
    const window = this.#presence.at(atMs);
    if (window === undefined) return;
    const here = window.places.get(place.key) ?? {
      place,
      players: new Set(),
      sessions: new Set(),
    };
    window.places.set(place.key, here);
    here.players.add(player);
    here.sessions.add(session);
    window.lastMs.set(session, Math.max(atMs, window.lastMs.get(session) ?? 0));
  }

  #tellActivity(window: Presence, window_start: number, window_end: number): void {
    for (const { place, players, sessions } of window.places.values()) {
      let total = 0;
      for (const id of sessions) {
        // An end that was before its beginning is the only event that makes no session.
        const firstMs = this.#journeys.sessions.get(id)?.firstMs ?? Infinity;
        total += Math.max(0, window.lastMs.get(id)! - firstMs);
      }
      const visits = [...this.#visits.get(place.key)!.values()];
      this.#tell("level-activity", {
        title_id: place.title,
        level_id: place.level,
        map_id: place.map,
        level_name: this.#names.levels.get(place.level)?.name ?? "",
        map_name: this.#names.maps.get(place.map) ?? "",
        active_players: players.size,
        active_last_minute: visits.filter((times) =>
          times.some((time) => time >= window_end - MINUTE_MS && time < window_end),
        ).length,
        average_session_duration: oneDecimal(total / sessions.size / 1000),
        window_start,
        window_end,
      });
    }
  }

  #tellStats(window_start: number, window_end: number): void {
    const within = (timeMs: number): boolean => timeMs >= window_start && timeMs < window_end;
    const all = [...this.#journeys.sessions.values()];
    for (const title_id of this.#titles()) {
      const own = all.filter(({ title }) => title === title_id);
      const started = own.filter(({ firstMs }) => within(firstMs));
      const silent = own.filter(({ ended, lastMs }) => !ended && within(lastMs + SILENCE_MS));
      const over = [...own.filter(({ ended, lastMs }) => ended && within(lastMs)), ...silent];
      const total = over.reduce((sum, { firstMs, lastMs }) => sum + lastMs - firstMs, 0);
      const active = own.filter(
        ({ ended, firstMs, lastMs }) =>
          !ended && firstMs < window_end && lastMs >= window_end - SILENCE_MS,
      );
      const players = new Set(started.map(({ player }) => player));
      const isNew = (player: string): boolean =>
        this.#journeys.players.get(player)!.firstMs >= window_start;
      const newPlayers = [...players].filter(isNew).length;
      this.#tell("session-stats", {
        title_id,
        active_sessions: active.length,
        active_last_minute: active.filter(({ lastMs }) => lastMs >= window_end - MINUTE_MS).length,
        started: started.length,
        ended: over.length,
        disconnected: over.filter(({ disconnected }) => disconnected).length,
        silent: silent.length,
        average_duration: over.length === 0 ? 0 : oneDecimal(total / over.length / 1000),
        new_players: newPlayers,
        returning_players: players.size - newPlayers,
        by_region: sharesOf({ started, over }, "region"),
        by_platform: sharesOf({ started, over }, "platform"),
        window_start,
        window_end,
      });
    }
  }

  #tellAccount(title_id: string): void {
    const sums = { records: 0, duplicates: 0, refused: 0, late: 0 };
    for (const account of this.#accounts.values()) {
      if (account.title !== title_id) continue;
      for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += account[name];
    }
    const processed = sums.records - sums.duplicates - sums.refused;
    this.#tell("pipeline-stats", {
      title_id,
      topic: "player-events",
      ...sums,
      processed,
    });
  }
}

interface Bounds {
  readonly started: readonly Session[];
  readonly over: readonly Session[];
}

function sharesOf({ started, over }: Bounds, name: "region" | "platform"): object[] {
  const values = new Set([...started, ...over].map((session) => session[name]));
  return [...values].toSorted().map((value) => {
    const own = over.filter((session) => session[name] === value);
    return {
      [name]: value,
      started: started.filter((session) => session[name] === value).length,
      ended: own.length,
      disconnected: own.filter(({ disconnected }) => disconnected).length,
    };
  });
}
