/** What all panels of the views share. */
import { formatAge, formatClock } from "../format.ts";
import type { Frame } from "../model/frame.ts";
import type { Point } from "../model/windows.ts";
import type { Row } from "../ui/data-table.ts";
import { createPanel, type Panel, type PanelOptions } from "../ui/panel.ts";

/** A panel that draws itself from a frame. */
export interface FramePanel {
  readonly element: HTMLElement;
  draw(frame: Frame): void;
  dispose(): void;
}

export interface FramePanelOptions extends Omit<PanelOptions, "onPick"> {
  /** Where a click on a datum of the chart leads. */
  readonly hrefOf?: (name: string, frame: Frame) => string;
}

/** Makes a panel; `draw` fills it from each frame. */
export function framePanel(
  options: FramePanelOptions,
  draw: (panel: Panel, frame: Frame) => void,
): FramePanel {
  let shown: Frame | undefined;
  const { hrefOf } = options;
  const onPick = (name: string): void => {
    if (shown !== undefined && hrefOf !== undefined) location.hash = hrefOf(name, shown);
  };
  const panel = createPanel(hrefOf === undefined ? options : { ...options, onPick });
  return {
    element: panel.element,
    draw(frame) {
      shown = frame;
      draw(panel, frame);
    },
    dispose: () => panel.dispose(),
  };
}

/** The basis of a panel that is made of these parts of a frame. */
export function basisOf(frame: Frame, ...parts: readonly unknown[]): readonly unknown[] {
  const { theme, animate, hrefOf, names } = frame;
  return [...parts, names, theme.dark, theme.fontPx, animate, hrefOf("overview")];
}

/** How long the span on show is: "5 min". */
export function spanWords({ span }: Frame): string {
  return formatAge(span.toMs - span.fromMs);
}

/** ", between 5 and 9 in this span"; nothing for less than two values. */
export function extentWords(points: readonly Point[], format: (value: number) => string): string {
  const values = points.flatMap(([, value]) => (value === null ? [] : [value]));
  if (values.length < 2) return "";
  return `, between ${format(Math.min(...values))} and ${format(Math.max(...values))} in this span`;
}

/** Rows of a course, newest first, with the exact value under a name of its own. */
export function courseRows(
  points: readonly Point[],
  options: { name: string; format: (value: number) => string },
): Row[] {
  return points
    .flatMap(([endMs, value]) => (value === null ? [] : [{ endMs, value }]))
    .toReversed()
    .map(({ endMs, value }) => ({
      key: String(endMs),
      cells: [formatClock(endMs), options.format(value)],
      data: { "data-window-end": endMs, [`data-${options.name}`]: value },
    }));
}
