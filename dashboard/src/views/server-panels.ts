/** Panels about servers: one measure of all of them over time. */
import { linesOption, type Line } from "../charts/lines.ts";
import { evenCeil } from "../charts/option.ts";
import { formatCompact, formatCount, formatTenth } from "../format.ts";
import type { Frame } from "../model/frame.ts";
import { serverLines, THRESHOLDS, type ServerMeasure } from "../model/servers.ts";
import type { Row } from "../ui/data-table.ts";
import { basisOf, framePanel, type FramePanel } from "./frame-panel.ts";

interface MeasureWords {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly threshold?: number;
  /** A fixed top of the axis. */
  readonly top?: number;
}

const MEASURES: Readonly<Record<ServerMeasure, MeasureWords>> = {
  latency: {
    id: "latency",
    title: "Latency by server",
    unit: " ms",
    threshold: THRESHOLDS.latencyMsMax,
  },
  latency_p95: {
    id: "latency-p95",
    title: "95th percentile of latency",
    unit: " ms",
  },
  players: { id: "connected", title: "Players by server", unit: "" },
  cpu_load: {
    id: "cpu",
    title: "CPU by server",
    unit: " %",
    threshold: THRESHOLDS.cpuLoadMax,
    top: 100,
  },
  memory_usage: {
    id: "memory",
    title: "Memory by server",
    unit: " %",
    threshold: THRESHOLDS.memoryUsageMax,
    top: 100,
  },
};

/** One measure of every server over time, with its threshold. */
export function measurePanel(
  measure: ServerMeasure,
  options: { legend: boolean } = { legend: false },
): FramePanel {
  const { id, title, unit, threshold, top } = MEASURES[measure];
  const words = (value: number): string =>
    unit === "" ? formatCount(value) : `${formatTenth(value)}${unit}`;
  const panelOptions = {
    id,
    title,
    empty: "No server has reported in this span.",
    table: {
      testId: `${id}-by-server`,
      caption: title,
      columns: ["Server", ">Now", ">Lowest", ">Highest"],
    },
  };
  return framePanel(panelOptions, (panel, frame) => {
    const { courses, colours, span, theme } = frame;
    const lines = serverLines(courses["server-health"], measure).map(
      ({ server, points }): Line => ({ name: server, slot: colours.servers.get(server), points }),
    );
    panel.update({
      basis: basisOf(frame, frame.servers),
      isEmpty: lines.length === 0,
      summary:
        threshold === undefined
          ? highestWords(lines, words)
          : thresholdWords(lines, { threshold, unit, words }),
      legend: options.legend ? lines : [],
      option: () =>
        linesOption(lines, {
          span,
          theme,
          ...(threshold === undefined
            ? {}
            : { threshold: { value: threshold, name: "threshold" } }),
          ...(top === undefined ? {} : { top }),
          format: (value) => `${formatCompact(value)}${unit}`,
          ...(unit === "" ? { topFor: evenCeil } : {}),
          formatFull: words,
        }),
      rows: () => lines.map((line) => measureRow(line, words, frame)),
    });
  });
}

function highestWords(lines: readonly Line[], words: (value: number) => string): string {
  const now = lines.map((line) => ({ name: line.name, value: line.points.at(-1)?.[1] ?? 0 }));
  const first = now.toSorted((a, b) => b.value - a.value)[0];
  return first === undefined
    ? "No server has reported."
    : `Highest: ${first.name}, ${words(first.value)}.`;
}

function thresholdWords(
  lines: readonly Line[],
  { threshold, unit, words }: { threshold: number; unit: string; words: (value: number) => string },
): string {
  const over = lines
    .map((line) => ({ name: line.name, now: line.points.at(-1)?.[1] ?? 0 }))
    .filter(({ now }) => now > threshold);
  if (over.length === 0) {
    return `${lines.length === 1 ? "Below" : `All ${lines.length} below`} ${threshold}${unit}.`;
  }
  const named = over.map(({ name, now }) => `${name} at ${words(now)}`).join(", ");
  return `${named}: above ${threshold}${unit}.`;
}

function measureRow(line: Line, words: (value: number) => string, frame: Frame): Row {
  const values = line.points.flatMap(([, value]) => (value === null ? [] : [value]));
  const last = values.at(-1) ?? 0;
  return {
    key: line.name,
    href: frame.pageOf("server", line.name),
    cells: [line.name, words(last), words(Math.min(...values)), words(Math.max(...values))],
    data: { "data-server": line.name, "data-value": last },
  };
}
