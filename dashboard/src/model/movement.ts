/** How players move from level to level: the sums of all transitions within the span. */
import type { PlayerMovement } from "@arenaflow/events";
import { byName } from "./names.ts";
import type { Course } from "./windows.ts";

export interface Flow {
  readonly from: string;
  readonly to: string;
  readonly players: number;
}

export interface Movement {
  /** Most players first. Moves within a level from map to map are not among them. */
  readonly flows: readonly Flow[];
  readonly players: number;
  /** Moves between maps of one level. */
  readonly withinLevel: number;
  /** Levels that anyone left or came to, in order. */
  readonly levels: readonly string[];
}

/** Adds up transitions by level. */
export function movementOf(courses: readonly Course<PlayerMovement>[]): Movement {
  const sums = new Map<string, { from: string; to: string; players: number }>();
  let players = 0;
  let withinLevel = 0;
  for (const { values } of courses) {
    for (const { from_level_id: from, to_level_id: to, transitions } of values) {
      if (from === to) {
        withinLevel += transitions;
        continue;
      }
      players += transitions;
      const key = `${from}\n${to}`;
      const sum = sums.get(key) ?? { from, to, players: 0 };
      sum.players += transitions;
      sums.set(key, sum);
    }
  }
  const flows = [...sums.values()].toSorted(
    (a, b) => b.players - a.players || byName(a.from, b.from) || byName(a.to, b.to),
  );
  const levels = [...new Set(flows.flatMap(({ from, to }) => [from, to]))].toSorted(byName);
  return { flows, players, withinLevel, levels };
}
