/** Where the players are, how far they get and where they get stuck. */
import type { Window } from "./window.ts";

/** Players on one level and map within the window. */
export interface LevelActivity extends Window {
  readonly level_id: string;
  readonly map_id: string;
  /** As the catalog has them; empty where it has none. */
  readonly level_name?: string;
  readonly map_name?: string;
  /** Distinct players with an event there. */
  readonly active_players: number;
  /** The same over the sixty seconds up to the window's end. */
  readonly active_last_minute?: number;
  /** Mean age in seconds of the sessions seen there, each at its last event in the window. */
  readonly average_session_duration: number;
}

/**
 * One level and map over the last minute, every ten seconds, and since the start. Of those who
 * started: who completed, failed, quit there, and came back after they had left there.
 */
export interface LevelRetention extends Window {
  readonly level_id: string;
  readonly map_id: string;
  readonly started: number;
  readonly completed: number;
  readonly failed: number;
  /** Sessions that ended here by the player's will. */
  readonly quit: number;
  readonly came_back: number;
  /** From a start to its outcome. */
  readonly average_attempt_seconds: number;
  readonly level_name?: string;
  readonly map_name?: string;
  /** Players get stuck here: by which measure it stands out among the title's levels. */
  readonly stuck: boolean;
  readonly stuck_by: "" | "failures" | "quits" | "time";
  /** Failed attempts or quits as a share (0 to 1), or the mean seconds of an attempt. */
  readonly stuck_measure: number;
  /** What the measure would have to stay below, from the other levels. */
  readonly stuck_threshold?: number;
  readonly started_total: number;
  readonly completed_total: number;
  readonly failed_total: number;
  readonly quit_total: number;
  readonly came_back_total: number;
}

/** Sessions that began and ended within the window, and those going on at its end. */
export interface SessionStats extends Window {
  /** Neither ended nor silent for half an hour. */
  readonly active_sessions: number;
  /** Of these, seen in the last minute. */
  readonly active_last_minute: number;
  readonly started: number;
  readonly ended: number;
  /** Of those ended, broken off. */
  readonly disconnected: number;
  /** Of those ended, gone without a word: nothing came for half an hour. */
  readonly silent?: number;
  /** Of those ended, in seconds. */
  readonly average_duration: number;
  /** Of the players whose sessions started: never seen before, and seen before. */
  readonly new_players?: number;
  readonly returning_players?: number;
  readonly by_region?: readonly SessionShare<"region">[];
  readonly by_platform?: readonly SessionShare<"platform">[];
}

/** Sessions of one region or platform; it is empty where the events name none. */
export type SessionShare<Name extends string> = Readonly<Record<Name, string>> & {
  readonly started: number;
  readonly ended: number;
  readonly disconnected: number;
};

/**
 * Of the players first seen on a day (UTC), how many were seen again a number of days later; day 0
 * is the day itself. Every minute all of the last two weeks' cohorts.
 */
export interface DayCohort extends Window {
  /** `2026-11-22` */
  readonly cohort_day: string;
  readonly day_number: number;
  readonly cohort_size: number;
  readonly returned: number;
}

/** Sessions that went from one level and map to another; the busiest ways first. */
export interface PlayerMovement extends Window {
  readonly from_level_id: string;
  readonly from_map_id: string;
  readonly to_level_id: string;
  readonly to_map_id: string;
  readonly transitions: number;
}

/** Sessions of one server that broke off, among all that ended there. */
export interface Disconnects extends Window {
  readonly server_id: string;
  /** The server's, from the catalog; empty where it has none. */
  readonly region?: string;
  readonly disconnects: number;
  readonly sessions_ended: number;
  /** Disconnects as a share of the sessions that ended, 0 to 1. */
  readonly disconnect_rate: number;
  /** The most frequent one; empty without disconnects. */
  readonly main_reason: string;
}
