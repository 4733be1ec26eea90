/** Panels about sales: revenue over time, the ranking of items. */
import { itemRankingOption } from "../charts/item-ranking.ts";
import { binTotal, revenueBarsOption } from "../charts/revenue-bars.ts";
import { formatClock, formatCount, formatMoney, plural } from "../format.ts";
import { binMsOf, type Frame } from "../model/frame.ts";
import { revenueBins, type ItemTotal } from "../model/sales.ts";
import type { Row } from "../ui/data-table.ts";
import { basisOf, framePanel, spanWords, type FramePanel } from "./frame-panel.ts";

/** Revenue over time, stacked by item. */
export function revenuePanel(
  { legend }: { readonly legend: boolean } = { legend: false },
): FramePanel {
  const options = {
    id: "revenue",
    title: "Revenue over time",
    empty: "Nothing has been sold in this span.",
    table: {
      testId: "revenue-over-time",
      caption: "Revenue over time",
      columns: ["From", "To", ">Revenue"],
    },
  };
  return framePanel(options, (panel, frame) => {
    const { sales, span, colours, theme, called } = frame;
    const binMs = binMsOf(span);
    const items = stackedItems(frame);
    const newestEndMs = sales.asOfMs;
    const bins = revenueBins(frame.courses["item-sales"], { span, newestEndMs, binMs, items });
    const aMinute = (sales.cents / frame.coveredMs) * 60_000;
    const data = {
      bins,
      items,
      colours: colours.items,
      called: called.item,
      wholeUntilMs: newestEndMs,
    };
    panel.update({
      basis: basisOf(frame, sales, bins.length, bins[0]?.startMs),
      isEmpty: sales.items.length === 0,
      summary: `${formatMoney(sales.cents)} in ${spanWords(frame)}, ${formatMoney(aMinute)} a minute.`,
      legend: legend
        ? items.map((item) => ({ name: called.item(item), slot: colours.items.get(item) }))
        : [],
      option: () => revenueBarsOption(data, theme),
      rows: () =>
        bins.toReversed().map((bin) => ({
          key: String(bin.startMs),
          cells: [formatClock(bin.startMs), formatClock(bin.endMs), formatMoney(binTotal(bin))],
          data: {
            "data-start": bin.startMs,
            "data-end": bin.endMs,
            "data-revenue": (binTotal(bin) / 100).toFixed(2),
          },
        })),
    });
  });
}

/** Layers of a stack beyond this cannot be told apart; the rest is one layer. */
const LAYERS_MAX = 6;

/** The best selling items that have a colour, in an order that stays as ranks change. */
function stackedItems({ sales, colours }: Frame): string[] {
  const leading = sales.items
    .map((item) => item.item)
    .filter((item) => colours.items.has(item))
    .slice(0, LAYERS_MAX);
  return [...colours.items.keys()].filter((item) => leading.includes(item));
}

/** Height of one bar with the space around it. */
const RANK_ROW_PX = 20;
const RANK_ROW_PX_MAX = 30;

/** Items by revenue. */
export function itemsPanel(rowsMax = 10): FramePanel {
  const options = {
    id: "items",
    title: "Items by revenue",
    empty: "Nothing has been sold in this span.",
    table: {
      testId: "item-sales",
      caption: "Items by revenue",
      columns: ["Item", ">Revenue", ">Purchases", ">Flagged accounts"],
    },
    hrefOf: (item: string, frame: Frame) => frame.pageOf("item", item),
  };
  return framePanel(options, (panel, frame) => {
    const { sales, colours, theme, animate, called } = frame;
    const first = sales.items[0];
    const { width, height } = panel.plotSize();
    const rows = Math.max(3, Math.min(rowsMax, Math.floor(height / RANK_ROW_PX)));
    const rowPx = Math.min(
      RANK_ROW_PX_MAX,
      height / Math.max(3, Math.min(rows, sales.items.length)),
    );
    const data = {
      items: sales.items,
      colours: colours.items,
      called: called.item,
      rows,
      rowPx,
      animate,
    };
    panel.update({
      basis: basisOf(frame, sales, width, height),
      still: true,
      isEmpty: sales.items.length === 0,
      summary:
        first === undefined
          ? "No sales."
          : `${called.item(first.item)} leads ${plural(sales.items.length, "item")} with ${plural(first.purchases, "purchase")}.`,
      option: () => itemRankingOption(data, theme),
      rows: () => sales.items.map((item) => itemRow(item, frame)),
    });
  });
}

function itemRow(item: ItemTotal, frame: Frame): Row {
  return {
    key: item.item,
    href: frame.pageOf("item", item.item),
    cells: [
      frame.called.item(item.item),
      formatMoney(item.cents),
      formatCount(item.purchases),
      formatCount(item.flaggedAccounts),
    ],
    ids: [item.item],
    data: {
      "data-item": item.item,
      "data-revenue": (item.cents / 100).toFixed(2),
      "data-purchases": item.purchases,
      "data-flagged": item.flaggedAccounts,
      "data-window-end": item.lastWindowEndMs,
    },
  };
}
