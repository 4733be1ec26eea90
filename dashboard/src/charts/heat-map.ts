/** Players by level (rows) and map (columns): how dark or bright a cell is says how many. */
import { formatCompact, formatCount, formatSession } from "../format.ts";
import type { Place, Players } from "../model/players.ts";
import { axisLabel, niceCeil, tipHtml, tooltip, type ChartOption } from "./option.ts";
import { FONT_FAMILY, rampColour, textOn, type ChartTheme } from "./theme.ts";

/** With more cells than this there is no room for numbers in them. */
const LABELLED_CELLS_MAX = 150;

/** The share of the scale that a number of players has. The root lifts small crowds into view. */
export function heatShare(players: number, top: number): number {
  return top <= 0 ? 0 : Math.sqrt(Math.max(0, players) / top);
}

/** Data → option of the heat map. */
export function heatMapOption(players: Players, theme: ChartTheme): ChartOption {
  const { levels, maps } = players;
  const top = niceCeil(players.peak);
  const places = new Map(players.places.map((place) => [cellKey(place.level, place.map), place]));
  const labelled = levels.length * maps.length <= LABELLED_CELLS_MAX;
  const cells = levels.flatMap((level, row) =>
    maps.map((map, column) => {
      const place = places.get(cellKey(level, map));
      const count = place?.current === true ? place.players : 0;
      const colour = rampColour(theme.ramp, heatShare(count, top));
      return {
        name: cellKey(level, map),
        value: [column, row, count],
        itemStyle: { color: colour },
        label: {
          color: count === 0 ? theme.textQuiet : textOn(colour),
          show: labelled && place !== undefined,
        },
      };
    }),
  );
  return {
    animation: false,
    grid: {
      left: 6 * theme.fontPx,
      right: 2,
      top: 2 * theme.fontPx,
      bottom: 2,
      outerBoundsMode: "none",
    },
    tooltip: {
      ...tooltip((params: { name: string }) => placeTip(params.name, places)),
      trigger: "item",
    },
    xAxis: {
      type: "category",
      data: [...maps],
      position: "top",
      ...BARE_AXIS,
      axisLabel: { ...axisLabel(theme), interval: 0, hideOverlap: true, margin: 8 },
    },
    yAxis: {
      type: "category",
      data: [...levels],
      inverse: true,
      ...BARE_AXIS,
      axisLabel: {
        ...axisLabel(theme),
        width: 5.5 * theme.fontPx,
        overflow: "truncate",
        margin: 8,
      },
    },
    series: [
      {
        id: "places",
        type: "heatmap",
        data: cells,
        label: {
          show: true,
          fontSize: theme.fontPx + 1,
          fontFamily: FONT_FAMILY,
          formatter: ({ value }) => formatCompact((value as number[])[2] ?? 0),
        },
        itemStyle: { borderColor: theme.background, borderWidth: 2, borderRadius: 5 },
        emphasis: { itemStyle: { borderColor: theme.text, borderWidth: 1 } },
      },
    ],
  };
}

const BARE_AXIS = {
  axisLine: { show: false },
  axisTick: { show: false },
  splitLine: { show: false },
} as const;

function cellKey(level: string, map: string): string {
  return JSON.stringify([level, map]);
}

function placeTip(key: string, places: ReadonlyMap<string, Place>): string {
  const [level = "", map = ""] = JSON.parse(key) as string[];
  const place = places.get(key);
  if (place === undefined) return tipHtml(`${level} · ${map}`, []);
  return tipHtml(`${level} · ${map}`, [
    {
      name: "players",
      value: place.current
        ? formatCount(place.players)
        : `0 (last seen ${formatCount(place.players)})`,
    },
    { name: "mean session", value: formatSession(place.sessionSeconds) },
  ]);
}
