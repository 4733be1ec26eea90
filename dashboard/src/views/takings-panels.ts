/** Panels about takings: buyers, refunds, and revenue by currency and type of item. */
import { COUNTS, linesOption } from "../charts/lines.ts";
import { markClass } from "../charts/option.ts";
import { partsBarsOption, rowsThatFit } from "../charts/parts-bars.ts";
import { slotColour } from "../charts/theme.ts";
import { formatCount, formatMoney, formatMoneyCompact, plural } from "../format.ts";
import { takingsOf, type Part, type Takings } from "../model/takings.ts";
import { remembered } from "../model/windows.ts";
import {
  basisOf,
  courseRows,
  extentWords,
  framePanel,
  spanWords,
  type FramePanel,
} from "./frame-panel.ts";
import { frameList } from "./lists.ts";

/** One reading of the takings for all panels of a view. */
export type ReadTakings = ReturnType<typeof takingsReader>;
export const takingsReader = () => remembered(takingsOf);

/** Distinct accounts that bought, per ten seconds. */
export function buyersPanel(read: ReadTakings): FramePanel {
  const options = {
    id: "buyers",
    title: "Buyers",
    empty: "Nobody has bought anything in this span.",
    table: {
      testId: "buyers-over-time",
      caption: "Distinct buyers of each ten seconds",
      columns: ["Window end", ">Buyers"],
    },
  };
  return framePanel(options, (panel, frame) => {
    const takings = read(frame.courses.revenue);
    const { span, theme } = frame;
    const lines = [{ name: "buyers", slot: 0, points: takings.buyersCourse }];
    panel.update({
      basis: basisOf(frame, takings),
      isEmpty: takings.buyersCourse.length === 0,
      summary:
        conversionWords(takings) ??
        `Per ten seconds${extentWords(takings.buyersCourse, formatCount)}.`,
      option: () =>
        linesOption(lines, {
          span,
          theme,
          ...COUNTS,
        }),
      rows: () => courseRows(takings.buyersCourse, { name: "buyers", format: formatCount }),
    });
  });
}

/** "283 so far, 55.1 % of the players seen. …"; `undefined` while no total has come. */
function conversionWords({ total }: Takings): string | undefined {
  if (total === undefined) return undefined;
  const share =
    total.conversion === undefined
      ? ""
      : `, ${(total.conversion * 100).toFixed(1)} % of the players seen`;
  return `${formatCount(total.buyers)} so far${share}. Drawn per ten seconds.`;
}

/** What was sold and what was given back. */
export function refundsPanel(read: ReadTakings): FramePanel {
  const options = {
    id: "refunds",
    title: "Sold and refunded",
    empty: "Nothing has been sold in this span.",
    table: {
      testId: "refunds-over-time",
      caption: "Refunds of each ten seconds",
      columns: ["Window end", ">Refunded"],
    },
  };
  return framePanel(options, (panel, frame) => {
    const takings = read(frame.courses.revenue);
    const { span, theme } = frame;
    const lines = [
      { name: "sold", slot: 2, points: takings.grossCourse },
      { name: "refunded", slot: 6, points: takings.refundedCourse },
    ];
    panel.update({
      basis: basisOf(frame, takings),
      isEmpty: takings.grossCourse.length === 0,
      summary: `${plural(takings.refunds, "refund")} of ${formatMoney(takings.refundedCents)}, out of ${formatMoney(takings.grossCents)} in ${spanWords(frame)}.`,
      legend: lines,
      option: () =>
        linesOption(lines, {
          span,
          theme,
          least: 1000,
          format: formatMoneyCompact,
          formatFull: formatMoney,
        }),
      rows: () =>
        courseRows(takings.refundedCourse, { name: "refunded-cents", format: formatMoney }),
    });
  });
}

/** What is bought most in the newest whole minute, and whether that is more than in the one before. */
export function popularPanel(read: ReadTakings): FramePanel {
  const options = {
    id: "popular",
    title: "Popular now",
    table: {
      testId: "popular-items",
      caption: "Items bought most in the newest whole minute",
      columns: ["Item", "~Type", ">Minute", ">Before", ">Change"],
    },
    empty: "Known after the first whole minute.",
  };
  return frameList(
    options,
    (frame) => read(frame.courses.revenue),
    ({ popular }, { pageOf }) => {
      const rising = popular.filter((item) => item.purchase_count > item.purchases_minute_before);
      return {
        summary:
          popular.length === 0
            ? "None yet."
            : `${formatCount(rising.length)} of ${formatCount(popular.length)} sell more than in the minute before.`,
        rows: popular.map((item) => {
          const change = item.purchase_count - item.purchases_minute_before;
          return {
            key: item.item_id,
            href: pageOf("item", item.item_id),
            cells: [
              item.item_name || item.item_id,
              item.item_type,
              formatCount(item.purchase_count),
              formatCount(item.purchases_minute_before),
              `${change > 0 ? "▲ " : change < 0 ? "▼ " : ""}${formatCount(Math.abs(change))}`,
            ],
            ids: [item.item_id],
            data: {
              "data-item": item.item_id,
              "data-purchases": item.purchase_count,
              "data-before": item.purchases_minute_before,
              "data-trend": Math.sign(change),
            },
          };
        }),
      };
    },
  );
}

interface PartsOptions {
  readonly id: "currencies" | "types";
  readonly title: string;
  readonly testId: string;
  readonly column: string;
  readonly slot: number;
  readonly empty: string;
}

const PARTS: Readonly<Record<"currencies" | "types", PartsOptions>> = {
  currencies: {
    id: "currencies",
    title: "Revenue by currency",
    testId: "revenue-by-currency",
    column: "Currency",
    slot: 5,
    empty: "The insights on show do not tell currencies.",
  },
  types: {
    id: "types",
    title: "Revenue by type of item",
    testId: "revenue-by-type",
    column: "Type",
    slot: 7,
    empty: "Nothing has been sold in this span.",
  },
};

/** Revenue by what was paid with, or by what was bought; all in the base currency. */
export function partsPanel(which: PartsOptions["id"], read: ReadTakings): FramePanel {
  const { id, title, testId, column, slot, empty } = PARTS[which];
  const options = {
    id,
    title,
    empty,
    table: { testId, caption: title, columns: [column, ">Revenue", ">Purchases"] },
  };
  return framePanel(options, (panel, frame) => {
    const takings = read(frame.courses.revenue);
    const parts = which === "currencies" ? takings.byCurrency : takings.byType;
    const { theme } = frame;
    const { width, height } = panel.plotSize();
    const first = parts[0];
    panel.update({
      basis: basisOf(frame, takings, width, height),
      still: true,
      isEmpty: parts.length === 0,
      summary:
        first === undefined
          ? ""
          : `${first.name} leads with ${shareWords(first, parts)}; all in US dollars.`,
      option: () =>
        partsBarsOption(
          {
            parts: [{ name: "revenue", colour: slotColour(theme, slot), mark: markClass(slot) }],
            width,
            height,
            format: formatMoney,
            rows: parts.slice(0, rowsThatFit(height)).map((part) => ({
              name: part.name,
              values: [Math.max(0, part.cents)],
              words: formatMoney(part.cents),
            })),
          },
          theme,
        ),
      rows: () =>
        parts.map((part) => ({
          key: part.name,
          cells: [part.name, formatMoney(part.cents), formatCount(part.purchases)],
          data: { "data-name": part.name, "data-revenue": (part.cents / 100).toFixed(2) },
        })),
    });
  });
}

function shareWords(part: Part, parts: readonly Part[]): string {
  const all = parts.reduce((sum, { cents }) => sum + cents, 0);
  return all === 0 ? "nothing" : `${Math.round((part.cents / all) * 100)} % of the revenue`;
}
