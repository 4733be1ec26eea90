/** Activity on levels alone, of events that arrived in order. */
import type { WindowBounds } from "../window.ts";
import type { Names, PlayerEvent } from "./event.ts";
import { EngagementModel } from "./model.ts";

export interface LevelActivity extends WindowBounds {
  readonly title_id: string;
  readonly level_id: string;
  readonly map_id: string;
  readonly level_name: string;
  readonly map_name: string;
  readonly active_players: number;
  readonly active_last_minute: number;
  readonly average_session_duration: number;
}

export function levelActivity(events: readonly PlayerEvent[], names?: Names): LevelActivity[] {
  const told: LevelActivity[] = [];
  const model = new EngagementModel((topic, value) => {
    if (topic === "level-activity") told.push(value as LevelActivity);
  }, names);
  const timeOf = (event: PlayerEvent): number => Date.parse(event.timestamp);
  for (const event of events.toSorted((a, b) => timeOf(a) - timeOf(b))) model.add(event);
  model.finish();
  return told;
}
