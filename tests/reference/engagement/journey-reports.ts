/** Retention, movement, disconnects and cohorts, from journeys in the order in which they are told. */
import { oneDecimal } from "../window.ts";
import type { Names, Place } from "./event.ts";
import type { Journey } from "./journeys.ts";
import type { Tell } from "./model.ts";
import { type Attempts, stuckOf, twoDecimals } from "./stuck.ts";
import { Windows } from "./windows.ts";

const MINUTE_MS = 60_000;
const TEN_SECONDS_MS = 10_000;
const DAY_MS = 86_400_000;
const COHORT_DAYS_MAX = 14;
const WAYS_MAX = 200;
/** Journeys older than this are in no minute that can still be asked for. */
const KEPT_MS = 5 * MINUTE_MS;

interface Way {
  readonly from: Place;
  readonly to: Place;
  transitions: number;
}

export class JourneyReports {
  readonly #tell: Tell;
  readonly #names: Names;
  /** Of each place: all since the start as counts, the last minutes one by one. */
  readonly #levels = new Map<string, { place: Place; recent: Journey[]; ever: Counts }>();
  readonly #cohorts = new Map<string, { title: string; day: number; counts: number[] }>();
  readonly #tenSeconds: Windows<Journey[]>;
  readonly #minutes: Windows<object>;

  constructor(tell: Tell, names: Names) {
    this.#tell = tell;
    this.#names = names;
    this.#tenSeconds = new Windows(TEN_SECONDS_MS, {
      empty: (): Journey[] => [],
      close: (journeys, startMs, endMs) => {
        this.#tellRetention(endMs);
        const window = { window_start: startMs, window_end: endMs };
        this.#tellMovement(journeys, window);
        this.#tellDisconnects(journeys, window);
      },
    });
    this.#minutes = new Windows(MINUTE_MS, {
      empty: () => ({}),
      close: (_, startMs, endMs) => this.#tellCohorts(startMs, endMs),
    });
  }

  add(journey: Journey): void {
    if (journey.kind === "new-day") this.#countDay(journey);
    else if (journey.kind !== "moved") this.#countLevel(journey);
    this.#minutes.at(journey.atMs);
    this.#tenSeconds.at(journey.atMs)?.push(journey);
    this.#minutes.advance(journey.atMs);
    this.#tenSeconds.advance(journey.atMs);
  }

  finish(): void {
    this.#minutes.finish();
    this.#tenSeconds.finish();
  }

  #countDay({ title, day = 0, dayNumber = 0 }: Journey): void {
    const key = JSON.stringify([title, day]);
    const cohort = this.#cohorts.get(key) ?? { title, day, counts: [] };
    this.#cohorts.set(key, cohort);
    cohort.counts[dayNumber] = (cohort.counts[dayNumber] ?? 0) + 1;
  }

  #countLevel(journey: Journey): void {
    const place = journey.place!;
    const level = this.#levels.get(place.key) ?? { place, recent: [], ever: countsOf([]) };
    this.#levels.set(place.key, level);
    level.recent = level.recent.filter(({ atMs }) => atMs > journey.atMs - KEPT_MS);
    level.recent.push(journey);
    for (const name of Object.keys(level.ever) as (keyof Counts)[])
      level.ever[name] += countsOf([journey])[name];
  }

  #tellRetention(window_end: number): void {
    const window_start = window_end - MINUTE_MS;
    const within = ({ atMs }: Journey): boolean => atMs >= window_start && atMs < window_end;
    const levels = [...this.#levels.values()]
      .map(({ place, recent, ever }) => ({ place, ever, recent: recent.filter(within) }))
      .filter(({ recent }) => recent.length > 0)
      .map((level) => ({ ...level, attempts: this.#attemptsOf(level.place, level.recent) }));
    for (const { place, recent, ever, attempts } of levels) {
      const others = levels.filter(
        (other) => other.place.title === place.title && other.place.key !== place.key,
      );
      const { timed, timeMs } = attempts;
      this.#tell("level-retention", {
        title_id: place.title,
        level_id: place.level,
        map_id: place.map,
        level_name: this.#names.levels.get(place.level)?.name ?? "",
        map_name: this.#names.maps.get(place.map) ?? "",
        ...countsOf(recent),
        average_attempt_seconds: timed === 0 ? 0 : oneDecimal(timeMs / timed / 1000),
        ...stuckOf(
          attempts,
          others.map((other) => other.attempts),
        ),
        started_total: ever.started,
        completed_total: ever.completed,
        failed_total: ever.failed,
        quit_total: ever.quit,
        came_back_total: ever.came_back,
        window_start,
        window_end,
      });
    }
  }

  #attemptsOf(place: Place, journeys: readonly Journey[]): Attempts {
    const timed = journeys.filter(
      ({ kind, durationMs }) =>
        (kind === "completed" || kind === "failed") && durationMs !== undefined,
    );
    return {
      ...countsOf(journeys),
      timed: timed.length,
      timeMs: timed.reduce((sum, { durationMs }) => sum + durationMs!, 0),
      typicalSeconds: this.#names.levels.get(place.level)?.typicalSeconds ?? 0,
    };
  }

  #tellMovement(journeys: readonly Journey[], window: object): void {
    const ways = new Map<string, Way>();
    for (const { kind, from, place } of journeys) {
      if (kind !== "moved") continue;
      const key = `${from!.key} ${place!.key}`;
      const way = ways.get(key) ?? { from: from!, to: place!, transitions: 0 };
      ways.set(key, way);
      way.transitions += 1;
    }
    for (const title_id of new Set([...ways.values()].map(({ to }) => to.title))) {
      const own = [...ways.values()].filter(({ to }) => to.title === title_id);
      for (const { from, to, transitions } of busiest(own)) {
        this.#tell("player-movement", {
          title_id,
          from_level_id: from.level,
          from_map_id: from.map,
          to_level_id: to.level,
          to_map_id: to.map,
          transitions,
          ...window,
        });
      }
    }
  }

  #tellDisconnects(journeys: readonly Journey[], window: object): void {
    const ends = journeys.filter(({ kind, server }) => kind === "left" && server !== "");
    const groups = Map.groupBy(ends, ({ title, server }) => JSON.stringify([title, server]));
    for (const group of groups.values()) {
      const { title, server = "" } = group[0]!;
      const reasons = group.map(({ reason = "" }) => reason).filter((reason) => reason !== "");
      const counts = [...Map.groupBy(reasons, (reason) => reason)].map(
        ([reason, own]) => [reason, own.length] as const,
      );
      // The most frequent; of those the first by its letters.
      const [main] = counts.toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
      this.#tell("disconnects", {
        title_id: title,
        server_id: server,
        region: this.#names.regions.get(server) ?? "",
        disconnects: reasons.length,
        sessions_ended: group.length,
        disconnect_rate: twoDecimals(reasons.length / group.length),
        main_reason: main?.[0] ?? "",
        ...window,
      });
    }
  }

  #tellCohorts(window_start: number, window_end: number): void {
    const today = Math.floor((window_end - 1) / DAY_MS);
    for (const { title, day, counts } of this.#cohorts.values()) {
      if (day < today - COHORT_DAYS_MAX) continue;
      counts.forEach((returned, day_number) =>
        this.#tell("day-cohorts", {
          title_id: title,
          cohort_day: new Date(day * DAY_MS).toISOString().slice(0, 10),
          day_number,
          cohort_size: counts[0] ?? 0,
          returned,
          window_start,
          window_end,
        }),
      );
    }
  }
}

interface Counts {
  started: number;
  completed: number;
  failed: number;
  quit: number;
  came_back: number;
}

function countsOf(journeys: readonly Journey[]): Counts {
  const count = (kind: Journey["kind"]): number =>
    journeys.filter((journey) => journey.kind === kind).length;
  return {
    started: count("started"),
    completed: count("completed"),
    failed: count("failed"),
    quit: journeys.filter(({ kind, reason }) => kind === "left" && reason === "").length,
    came_back: count("came-back"),
  };
}

/** So many as are told; of equally busy ones the first by their names. */
function busiest(ways: readonly Way[]): readonly Way[] {
  const names = ({ from, to }: Way): string[] => [from.level, from.map, to.level, to.map];
  return ways
    .toSorted((a, b) => {
      const [of, others] = [names(a), names(b)];
      const at = of.findIndex((name, index) => name !== others[index]);
      return b.transitions - a.transitions || (at < 0 || of[at]! < others[at]! ? -1 : 1);
    })
    .slice(0, WAYS_MAX);
}
