/** The panels that views are made of: which data a panel takes from a frame, and how it says it. */
import { heatMapOption } from "../charts/heat-map.ts";
import { itemRankingOption } from "../charts/item-ranking.ts";
import { linesOption, type Line } from "../charts/lines.ts";
import { revenueBarsOption, binTotal } from "../charts/revenue-bars.ts";
import {
  formatAge,
  formatClock,
  formatCompact,
  formatCount,
  formatMoney,
  formatSession,
  formatTenth,
  plural,
} from "../format.ts";
import { binMsOf, colouredIds, type Frame } from "../model/frame.ts";
import { playersByLevel, type Place } from "../model/players.ts";
import { revenueBins } from "../model/sales.ts";
import { serverLines, THRESHOLDS, type ServerMeasure } from "../model/servers.ts";
import type { Row } from "../ui/data-table.ts";
import { createPanel, type Panel } from "../ui/panel.ts";

/** A panel that draws itself from a frame. */
export interface FramePanel {
  readonly element: HTMLElement;
  draw(frame: Frame): void;
  dispose(): void;
}

function framePanel(panel: Panel, draw: (frame: Frame) => void): FramePanel {
  return { element: panel.element, draw, dispose: () => panel.dispose() };
}

/** Players by level and map. */
export function placesPanel(): FramePanel {
  const panel = createPanel({
    id: "places",
    title: "Players by level and map",
    empty: "No player has been seen in this span.",
    table: {
      testId: "level-activity",
      caption: "Players by level and map",
      columns: ["Level", "Map", ">Players", ">Mean session"],
    },
  });
  return framePanel(panel, ({ players, theme }) => {
    const busiest = busiestOf(players.places);
    panel.update({
      isEmpty: players.places.length === 0,
      summary:
        busiest === undefined
          ? "Nobody is playing."
          : `Busiest: ${busiest.level} on ${busiest.map}, ${plural(busiest.players, "player")}.`,
      option: () => heatMapOption(players, theme),
      rows: () => players.places.map(placeRow),
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

function placeRow(place: Place): Row {
  return {
    key: `${place.level}\n${place.map}`,
    cells: [
      place.level,
      place.map,
      place.current
        ? formatCount(place.players)
        : `0 (${formatCount(place.players)} at ${formatClock(place.windowEndMs)})`,
      formatSession(place.sessionSeconds),
    ],
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
  const panel = createPanel({
    id: "players",
    title: "Players over time",
    empty: "No player has been seen in this span.",
    table: {
      testId: "players-over-time",
      caption: "Players over time",
      columns: ["Window end", ">Players"],
    },
  });
  return framePanel(panel, ({ players, courses, colours, span, theme }) => {
    const levels = colouredIds(colours.levels).filter((level) => players.levels.includes(level));
    const lines = playersByLevel(courses["level-activity"], levels).map(
      ({ level, points }): Line => ({
        name: level ?? "other levels",
        slot: level === undefined ? undefined : colours.levels.get(level),
        palette: "steps",
        points,
      }),
    );
    panel.update({
      isEmpty: players.course.length === 0,
      summary: `${plural(players.now, "player")} now${extent(players.course, formatCount)}.`,
      legend: lines,
      option: () =>
        linesOption(lines, {
          span,
          theme,
          stacked: true,
          least: 4,
          format: formatCompact,
          formatFull: formatCount,
        }),
      rows: () =>
        players.course
          .filter(([, value]) => value !== null)
          .toReversed()
          .map(([endMs, value]) => ({
            key: String(endMs),
            cells: [formatClock(endMs), formatCount(value ?? 0)],
            data: { "data-window-end": endMs, "data-players": value ?? 0 },
          })),
    });
  });
}

/** ", between 5 and 9" */
function extent(
  points: readonly (readonly [number, number | null])[],
  format: (value: number) => string,
): string {
  const values = points.flatMap(([, value]) => (value === null ? [] : [value]));
  if (values.length < 2) return "";
  return `, between ${format(Math.min(...values))} and ${format(Math.max(...values))} in this span`;
}

/** Revenue over time, stacked by item. */
export function revenuePanel(): FramePanel {
  const panel = createPanel({
    id: "revenue",
    title: "Revenue over time",
    empty: "Nothing has been sold in this span.",
    table: {
      testId: "revenue-over-time",
      caption: "Revenue over time",
      columns: ["From", "To", ">Revenue"],
    },
  });
  return framePanel(panel, (frame) => {
    const { sales, span, colours, theme } = frame;
    const binMs = binMsOf(span);
    const items = stackedItems(frame);
    const bins = revenueBins(frame.courses["item-sales"], {
      span,
      newestEndMs: sales.asOfMs,
      binMs,
      items,
    });
    const aMinute = (sales.cents / frame.coveredMs) * 60_000;
    panel.update({
      isEmpty: sales.items.length === 0,
      summary: `${formatMoney(sales.cents)} in ${spanWords(frame)}, ${formatMoney(aMinute)} a minute.`,
      option: () =>
        revenueBarsOption(
          { bins, items, colours: colours.items, wholeUntilMs: sales.asOfMs },
          theme,
        ),
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

/** How long the span on show is: "5 min". */
export function spanWords({ span }: Frame): string {
  return formatAge(span.toMs - span.fromMs);
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
  const panel = createPanel({
    id: "items",
    title: "Items by revenue",
    empty: "Nothing has been sold in this span.",
    table: {
      testId: "item-sales",
      caption: "Items by revenue",
      columns: ["Item", ">Revenue", ">Purchases", ">Flagged accounts"],
    },
  });
  return framePanel(panel, ({ sales, colours, theme, animate }) => {
    const first = sales.items[0];
    const height = panel.plotHeight();
    const rows = Math.max(3, Math.min(rowsMax, Math.floor(height / RANK_ROW_PX)));
    const rowPx = Math.min(RANK_ROW_PX_MAX, height / rows);
    panel.update({
      isEmpty: sales.items.length === 0,
      summary:
        first === undefined
          ? "No sales."
          : `${first.item} leads ${plural(sales.items.length, "item")} with ${plural(first.purchases, "purchase")}.`,
      option: () =>
        itemRankingOption(
          { items: sales.items, colours: colours.items, rows, rowPx, animate },
          theme,
        ),
      rows: () =>
        sales.items.map((item) => ({
          key: item.item,
          cells: [
            item.item,
            formatMoney(item.cents),
            formatCount(item.purchases),
            formatCount(item.flaggedAccounts),
          ],
          data: {
            "data-item": item.item,
            "data-revenue": (item.cents / 100).toFixed(2),
            "data-purchases": item.purchases,
            "data-flagged": item.flaggedAccounts,
            "data-window-end": item.lastWindowEndMs,
          },
        })),
    });
  });
}

interface MeasurePanel {
  readonly id: string;
  readonly title: string;
  readonly measure: ServerMeasure;
  readonly unit: string;
  readonly threshold: number;
  readonly top?: number;
}

const MEASURES: Readonly<Record<ServerMeasure, MeasurePanel>> = {
  latency: {
    id: "latency",
    title: "Latency by server",
    measure: "latency",
    unit: " ms",
    threshold: THRESHOLDS.latencyMsMax,
  },
  cpu_load: {
    id: "cpu",
    title: "CPU by server",
    measure: "cpu_load",
    unit: " %",
    threshold: THRESHOLDS.cpuLoadMax,
    top: 100,
  },
  memory_usage: {
    id: "memory",
    title: "Memory by server",
    measure: "memory_usage",
    unit: " %",
    threshold: THRESHOLDS.memoryUsageMax,
    top: 100,
  },
};

/** One measure of every server over time, with its threshold. */
export function measurePanel(measure: ServerMeasure): FramePanel {
  const { id, title, unit, threshold, top } = MEASURES[measure];
  const panel = createPanel({
    id,
    title,
    empty: "No server has reported in this span.",
    table: {
      testId: `${id}-by-server`,
      caption: title,
      columns: ["Server", ">Now", ">Lowest", ">Highest"],
    },
  });
  const words = (value: number): string => `${formatTenth(value)}${unit}`;
  return framePanel(panel, ({ courses, colours, span, theme }) => {
    const lines = serverLines(courses["server-health"], measure).map(
      ({ server, points }): Line => ({ name: server, slot: colours.servers.get(server), points }),
    );
    const over = lines.filter((line) => (line.points.at(-1)?.[1] ?? 0) > threshold);
    panel.update({
      isEmpty: lines.length === 0,
      summary:
        over.length === 0
          ? `${lines.length === 1 ? "Below" : `All ${lines.length} below`} ${threshold}${unit}.`
          : `${over.map((line) => `${line.name} at ${words(line.points.at(-1)?.[1] ?? 0)}`).join(", ")}: above ${threshold}${unit}.`,
      option: () =>
        linesOption(lines, {
          span,
          theme,
          threshold: { value: threshold, name: "threshold" },
          ...(top === undefined ? {} : { top }),
          format: formatCompact,
          formatFull: words,
        }),
      rows: () => lines.map((line) => measureRow(line, words)),
    });
  });
}

function measureRow(line: Line, words: (value: number) => string): Row {
  const values = line.points.flatMap(([, value]) => (value === null ? [] : [value]));
  const last = values.at(-1) ?? 0;
  return {
    key: line.name,
    cells: [line.name, words(last), words(Math.min(...values)), words(Math.max(...values))],
    data: { "data-server": line.name, "data-value": last },
  };
}
