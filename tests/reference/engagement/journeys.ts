/** What happens to sessions and players, told from their sightings in the order of arrival. */
import { isCounted, isEnd, type Place, type Sighting } from "./event.ts";

export interface Journey {
  readonly kind: "moved" | "started" | "completed" | "failed" | "left" | "came-back" | "new-day";
  readonly title: string;
  readonly atMs: number;
  readonly place?: Place;
  readonly from?: Place;
  readonly server?: string;
  /** Why a session broke off; empty where it ended by itself. */
  readonly reason?: string;
  readonly durationMs?: number;
  readonly day?: number;
  readonly dayNumber?: number;
}

export interface Session {
  readonly title: string;
  readonly player: string;
  readonly region: string;
  readonly platform: string;
  firstMs: number;
  lastMs: number;
  place: Place;
  /** Start of the attempt that goes on. */
  attemptMs: number | undefined;
  ended: boolean;
  disconnected: boolean;
  /** The last events that counted one by one. */
  counted: string[];
}

export interface Player {
  firstMs: number;
  lastMs: number;
  session: string;
  readonly firstDay: number;
  readonly days: Set<number>;
  left: Place | undefined;
}

const DAY_MS = 86_400_000;
const COHORT_DAYS_MAX = 14;
/** Events of one session within which a repeated one is noticed. */
const REMEMBERED_MAX = 16;

export class Journeys {
  readonly sessions = new Map<string, Session>();
  readonly players = new Map<string, Player>();

  /** What a sighting adds, in the order in which it is told. */
  follow(sighting: Sighting): Journey[] {
    return [...this.#meet(sighting), ...this.#accompany(sighting)];
  }

  #meet({ title, player: id, session, place, type, atMs }: Sighting): Journey[] {
    const day = Math.floor(atMs / DAY_MS);
    let player = this.players.get(id);
    if (player === undefined) {
      player = {
        firstMs: atMs,
        lastMs: atMs,
        session,
        firstDay: day,
        days: new Set(),
        left: undefined,
      };
      this.players.set(id, player);
    }
    player.firstMs = Math.min(player.firstMs, atMs);
    const told: Journey[] = [];
    const dayNumber = day - player.firstDay;
    if (dayNumber >= 0 && dayNumber <= COHORT_DAYS_MAX && !player.days.has(dayNumber)) {
      player.days.add(dayNumber);
      told.push({ kind: "new-day", title, atMs, day: player.firstDay, dayNumber });
    }
    if (atMs < player.lastMs) return told;
    player.lastMs = atMs;
    if (player.session !== session && player.left !== undefined) {
      told.push({ kind: "came-back", title, atMs, place: player.left });
      player.left = undefined;
    }
    player.session = session;
    if (isEnd(type)) player.left = place;
    return told;
  }

  #accompany(sighting: Sighting): Journey[] {
    const { title, place, type, atMs, event } = sighting;
    const known = this.sessions.get(sighting.session);
    const session = known ?? newSession(sighting);
    if (isCounted(type)) {
      const mark = event.event_id ?? `${place.key} ${type} ${atMs}`;
      if (session.counted.includes(mark)) return [];
      session.counted = [mark, ...session.counted].slice(0, REMEMBERED_MAX);
      // An end before the beginning ends nothing.
      if (known !== undefined && isEnd(type) && atMs < known.firstMs) return [];
    }
    this.sessions.set(sighting.session, session);
    const newest = known === undefined || atMs >= known.lastMs;
    session.firstMs = Math.min(session.firstMs, atMs);
    const told: Journey[] = [];
    if (newest && session.place.key !== place.key) {
      told.push({ kind: "moved", title, atMs, place, from: session.place });
      session.place = place;
    }
    const outcome = outcomeOf(sighting, session);
    if (outcome !== undefined) told.push(outcome);
    if (newest) {
      session.lastMs = atMs;
      session.ended = isEnd(type);
      session.disconnected = type === "disconnect";
      if (isCounted(type)) session.attemptMs = type === "level_start" ? atMs : undefined;
    }
    return told;
  }
}

function newSession({ title, player, place, atMs, event }: Sighting): Session {
  return {
    title,
    player,
    region: event.region ?? "",
    platform: event.platform ?? "",
    firstMs: atMs,
    lastMs: atMs,
    place,
    attemptMs: undefined,
    ended: false,
    disconnected: false,
    counted: [],
  };
}

function outcomeOf(
  { title, place, type, atMs, event }: Sighting,
  { attemptMs, firstMs }: Session,
): Journey | undefined {
  const timed = attemptMs === undefined || atMs < attemptMs ? {} : { durationMs: atMs - attemptMs };
  switch (type) {
    case "level_start":
      return { kind: "started", title, atMs, place };
    case "level_complete":
      return { kind: "completed", title, atMs, place, ...timed };
    case "level_fail":
      return { kind: "failed", title, atMs, place, ...timed };
    case "session_end":
    case "disconnect":
      return {
        kind: "left",
        title,
        atMs,
        place,
        server: event.server_id ?? "",
        reason: type === "disconnect" ? event.reason || "disconnect" : "",
        durationMs: atMs - firstMs,
      };
    default:
      return undefined;
  }
}
