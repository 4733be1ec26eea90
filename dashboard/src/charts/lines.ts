/** Lines over time, plain or stacked, with an optional threshold. */
import type { LineSeriesOption } from "echarts/charts";
import {
  formatClock,
  formatCompact,
  formatCount,
  formatSession,
  formatSessionShort,
} from "../format.ts";
import type { Point, Span } from "../model/windows.ts";
import {
  gridOf,
  markClass,
  evenCeil,
  niceCeil,
  secondsCeil,
  timeAxis,
  tipHtml,
  tooltip,
  valueAxis,
  type ChartOption,
} from "./option.ts";
import { slotColour, type ChartTheme, type Palette } from "./theme.ts";

export interface Line {
  readonly name: string;
  readonly slot: number | undefined;
  readonly palette?: Palette;
  readonly points: readonly Point[];
  /** A broad, pale line, to be seen where another lies on it. */
  readonly wide?: boolean;
}

export interface LinesOptions {
  readonly span: Span;
  readonly theme: ChartTheme;
  readonly stacked?: boolean;
  /** The least top of the value axis. */
  readonly least?: number;
  /** The top of the axis for the highest value; a round number without. */
  readonly topFor?: (highest: number) => number;
  /** A fixed top, for percentages. */
  readonly top?: number;
  /** Drawn as a dashed line across. */
  readonly threshold?: { readonly value: number; readonly name: string };
  readonly format: (value: number) => string;
  /** For the tooltip; `format` without it. */
  readonly formatFull?: (value: number) => string;
}

type Scale = Pick<LinesOptions, "least" | "topFor" | "format" | "formatFull">;

/** For whole numbers of players, sessions or events: a course of ones and twos stays low. */
export const COUNTS: Scale = {
  least: 4,
  topFor: evenCeil,
  format: formatCompact,
  formatFull: formatCount,
};
/** For lengths of sessions, in seconds. */
export const SESSION_LENGTHS: Scale = {
  topFor: secondsCeil,
  format: formatSessionShort,
  formatFull: formatSession,
};

/** Data → option of a line chart. */
export function linesOption(lines: readonly Line[], options: LinesOptions): ChartOption {
  const { theme, span } = options;
  const highest = options.stacked === true ? stackTop(lines) : lineTop(lines);
  const max = options.top ?? axisTop(highest, options);
  const series = lines.map((line, index) => seriesOf(line, index, options));
  return {
    animation: false,
    grid: { ...gridOf(theme), outerBoundsMode: "none" },
    tooltip: tooltip((params: AxisParam[]) => linesTip(params, lines, options)),
    xAxis: timeAxis(theme, span),
    yAxis: valueAxis(theme, { max, format: options.format }),
    series: options.threshold === undefined ? series : [...series, thresholdSeries(options)],
  };
}

function axisTop(value: number, { threshold, least = 1, topFor = niceCeil }: LinesOptions): number {
  return topFor(Math.max(value, threshold?.value ?? 0, least));
}

function seriesOf(line: Line, index: number, options: LinesOptions): LineSeriesOption {
  const colour = slotColour(options.theme, line.slot, line.palette);
  const stacked = options.stacked === true;
  return {
    id: line.name,
    name: line.name,
    type: "line",
    data: withLonePoints(line.points),
    symbol: "none",
    connectNulls: false,
    color: colour,
    z: 3 + index / 100,
    // Areas are told apart by a gap in the background's colour, lines by their own.
    lineStyle: stacked
      ? { width: 1.5, color: options.theme.background }
      : { ...(line.wide === true ? WIDE : PLAIN), color: colour, cap: "round", join: "round" },
    emphasis: { disabled: true },
    ...(stacked ? { stack: "all", areaStyle: { color: colour, opacity: 0.85 } } : {}),
  };
}

const PLAIN = { width: 1.75 } as const;
const WIDE = { width: 5, opacity: 0.4 } as const;

/** A point without neighbours would be invisible as a line: it becomes a dot. */
function withLonePoints(points: readonly Point[]): NonNullable<LineSeriesOption["data"]> {
  return points.map((point, i) => {
    const alone = (points[i - 1]?.[1] ?? null) === null && (points[i + 1]?.[1] ?? null) === null;
    return alone && point[1] !== null
      ? { value: [point[0], point[1]], symbol: "circle", symbolSize: 6 }
      : [point[0], point[1]];
  });
}

function thresholdSeries({ span, theme, threshold }: LinesOptions): LineSeriesOption {
  const value = threshold?.value ?? 0;
  return {
    id: "threshold",
    name: "threshold",
    type: "line",
    data: [
      [span.fromMs, value],
      [span.toMs, value],
    ],
    symbol: "none",
    silent: true,
    color: theme.hot,
    lineStyle: { width: 1, type: [4, 4], color: theme.hot, opacity: 0.9 },
    tooltip: { show: false },
    emphasis: { disabled: true },
    z: 2,
  };
}

interface AxisParam {
  readonly seriesId: string;
  readonly axisValue: number;
  readonly value: readonly [number, number | null];
}

function linesTip(
  params: readonly AxisParam[],
  lines: readonly Line[],
  options: LinesOptions,
): string {
  const format = options.formatFull ?? options.format;
  const values = new Map(params.map((param) => [param.seriesId, param.value[1]]));
  const rows = lines
    .map((line) => ({
      mark: markClass(line.slot, line.palette),
      name: line.name,
      number: values.get(line.name) ?? null,
    }))
    .filter((row) => row.number !== null)
    .toSorted((a, b) => (b.number ?? 0) - (a.number ?? 0))
    .map(({ mark, name, number }) => ({ mark, name, value: format(number ?? 0) }));
  return rows.length === 0 ? "" : tipHtml(formatClock(params[0]?.value[0] ?? 0), rows);
}

function lineTop(lines: readonly Line[]): number {
  let top = 0;
  for (const { points } of lines) for (const [, value] of points) top = Math.max(top, value ?? 0);
  return top;
}

function stackTop(lines: readonly Line[]): number {
  const sums = new Map<number, number>();
  for (const { points } of lines) {
    for (const [time, value] of points) sums.set(time, (sums.get(time) ?? 0) + (value ?? 0));
  }
  return Math.max(0, ...sums.values());
}
