/** Where one can play: every level on each of its maps, how hard it is there, who is there now. */
import type { Catalog } from "./catalog.ts";
import { type Rng, WeightedChoice, zipfWeights } from "./random.ts";
import type { EventType } from "./output.ts";
import { whole } from "./text.ts";

export interface Place {
  readonly levelId: string;
  readonly mapId: string;
  /** Index of the level in the catalog's order. */
  readonly level: number;
  readonly difficulty: number;
  readonly typicalMs: number;
  readonly bottleneckX: number;
  readonly bottleneckY: number;
  /** Per event type: `move","level_id":"level_01","map_id":"map_05","timestamp":"`. */
  readonly text: Readonly<Record<EventType, string>>;
  players: number;
  /** Until then nearly nobody gets through. */
  stuckUntilMs: number;
}

/** Draws of a popular place before the player's own frontier is taken instead. */
const POPULAR_DRAWS_MAX = 4;

export class Places {
  readonly all: readonly Place[];
  readonly #ofLevel: readonly {
    readonly choice: WeightedChoice;
    readonly places: readonly number[];
  }[];
  readonly #popular: WeightedChoice;

  /** @param popularityExponent Zipf exponent of places, in the catalog's order */
  constructor(catalog: Catalog, popularityExponent: number) {
    this.all = catalog.levels.flatMap((level, index) =>
      catalog.maps
        .filter((map) => level.mapIds.includes(map.mapId))
        .map((map) => ({
          levelId: level.levelId,
          mapId: map.mapId,
          level: index,
          difficulty: Math.min(1, level.difficulty + map.difficultyBonus),
          typicalMs: level.typicalSeconds * 1000,
          bottleneckX: map.bottleneck.x,
          bottleneckY: map.bottleneck.y,
          text: placeTexts(level.levelId, map.mapId),
          players: 0,
          stuckUntilMs: 0,
        })),
    );
    this.#popular = new WeightedChoice(zipfWeights(this.all.length, popularityExponent));
    this.#ofLevel = catalog.levels.map((_, level) => {
      const places = this.all.flatMap((place, at) => (place.level === level ? [at] : []));
      return { places, choice: new WeightedChoice(zipfWeights(places.length, popularityExponent)) };
    });
  }

  at(place: number): Place {
    const found = this.all[place];
    if (found === undefined) throw new RangeError(`no place ${place}`);
    return found;
  }

  get levels(): number {
    return this.#ofLevel.length;
  }

  /** A place to play one given level. */
  forLevel(level: number, rng: Rng): number {
    const options = this.#ofLevel[Math.min(level, this.#ofLevel.length - 1)];
    return options?.places[options.choice.pick(rng)] ?? 0;
  }

  /** A popular place among the levels a player has unlocked. */
  popular(frontier: number, rng: Rng): number {
    for (let draws = 0; draws < POPULAR_DRAWS_MAX; draws += 1) {
      const place = this.#popular.pick(rng);
      if (this.at(place).level <= frontier) return place;
    }
    return this.forLevel(frontier, rng);
  }

  /** Places that match; an absent id matches all. */
  find(levelId: string | undefined, mapId: string | undefined): Place[] {
    return this.all.filter(
      (place) =>
        (levelId === undefined || place.levelId === levelId) &&
        (mapId === undefined || place.mapId === mapId),
    );
  }
}

function placeTexts(levelId: string, mapId: string): Record<EventType, string> {
  const where = `,"level_id":${JSON.stringify(levelId)},"map_id":${JSON.stringify(mapId)},"timestamp":"`;
  return {
    session_start: whole(`session_start"${where}`),
    session_end: whole(`session_end"${where}`),
    disconnect: whole(`disconnect"${where}`),
    move: whole(`move"${where}`),
    interaction: whole(`interaction"${where}`),
    level_start: whole(`level_start"${where}`),
    level_complete: whole(`level_complete"${where}`),
    level_fail: whole(`level_fail"${where}`),
  };
}
