/** Revenue over time: one bar per stretch of time, stacked by item. */
import { formatClock, formatClockShort, formatMoney, formatMoneyCompact } from "../format.ts";
import type { ColourBook } from "../model/colours.ts";
import type { Caller } from "../model/names.ts";
import type { RevenueBin } from "../model/sales.ts";
import { sumOf } from "../model/windows.ts";
import {
  axisLabel,
  gridOf,
  markClass,
  niceCeil,
  tipHtml,
  tooltip,
  valueAxis,
  type ChartOption,
} from "./option.ts";
import { slotColour, type ChartTheme } from "./theme.ts";

export interface RevenueBars {
  readonly bins: readonly RevenueBin[];
  /** The items with a colour of their own, in the order of the stack. */
  readonly items: readonly string[];
  readonly colours: ColourBook;
  readonly called: Caller;
  /** Bins that end later are still growing. */
  readonly wholeUntilMs: number;
}

const REST = "other items";

/** All revenue of a bin, in cents. */
export function binTotal(bin: RevenueBin): number {
  return bin.restCents + sumOf(bin.cents.values(), (cents) => cents);
}

/** Data → option of the revenue bars. */
export function revenueBarsOption(data: RevenueBars, theme: ChartTheme): ChartOption {
  const { bins, items, colours, called } = data;
  const top = niceCeil(Math.max(0, ...bins.map(binTotal)), 100);
  const stackOf = (id: string, colour: string, valueOf: (bin: RevenueBin) => number) => ({
    id,
    name: id === REST ? REST : called(id),
    type: "bar" as const,
    stack: "all",
    color: colour,
    barCategoryGap: "22%",
    data: bins.map((bin) => ({
      value: valueOf(bin),
      // A bar that still grows is drawn lighter: it is not lower than the others, only not yet done.
      itemStyle: { opacity: bin.endMs > data.wholeUntilMs ? 0.45 : 1 },
    })),
    emphasis: { disabled: true },
  });
  const rest = bins.some((bin) => bin.restCents !== 0)
    ? [stackOf(REST, theme.rest, (bin) => bin.restCents)]
    : [];
  return {
    animation: false,
    grid: { ...gridOf(theme), outerBoundsMode: "none" },
    tooltip: {
      ...tooltip((params: { dataIndex: number }[]) => binTip(data, params[0]?.dataIndex)),
      axisPointer: { type: "shadow", shadowStyle: { color: theme.text, opacity: 0.06 } },
    },
    xAxis: {
      type: "category",
      data: bins.map((bin) => String(bin.startMs)),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: {
        ...axisLabel(theme),
        hideOverlap: true,
        interval: (index: number) => onLabelledMinute(bins, index),
        formatter: (value: string) => formatClockShort(Number(value)),
      },
    },
    yAxis: valueAxis(theme, { max: top, format: formatMoneyCompact }),
    series: [
      ...items.map((item) =>
        stackOf(item, slotColour(theme, colours.get(item)), (bin) => bin.cents.get(item) ?? 0),
      ),
      ...rest,
    ],
  };
}

/** Labels stand on whole minutes, at most about six of them. */
function onLabelledMinute(bins: readonly RevenueBin[], index: number): boolean {
  const first = bins[0];
  const last = bins.at(-1);
  const bin = bins[index];
  if (first === undefined || last === undefined || bin === undefined) return false;
  const minutes = (last.endMs - first.startMs) / 60_000;
  const every = minutes > 10 ? 3 : 1;
  return index > 0 && index < bins.length - 1 && bin.startMs % (every * 60_000) === 0;
}

function binTip({ bins, items, colours, called }: RevenueBars, index: number | undefined): string {
  const bin = index === undefined ? undefined : bins[index];
  if (bin === undefined) return "";
  const rows = items
    .map((item) => ({
      mark: markClass(colours.get(item)),
      name: called(item),
      cents: bin.cents.get(item) ?? 0,
    }))
    .concat([{ mark: markClass(undefined), name: REST, cents: bin.restCents }])
    .filter((row) => row.cents !== 0)
    .toSorted((a, b) => b.cents - a.cents)
    .map(({ mark, name, cents }) => ({ mark, name, value: formatMoney(cents) }));
  const heading = `${formatClock(bin.startMs)} – ${formatClock(bin.endMs)} · ${formatMoney(binTotal(bin))}`;
  return tipHtml(heading, rows);
}
