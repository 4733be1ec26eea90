/** One moment of the page: everything a view needs to draw itself. */
import { PUNCTUAL_TOPICS } from "../data/shown-topics.ts";
import type { ChartTheme } from "../charts/theme.ts";
import type { DetailKind, Filter, NavView } from "../route.ts";
import { wholeUntil, type InsightState, type TopicSlice } from "../data/store.ts";
import { assignColours, spreadColours, type ColourBook } from "./colours.ts";
import { playersOf, rankPlaces, type Players } from "./players.ts";
import { flagsOf, type Flags } from "./flags.ts";
import { salesOf, type Sales } from "./sales.ts";
import { serversOf, type Servers } from "./servers.ts";
import { coursesOf, keepSame, type Courses } from "./courses.ts";
import { byName, calledBy, namesOf, type Called, type Names } from "./names.ts";
import { WINDOW_MS, type Span } from "./windows.ts";

/** What the reader has chosen. */
export interface Choice {
  readonly filter: Filter;
  readonly rangeMs: number;
  /** A past moment to look at, or undefined for now. */
  readonly atMs: number | undefined;
}

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
  /** What ids are called, where the insights say so. */
  readonly names: Names;
  /** What charts and tables call things. */
  readonly called: Called;
  readonly sales: Sales;
  readonly flags: Flags;
  readonly servers: Servers;
  readonly colours: Colours;
  readonly theme: ChartTheme;
  readonly animate: boolean;
  /** The address of a view, with these parts of the filter added. */
  readonly hrefOf: (view: NavView, filter?: Filter) => string;
  /** The address of the page about one thing. */
  readonly pageOf: (kind: DetailKind, id: string) => string;
}

/** Windows arrive this long after their end: one second of grace, and the way. */
const ARRIVAL_MS = 2_000;

/**
 * The span on show: it glides with the clock, never ahead of what has come. While there is less
 * data than the range, a shorter span is shown, so that a fresh start is not a picture of nothing.
 */
export function spanOf(state: InsightState, choice: Choice, nowMs: number): Span {
  // What comes all the time; a cohort's minute and a flag's window would pull the axis about.
  const slices = PUNCTUAL_TOPICS.map((topic) => state[topic]);
  const whole = Math.max(...slices.map((slice) => wholeUntil(slice, nowMs)));
  const edgeMs = Math.max(whole, Math.floor((nowMs - ARRIVAL_MS) / 1000) * 1000);
  const toMs = choice.atMs ?? edgeMs;
  const heldMs = toMs - Math.min(toMs, ...slices.map(oldestStart));
  const lengthMs = SPAN_STEPS_MS.find((step) => step >= heldMs) ?? choice.rangeMs;
  return { fromMs: toMs - Math.min(lengthMs, choice.rangeMs), toMs };
}

/** Spans that are shown before there is enough data for the range. Steps, so that axes stand still. */
const SPAN_STEPS_MS = [60_000, 120_000, 300_000, 900_000, 1_800_000];

/** Start of the oldest window, or infinity. */
export function oldestStart(slice: TopicSlice<unknown>): number {
  return Math.min(Number.POSITIVE_INFINITY, ...slice.windows.keys());
}

function coveredMs(courses: Courses, span: Span): number {
  const firstMs = Math.min(
    ...PUNCTUAL_TOPICS.map((topic) => courses[topic][0]?.startMs ?? Number.POSITIVE_INFINITY),
  );
  return Math.max(WINDOW_MS, span.toMs - Math.max(span.fromMs, Math.min(firstMs, span.toMs)));
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
  readonly pageOf: Frame["pageOf"];
  /** The frame drawn last: what has not changed since is taken from it, the same by identity. */
  readonly before?: Frame | undefined;
}

/** State and choice → everything derived from them, once per drawing. */
export function frameOf(input: FrameInput): Frame {
  const { state, choice, nowMs } = input;
  const span = spanOf(state, choice, nowMs);
  const { before } = input;
  const fresh = coursesOf(state, span, { nowMs, filter: choice.filter });
  const courses = before?.filter === choice.filter ? keepSame(fresh, state, before) : fresh;
  const level = before?.courses["level-activity"] === courses["level-activity"];
  const item = before?.courses["item-sales"] === courses["item-sales"];
  const server = before?.courses["server-health"] === courses["server-health"];
  const players = level && before ? before.players : playersOf(courses["level-activity"]);
  const sales = item && before ? before.sales : salesOf(courses["item-sales"]);
  const flags = item && before ? before.flags : flagsOf(courses["item-sales"]);
  const servers = server && before ? before.servers : serversOf(courses["server-health"]);
  const retention = before?.courses["level-retention"] === courses["level-retention"];
  const names =
    level && retention && item && before ? before.names : namesOf(courses, before?.names);
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
    names,
    called: before?.names === names ? before.called : calledBy(names),
    sales,
    flags,
    state,
    servers,
    colours: coloursOf(input.colours, courses, sales, servers),
    theme: input.theme,
    animate: input.animate && choice.atMs === undefined,
    hrefOf: input.hrefOf,
    pageOf: input.pageOf,
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
