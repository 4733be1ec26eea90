/** Lying bars, one per thing, each made of parts: outcomes by level, flags by rule, revenue by currency. */
import { axisLabel, markClass, niceCeil, tipHtml, tooltip, type ChartOption } from "./option.ts";
import { FONT_FAMILY, type ChartTheme } from "./theme.ts";

export interface BarPart {
  readonly name: string;
  readonly colour: string;
  /** CSS class of its mark in the tooltip. */
  readonly mark?: string;
}

export interface BarRow {
  readonly name: string;
  /** One number per part. */
  readonly values: readonly number[];
  /** Stands at the bar's end. */
  readonly words: string;
}

export interface PartsBars {
  readonly parts: readonly BarPart[];
  readonly rows: readonly BarRow[];
  /** Size of the plot. Names take little more than half of its width at most; rows share its height up to a limit. */
  readonly width: number;
  readonly height: number;
  readonly format: (value: number) => string;
  /** Width of the names on the left, in letters. */
  readonly nameLetters?: number;
}

const ROW_PX_MAX = 30;
const ROW_PX_MIN = 15;

/** How many rows there is room for. */
export function rowsThatFit(height: number): number {
  return Math.max(1, Math.floor(height / ROW_PX_MIN));
}

/** Data → option. */
export function partsBarsOption(data: PartsBars, theme: ChartTheme): ChartOption {
  const { parts, rows, nameLetters = 10 } = data;
  const totals = rows.map((row) => row.values.reduce((sum, value) => sum + value, 0));
  const namePx = Math.min(nameLetters * theme.fontPx * 0.62, data.width * 0.6);
  const rowPx = Math.min(ROW_PX_MAX, data.height / Math.max(1, rows.length));
  return {
    animation: false,
    grid: {
      left: namePx + 12,
      right: Math.min(7.5 * theme.fontPx, data.width * 0.2),
      top: 0,
      height: rows.length * rowPx,
      outerBoundsMode: "none",
    },
    tooltip: {
      ...tooltip((params: { dataIndex: number }[]) => rowTip(data, params[0]?.dataIndex)),
      axisPointer: { type: "shadow", shadowStyle: { color: theme.text, opacity: 0.06 } },
    },
    xAxis: { type: "value", show: false, min: 0, max: niceCeil(Math.max(0, ...totals), 1) },
    yAxis: {
      type: "category",
      inverse: true,
      data: rows.map((row) => row.name),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: {
        ...axisLabel(theme),
        color: theme.text,
        interval: 0,
        width: namePx,
        overflow: "truncate",
      },
    },
    series: parts.map((part, i) => ({
      id: part.name,
      name: part.name,
      type: "bar" as const,
      stack: "all",
      color: part.colour,
      barCategoryGap: "30%",
      barMaxWidth: 20,
      data: rows.map((row) => ({ name: row.name, value: row.values[i] ?? 0 })),
      emphasis: { disabled: true },
      ...(i === parts.length - 1
        ? {
            label: {
              show: true,
              position: "right" as const,
              color: theme.textQuiet,
              fontSize: theme.fontPx,
              fontFamily: FONT_FAMILY,
              formatter: ({ dataIndex }: { dataIndex: number }) => rows[dataIndex]?.words ?? "",
            },
          }
        : {}),
    })),
  };
}

function rowTip({ parts, rows, format }: PartsBars, index: number | undefined): string {
  const row = index === undefined ? undefined : rows[index];
  if (row === undefined) return "";
  return tipHtml(
    row.name,
    parts.map((part, i) => ({
      mark: part.mark ?? markClass(undefined),
      name: part.name,
      value: format(row.values[i] ?? 0),
    })),
  );
}
