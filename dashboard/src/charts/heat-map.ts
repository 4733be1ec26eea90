/** Players by level (rows) and map (columns): how dark or bright a cell is says how many. */
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemReturn } from "echarts";
import { formatCompact, formatCount, formatSession } from "../format.ts";
import type { Called } from "../model/names.ts";
import type { Filter } from "../route.ts";
import type { Place, Players } from "../model/players.ts";
import { columnHeads, LETTER_EM } from "./column-heads.ts";
import { axisLabel, niceCeil, tipHtml, tooltip, type ChartOption } from "./option.ts";
import { FONT_FAMILY, rampColour, textOn, type ChartTheme } from "./theme.ts";

/** With more cells than this there is no room for numbers in them. */
const LABELLED_CELLS_MAX = 150;

/** Few cells do not grow into billboards. */
const CELL_PX_MAX = { width: 200, height: 56 } as const;

/** The share of the scale that a number of players has. The root lifts small crowds into view. */
export function heatShare(players: number, top: number): number {
  return top <= 0 ? 0 : Math.sqrt(Math.max(0, players) / top);
}

export interface Cell {
  readonly name: string;
  readonly value: readonly [column: number, row: number, players: number];
  readonly fill: string;
  /** The number in the cell; empty where nobody ever was, and where there is no room. */
  readonly text: string;
  readonly textFill: string;
  /** False for what the filter leaves out. */
  readonly chosen: boolean;
}

/** One cell per level and map, row by row. */
export function heatCells(players: Players, theme: ChartTheme, filter: Filter = {}): Cell[] {
  const { levels, maps, peak } = players;
  const places = placesByKey(players);
  const top = niceCeil(peak);
  const labelled = levels.length * maps.length <= LABELLED_CELLS_MAX;
  return levels.flatMap((level, row) =>
    maps.map((map, column): Cell => {
      const name = cellKey(level, map);
      const place = places.get(name);
      const count = place?.current === true ? place.players : 0;
      const chosen = (filter.level ?? level) === level && (filter.map ?? map) === map;
      const fill = rampColour(theme.ramp, heatShare(count, top));
      return {
        name,
        value: [column, row, count],
        fill,
        text: labelled && place !== undefined ? formatCompact(count) : "",
        chosen,
        textFill: count === 0 || !chosen ? theme.textQuiet : textOn(fill),
      };
    }),
  );
}

export interface HeatMapRoom {
  readonly width: number;
  readonly height: number;
  readonly filter: Filter;
  readonly called: Pick<Called, "level" | "map">;
}

/** How much of the width the levels' names may take. */
const LEVELS_SHARE = 0.36;

/**
 * Data → option of the heat map. Cells are a custom series: ECharts' own heat map draws every cell
 * as if it came in portions, on canvases of its own that are not cleared under the numbers.
 */
export function heatMapOption(
  players: Players,
  theme: ChartTheme,
  options: HeatMapRoom,
): ChartOption {
  const { levels, maps } = players;
  const { called } = options;
  const places = placesByKey(players);
  const longest = Math.max(...levels.map((level) => called.level(level).length));
  const left = Math.min(LETTER_EM * theme.fontPx * longest + 14, LEVELS_SHARE * options.width);
  const columnPx = Math.min(
    CELL_PX_MAX.width,
    (options.width - left - 2) / Math.max(1, maps.length),
  );
  const heads = columnHeads(
    maps.map(called.map),
    { columnPx, heightPx: options.height, rows: levels.length },
    theme,
  );
  const cells = heatCells(players, theme, options.filter);
  return {
    animation: false,
    grid: {
      left,
      top: heads.px,
      width: maps.length * columnPx,
      height: Math.min(options.height - heads.px - 2, levels.length * CELL_PX_MAX.height),
      outerBoundsMode: "none",
    },
    tooltip: {
      ...tooltip((params: { name: string }) => placeTip(params.name, places, called)),
      trigger: "item",
    },
    xAxis: {
      type: "category",
      data: [...maps],
      position: "top",
      ...BARE_AXIS,
      axisLabel: {
        ...heads.label,
        interval: 0,
        formatter: (map: string) => heads.linesOf(called.map(map)),
      },
    },
    yAxis: {
      type: "category",
      data: [...levels],
      inverse: true,
      ...BARE_AXIS,
      axisLabel: {
        ...axisLabel(theme),
        width: left - 10,
        overflow: "truncate",
        margin: 8,
        formatter: called.level,
      },
    },
    series: [
      {
        id: "places",
        type: "custom",
        data: cells.map(({ name, value }) => ({ name, value: [...value] })),
        encode: { x: 0, y: 1, itemName: [] },
        renderItem: (params, api) => drawCell(cells[params.dataIndex], api, theme),
      },
    ],
  };
}

const GAP_PX = 2;
const RADIUS_PX = 4;
const LEFT_OUT_OPACITY = 0.25;

function drawCell(
  cell: Cell | undefined,
  api: CustomSeriesRenderItemAPI,
  theme: ChartTheme,
): CustomSeriesRenderItemReturn {
  if (cell === undefined || api.size === undefined) return null;
  const [x = 0, y = 0] = api.coord([cell.value[0], cell.value[1]]);
  const [width = 0, height = 0] = api.size([1, 1]) as number[];
  return {
    type: "rect",
    shape: {
      x: x - width / 2 + GAP_PX / 2,
      y: y - height / 2 + GAP_PX / 2,
      width: width - GAP_PX,
      height: height - GAP_PX,
      r: RADIUS_PX,
    },
    style: { fill: cell.fill, opacity: cell.chosen ? 1 : LEFT_OUT_OPACITY },
    emphasis: { style: { stroke: theme.text, lineWidth: 1.5 } },
    textConfig: { position: "inside" },
    textContent: {
      type: "text",
      style: {
        text: cell.text,
        fill: cell.textFill,
        // Rows may be low; a number stays within its cell.
        font: `${Math.min(theme.fontPx + 1, Math.round(0.85 * height))}px ${FONT_FAMILY}`,
      },
    },
  };
}

const BARE_AXIS = {
  axisLine: { show: false },
  axisTick: { show: false },
  splitLine: { show: false },
} as const;

function placesByKey(players: Players): ReadonlyMap<string, Place> {
  return new Map(players.places.map((place) => [cellKey(place.level, place.map), place]));
}

function cellKey(level: string, map: string): string {
  return JSON.stringify([level, map]);
}

function placeTip(
  key: string,
  places: ReadonlyMap<string, Place>,
  called: Pick<Called, "level" | "map">,
): string {
  const [level = "", map = ""] = JSON.parse(key) as string[];
  const place = places.get(key);
  const heading = `${called.level(level)} · ${called.map(map)}`;
  if (place === undefined) return tipHtml(heading, []);
  return tipHtml(heading, [
    {
      name: "players",
      value: place.current
        ? formatCount(place.players)
        : `0 (last seen ${formatCount(place.players)})`,
    },
    { name: "mean session", value: formatSession(place.sessionSeconds) },
  ]);
}
