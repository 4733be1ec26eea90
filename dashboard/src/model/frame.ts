/** One moment of the page: everything a view needs to draw itself. */
import type { InsightByTopic } from "@arenaflow/events";
import type { ShownTopic } from "../data/shown-topics.ts";
import type { ChartTheme } from "../charts/theme.ts";
import type { Filter, ViewId } from "../route.ts";
import { wholeUntil, type InsightState, type TopicSlice } from "../data/store.ts";
import { assignColours, spreadColours, type ColourBook } from "./colours.ts";
import { playersOf, rankPlaces, type Players } from "./players.ts";
import { flagsOf, type Flags } from "./flags.ts";
import { salesOf, type Sales } from "./sales.ts";
import { serversOf, type Servers } from "./servers.ts";
import { byName } from "./names.ts";
import { WINDOW_MS, windowsIn, type Course, type Span } from "./windows.ts";

/** What the reader has chosen. */
export interface Choice {
  readonly filter: Filter;
  readonly rangeMs: number;
  /** A past moment to look at, or undefined for now. */
  readonly atMs: number | undefined;
}

export type Courses = { readonly [T in ShownTopic]: readonly Course<InsightByTopic[T]>[] };

export interface Colours {
  readonly levels: ColourBook;
  readonly maps: ColourBook;
  readonly items: ColourBook;
  readonly servers: ColourBook;
}

export const NO_COLOURS: Colours = {
  levels: new Map(),
  maps: new Map(),
  items: new Map(),
  servers: new Map(),
};

export interface Frame {
  readonly nowMs: number;
  readonly live: boolean;
  readonly state: InsightState;
  readonly span: Span;
  /** How much of the span has data: what "a minute" is reckoned on. */
  readonly coveredMs: number;
  readonly courses: Courses;
  readonly players: Players;
  /** Every place, whatever the filter: what one chooses from. */
  readonly everywhere: Players;
  readonly filter: Filter;
  readonly sales: Sales;
  readonly flags: Flags;
  readonly servers: Servers;
  readonly colours: Colours;
  readonly theme: ChartTheme;
  readonly animate: boolean;
  /** The address of a view, with these parts of the filter added. */
  readonly hrefOf: (view: ViewId, filter?: Filter) => string;
}

/** Windows arrive this long after their end: one second of grace, and the way. */
const ARRIVAL_MS = 2_000;

/**
 * The span on show: it glides with the clock, never ahead of what has come. While there is less
 * data than the range, a shorter span is shown, so that a fresh start is not a picture of nothing.
 */
export function spanOf(state: InsightState, choice: Choice, nowMs: number): Span {
  const slices = Object.values(state);
  const whole = Math.max(...slices.map((slice) => wholeUntil(slice, nowMs)));
  const edgeMs = Math.max(whole, Math.floor((nowMs - ARRIVAL_MS) / 1000) * 1000);
  const toMs = choice.atMs ?? edgeMs;
  const heldMs = toMs - Math.min(toMs, ...slices.map(oldestStart));
  const lengthMs = SPAN_STEPS_MS.find((step) => step >= heldMs) ?? choice.rangeMs;
  return { fromMs: toMs - Math.min(lengthMs, choice.rangeMs), toMs };
}

/** Spans that are shown before there is enough data for the range. Steps, so that axes stand still. */
const SPAN_STEPS_MS = [60_000, 120_000, 300_000];

/** Start of the oldest window, or infinity. */
export function oldestStart(slice: TopicSlice<unknown>): number {
  return Math.min(Number.POSITIVE_INFINITY, ...slice.windows.keys());
}

/** The windows of every topic within a span, only those that have come in whole, filtered. */
export function coursesOf(
  state: InsightState,
  span: Span,
  options: { nowMs: number; filter: Filter },
): Courses {
  const { nowMs, filter } = options;
  const wanted = (name: string | undefined, id: string): boolean =>
    name === undefined || name === id;
  const until = (topic: ShownTopic): Span => ({
    fromMs: span.fromMs,
    toMs: Math.min(span.toMs, wholeUntil(state[topic], nowMs)),
  });
  return {
    "level-activity": windowsIn(
      state["level-activity"],
      until("level-activity"),
      (value) => wanted(filter.level, value.level_id) && wanted(filter.map, value.map_id),
    ),
    "item-sales": windowsIn(state["item-sales"], until("item-sales"), (value) =>
      wanted(filter.item, value.item_id),
    ),
    "server-health": windowsIn(state["server-health"], until("server-health"), (value) =>
      wanted(filter.server, value.server_id),
    ),
  };
}

function coveredMs(courses: Courses, span: Span): number {
  const starts = Object.values(courses).map((topic) => topic[0]?.startMs ?? span.toMs);
  return Math.max(WINDOW_MS, span.toMs - Math.max(span.fromMs, Math.min(...starts)));
}

/** Colours for what leads now; what has one keeps it. */
export function coloursOf(
  before: Colours,
  courses: Courses,
  sales: Sales,
  servers: Servers,
): Colours {
  return {
    levels: spreadColours(before.levels, rankPlaces(courses["level-activity"], "level_id")),
    maps: assignColours(before.maps, rankPlaces(courses["level-activity"], "map_id")),
    items: assignColours(
      before.items,
      sales.items.map((item) => item.item),
    ),
    servers: assignColours(
      before.servers,
      servers.servers.map((server) => server.server),
    ),
  };
}

/** Ids that have a colour, in the order people read them. */
export function colouredIds(book: ColourBook): string[] {
  return [...book.keys()].toSorted(byName);
}

export interface FrameInput {
  readonly state: InsightState;
  readonly choice: Choice;
  readonly nowMs: number;
  readonly colours: Colours;
  readonly theme: ChartTheme;
  readonly animate: boolean;
  readonly hrefOf: Frame["hrefOf"];
  /** The frame drawn last: what has not changed since is taken from it, the same by identity. */
  readonly before?: Frame | undefined;
}

/** State and choice → everything derived from them, once per drawing. */
export function frameOf(input: FrameInput): Frame {
  const { state, choice, nowMs } = input;
  const span = spanOf(state, choice, nowMs);
  const { before } = input;
  const fresh = coursesOf(state, span, { nowMs, filter: choice.filter });
  const courses = keepSame(fresh, input);
  const level = before?.courses["level-activity"] === courses["level-activity"];
  const item = before?.courses["item-sales"] === courses["item-sales"];
  const server = before?.courses["server-health"] === courses["server-health"];
  const players = level && before ? before.players : playersOf(courses["level-activity"]);
  const sales = item && before ? before.sales : salesOf(courses["item-sales"]);
  const flags = item && before ? before.flags : flagsOf(courses["item-sales"]);
  const servers = server && before ? before.servers : serversOf(courses["server-health"]);
  return {
    nowMs,
    live: choice.atMs === undefined,
    span,
    coveredMs: coveredMs(courses, span),
    courses,
    players,
    everywhere:
      choice.filter.level === undefined && choice.filter.map === undefined
        ? players
        : everywhereOf(input, span),
    filter: choice.filter,
    sales,
    flags,
    state,
    servers,
    colours: coloursOf(input.colours, courses, sales, servers),
    theme: input.theme,
    animate: input.animate && choice.atMs === undefined,
    hrefOf: input.hrefOf,
  };
}

/** Courses as before where state, filter and windows are: the axis glides far more often than data comes. */
function keepSame(fresh: Courses, { state, choice, before }: FrameInput): Courses {
  if (before === undefined || before.filter !== choice.filter) return fresh;
  const keep = <T extends ShownTopic>(topic: T): Courses[T] => {
    const old = before.courses[topic];
    const now = fresh[topic];
    const same =
      before.state[topic] === state[topic] &&
      old.length === now.length &&
      old[0]?.startMs === now[0]?.startMs;
    return same ? old : now;
  };
  return {
    "level-activity": keep("level-activity"),
    "item-sales": keep("item-sales"),
    "server-health": keep("server-health"),
  };
}

function everywhereOf({ state, nowMs }: FrameInput, span: Span): Players {
  return playersOf(coursesOf(state, span, { nowMs, filter: {} })["level-activity"]);
}

/** More bars than this become confetti. */
const BARS_MAX = 30;

/** The length of a bar's time, in whole windows. */
export function binMsOf(span: Span): number {
  const perBar = (span.toMs - span.fromMs) / BARS_MAX;
  return Math.max(1, Math.ceil(perBar / WINDOW_MS)) * WINDOW_MS;
}
