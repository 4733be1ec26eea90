/** The ECharts option type of the parts this page registers, and pieces that charts share. */
import type { BarSeriesOption, CustomSeriesOption, LineSeriesOption } from "echarts/charts";
import type { GridComponentOption, TooltipComponentOption } from "echarts/components";
import type { ComposeOption } from "echarts/core";
import { formatClockShort } from "../format.ts";
import { FONT_FAMILY, type ChartTheme, type Palette } from "./theme.ts";

export type ChartOption = ComposeOption<
  | LineSeriesOption
  | BarSeriesOption
  | CustomSeriesOption
  | GridComponentOption
  | TooltipComponentOption
>;

/** Space around a plot. Fixed for a size of text, so that a longer number never moves the plot. */
export function gridOf({ fontPx }: ChartTheme): { [side in Side]: number } {
  return { left: Math.round(4.6 * fontPx), right: Math.round(1.5 * fontPx), top: 10, bottom: 24 };
}

type Side = "left" | "right" | "top" | "bottom";

/** Text of axes. */
export function axisLabel(theme: ChartTheme): object {
  return { color: theme.textQuiet, fontSize: theme.fontPx, fontFamily: FONT_FAMILY };
}

/** A time axis over a fixed span. */
export function timeAxis(theme: ChartTheme, span: { fromMs: number; toMs: number }): object {
  return {
    type: "time",
    min: span.fromMs,
    max: span.toMs,
    splitNumber: 4,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: false },
    axisLabel: {
      ...axisLabel(theme),
      hideOverlap: true,
      showMinLabel: false,
      showMaxLabel: false,
      formatter: (value: number): string =>
        value % 60_000 === 0
          ? formatClockShort(value)
          : `:${String((value / 1000) % 60).padStart(2, "0")}`,
    },
    axisPointer: { lineStyle: { color: theme.textQuiet, type: "dashed" }, label: { show: false } },
  };
}

/** A value axis from 0 to a round number, with few and quiet lines. */
export function valueAxis(
  theme: ChartTheme,
  options: { max: number; format: (value: number) => string },
): object {
  return {
    type: "value",
    min: 0,
    max: options.max,
    interval: options.max / 2,
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: theme.grid } },
    axisLabel: { ...axisLabel(theme), formatter: options.format },
  };
}

/** The next round number at or above a value whose half is round too. */
export function niceCeil(value: number, least = 1): number {
  const wanted = Math.max(value, least);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].find((factor) => factor * power >= wanted);
  return (step ?? 10) * power;
}

/** The next round number that is even: what is counted has no half of one on its axis. */
export function evenCeil(value: number): number {
  const top = niceCeil(value);
  return top % 2 === 1 ? top + 1 : top;
}

/** Lengths of time in seconds that are round on a clock, and so are their halves. */
const ROUND_SECONDS = [10, 20, 30, 60, 120, 240, 360, 480, 600, 1200, 1800, 3600];
const HOUR_SECONDS = 3600;

/** The next length of time in seconds that is round on a clock. */
export function secondsCeil(value: number): number {
  const top = ROUND_SECONDS.find((seconds) => seconds >= value);
  return top ?? Math.ceil(value / HOUR_SECONDS) * HOUR_SECONDS;
}

/** A tooltip styled by the page's stylesheet: an element with classes, no inline styles. */
export function tooltip(formatter: (params: never) => string): TooltipComponentOption {
  return {
    trigger: "axis",
    confine: true,
    transitionDuration: 0,
    padding: 0,
    borderWidth: 0,
    backgroundColor: "transparent",
    className: "tip",
    // ECharts types the parameter as a union of all it may be; charts name the part they read.
    formatter: formatter as unknown as string,
  };
}

/** Makes text safe inside a tooltip's HTML: ids come from players' devices. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

export interface TipRow {
  /** CSS class of the colour mark; no mark without. */
  readonly mark?: string | undefined;
  readonly name: string;
  readonly value: string;
}

/** CSS class of a colour mark. */
export function markClass(slot: number | undefined, palette: Palette = "slots"): string {
  return `${palette}-${slot ?? "rest"}`;
}

/** The HTML of a tooltip: a heading and rows of name and value. */
export function tipHtml(heading: string, rows: readonly TipRow[]): string {
  const lines = rows.map(
    ({ mark, name, value }) =>
      `<tr><th>${mark === undefined ? "" : `<i class="mark ${mark}"></i>`}${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<div class="tip-body"><p>${escapeHtml(heading)}</p><table>${lines.join("")}</table></div>`;
}
