/** Items by revenue: bars that move past each other as the order changes. */
import { formatCount, formatMoney, plural } from "../format.ts";
import type { ColourBook } from "../model/colours.ts";
import { byName, type Caller } from "../model/names.ts";
import type { ItemTotal } from "../model/sales.ts";
import { axisLabel, markClass, tipHtml, tooltip, type ChartOption } from "./option.ts";
import { FONT_FAMILY, slotColour, type ChartTheme } from "./theme.ts";

export interface ItemRanking {
  /** All items, highest revenue first. */
  readonly items: readonly ItemTotal[];
  readonly colours: ColourBook;
  readonly called: Caller;
  /** How many bars there is room for. */
  readonly rows: number;
  /** Height of one bar with its share of space. */
  readonly rowPx: number;
  readonly animate: boolean;
}

const MOVE_MS = 500;

/** Data → option of the ranking. */
export function itemRankingOption(data: ItemRanking, theme: ChartTheme): ChartOption {
  const shown = data.items.slice(0, data.rows);
  const byItem = new Map(shown.map((item) => [item.item, item]));
  // Sorting is left to the chart: bars and names then move to their new places instead of swapping.
  const order = data.animate ? shown.toSorted((a, b) => byName(a.item, b.item)) : shown;
  const top = Math.max(1, shown[0]?.cents ?? 0);
  return {
    animation: data.animate,
    animationDuration: 0,
    animationDurationUpdate: MOVE_MS,
    animationEasingUpdate: "cubicInOut",
    grid: {
      left: 10 * theme.fontPx,
      right: 7 * theme.fontPx,
      top: 0,
      height: shown.length * data.rowPx,
      outerBoundsMode: "none",
    },
    tooltip: {
      ...tooltip((params: { name: string }) => itemTip(byItem.get(params.name), data)),
      trigger: "item",
    },
    xAxis: { type: "value", show: false, min: 0, max: top },
    yAxis: {
      type: "category",
      inverse: true,
      data: order.map((item) => item.item),
      animationDuration: 0,
      animationDurationUpdate: MOVE_MS,
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: {
        ...axisLabel(theme),
        color: theme.text,
        fontSize: theme.fontPx + 1,
        interval: 0,
        formatter: data.called,
        width: 9.5 * theme.fontPx,
        overflow: "truncate",
      },
    },
    series: [
      {
        id: "items",
        type: "bar",
        realtimeSort: data.animate,
        data: order.map((item) => ({
          id: item.item,
          name: item.item,
          value: item.cents,
          itemStyle: { color: slotColour(theme, data.colours.get(item.item)) },
        })),
        barCategoryGap: "34%",
        barMaxWidth: 22,
        itemStyle: { borderRadius: 3 },
        label: {
          show: true,
          position: "right",
          color: theme.text,
          fontSize: theme.fontPx + 1,
          fontFamily: FONT_FAMILY,
          formatter: ({ name }) => formatMoney(byItem.get(name)?.cents ?? 0),
        },
        emphasis: { disabled: true },
      },
    ],
  };
}

function itemTip(
  item: ItemTotal | undefined,
  { colours, called }: Pick<ItemRanking, "colours" | "called">,
): string {
  if (item === undefined) return "";
  return tipHtml(called(item.item), [
    { mark: markClass(colours.get(item.item)), name: "revenue", value: formatMoney(item.cents) },
    { name: "purchases", value: formatCount(item.purchases) },
    { name: "flagged", value: plural(item.flaggedAccounts, "account") },
  ]);
}
