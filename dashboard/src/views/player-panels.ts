/** Panels about players: where they are, how many, how long they stay. */
import { heatMapOption } from "../charts/heat-map.ts";
import { COUNTS, type Line, SESSION_LENGTHS, linesOption } from "../charts/lines.ts";
import { formatClock, formatCount, formatSession, plural } from "../format.ts";
import type { ColourBook } from "../model/colours.ts";
import { colouredIds, type Frame } from "../model/frame.ts";
import type { Caller } from "../model/names.ts";
import { playersBy, sessionsByLevel, type NamedLine, type Place } from "../model/players.ts";
import type { Row } from "../ui/data-table.ts";
import { basisOf, courseRows, extentWords, framePanel, type FramePanel } from "./frame-panel.ts";

/** Players by level and map. */
export function placesPanel(): FramePanel {
  const options = {
    id: "places",
    title: "Players by level and map",
    empty: "No player has been seen in this span.",
    table: {
      testId: "level-activity",
      caption: "Players by level and map",
      columns: ["Level", "Map", ">Players", ">Mean session"],
    },
    hrefOf: (name: string, frame: Frame) => {
      const [level = ""] = JSON.parse(name) as string[];
      return frame.pageOf("level", level);
    },
  };
  return framePanel(options, (panel, frame) => {
    const { everywhere: players, filter, theme, called } = frame;
    const busiest = busiestOf(players.places);
    const { width, height } = panel.plotSize();
    panel.update({
      basis: basisOf(frame, players, width, height),
      still: true,
      isEmpty: players.places.length === 0,
      summary:
        busiest === undefined
          ? "Nobody is playing."
          : `Busiest: ${called.level(busiest.level)} on ${called.map(busiest.map)}, ${plural(busiest.players, "player")}.`,
      option: () => heatMapOption(players, theme, { width, height, filter, called }),
      rows: () => players.places.map((place) => placeRow(place, frame)),
    });
  });
}

function busiestOf(places: readonly Place[]): Place | undefined {
  let busiest: Place | undefined;
  for (const place of places) {
    if (place.current && place.players > (busiest?.players ?? 0)) busiest = place;
  }
  return busiest;
}

function placeRow(place: Place, frame: Frame): Row {
  const count = formatCount(place.players);
  return {
    key: `${place.level}\n${place.map}`,
    href: frame.pageOf("level", place.level),
    cells: [
      frame.called.level(place.level),
      frame.called.map(place.map),
      place.current ? count : `0 (${count} at ${formatClock(place.windowEndMs)})`,
      formatSession(place.sessionSeconds),
    ],
    ids: [place.level, place.map],
    data: {
      "data-level": place.level,
      "data-map": place.map,
      "data-players": place.players,
      "data-session-seconds": place.sessionSeconds,
      "data-window-start": place.windowStartMs,
      "data-current": String(place.current),
    },
  };
}

/** Players over time, stacked by level. */
export function playersPanel(): FramePanel {
  const options = {
    id: "players",
    title: "Players over time",
    empty: "No player has been seen in this span.",
    table: {
      testId: "players-over-time",
      caption: "Players over time",
      columns: ["Window end", ">Players"],
    },
  };
  return framePanel(options, (panel, frame) => {
    const { players, courses, colours, span, theme, called } = frame;
    const levels = colouredIds(colours.levels).filter((level) => players.levels.includes(level));
    const named = playersBy(courses["level-activity"], "level_id", levels);
    const lines = coloured(
      named,
      { book: colours.levels, palette: "steps", called: called.level },
      "other levels",
    );
    const extent = extentWords(players.course, formatCount);
    panel.update({
      basis: basisOf(frame, players),
      isEmpty: players.course.length === 0,
      summary: `${plural(players.now, "player")} now${extent}.`,
      legend: lines,
      option: () => linesOption(lines, { span, theme, ...COUNTED }),
      rows: () => courseRows(players.course, { name: "players", format: formatCount }),
    });
  });
}

/** Players over time, stacked by map. */
export function mapsPanel(): FramePanel {
  const options = {
    id: "maps",
    title: "Players by map",
    empty: "No player has been seen in this span.",
    table: { testId: "players-by-map", caption: "Players by map", columns: ["Map", ">Players"] },
  };
  return framePanel(options, (panel, frame) => {
    const { players, courses, colours, span, theme, called } = frame;
    const maps = colouredIds(colours.maps).filter((map) => players.maps.includes(map));
    const named = playersBy(courses["level-activity"], "map_id", maps);
    const lines = coloured(
      named,
      { book: colours.maps, palette: "slots", called: called.map },
      "other maps",
    );
    panel.update({
      basis: basisOf(frame, players),
      isEmpty: lines.length === 0,
      summary: `${plural(players.maps.length, "map")} in play.`,
      legend: lines,
      option: () => linesOption(lines, { span, theme, ...COUNTED }),
      rows: () =>
        named.map(({ name, points }) => {
          const now = points.at(-1)?.[1] ?? 0;
          return {
            key: name ?? "",
            cells: [name === undefined ? "other maps" : called.map(name), formatCount(now)],
            ids: [name],
            data: { "data-map": name, "data-players": now },
            ...(name === undefined ? {} : { href: frame.hrefOf("engagement", { map: name }) }),
          };
        }),
    });
  });
}

/** Mean session length by level over time. */
export function sessionsPanel(): FramePanel {
  const options = {
    id: "sessions",
    title: "Mean session by level",
    empty: "No session has been seen in this span.",
    table: {
      testId: "sessions-by-level",
      caption: "Mean session by level",
      columns: ["Level", ">Mean session"],
    },
  };
  return framePanel(options, (panel, frame) => {
    const { players, courses, colours, span, theme, called } = frame;
    const levels = colouredIds(colours.levels).filter((level) => players.levels.includes(level));
    const named = sessionsByLevel(courses["level-activity"], levels);
    const lines = coloured(
      named,
      { book: colours.levels, palette: "steps", called: called.level },
      "other levels",
    );
    const { sessionSeconds } = players;
    panel.update({
      basis: basisOf(frame, players),
      isEmpty: lines.length === 0,
      summary:
        sessionSeconds === undefined
          ? "Nobody is playing."
          : `${formatSession(sessionSeconds)} over all players in the newest window.`,
      option: () =>
        linesOption(lines, {
          span,
          theme,
          ...SESSION_LENGTHS,
        }),
      rows: () =>
        named.map(({ name, points }) => {
          const seconds = points.findLast(([, value]) => value !== null)?.[1] ?? 0;
          return {
            key: name ?? "",
            cells: [name === undefined ? "" : called.level(name), formatSession(seconds)],
            ids: [name],
            data: { "data-level": name, "data-session-seconds": seconds },
          };
        }),
    });
  });
}

const COUNTED = {
  stacked: true,
  ...COUNTS,
} as const;

function coloured(
  lines: readonly NamedLine[],
  look: { book: ColourBook; palette: NonNullable<Line["palette"]>; called: Caller },
  rest: string,
): Line[] {
  return lines.map(({ name, points }) => ({
    name: name === undefined ? rest : look.called(name),
    slot: name === undefined ? undefined : look.book.get(name),
    palette: look.palette,
    points,
  }));
}
