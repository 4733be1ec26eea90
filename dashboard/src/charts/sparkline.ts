/** A number's recent course as an SVG path; too small for a chart with axes. */
import type { Point, Span } from "../model/windows.ts";

export interface SparkSize {
  readonly width: number;
  readonly height: number;
}

export interface SparkPath {
  readonly line: string;
  /** The line closed down to the base, for a fill. */
  readonly area: string;
}

/** Room for half of the line's width at the edges. */
const INSET = 1.5;

/** The least part of the highest value that the height stands for: a wobble must not look like a quake. */
const SHOWN_SHARE_MIN = 0.3;

/** Points → path. */
export function sparkPath(points: readonly Point[], span: Span, size: SparkSize): SparkPath {
  const values = points.flatMap(([, value]) => (value === null ? [] : [value]));
  const top = Math.max(1e-9, ...values);
  const shown = Math.max(top - Math.min(top, ...values), top * SHOWN_SHARE_MIN);
  // The lower half is room for the fill, unless the course comes down to zero.
  const base = Math.max(0, top - shown * 1.6);
  const place = ([time, value]: readonly [number, number]): string => {
    const x = ((time - span.fromMs) / (span.toMs - span.fromMs)) * size.width;
    const y = size.height - INSET - ((value - base) / (top - base)) * (size.height - 2 * INSET);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  };
  const runs: (readonly [number, number])[][] = [];
  let run: (readonly [number, number])[] = [];
  for (const [time, value] of points) {
    if (value === null) {
      if (run.length > 0) runs.push(run);
      run = [];
    } else {
      run.push([time, value]);
    }
  }
  if (run.length > 0) runs.push(run);
  const line = runs.map((part) => `M${part.map(place).join("L")}`).join("");
  const area = runs
    .map((part) => {
      const [first, last] = [part[0], part.at(-1)];
      if (first === undefined || last === undefined) return "";
      const [from] = place([first[0], base]).split(" ");
      const [to] = place([last[0], base]).split(" ");
      return `M${from} ${size.height}L${part.map(place).join("L")}L${to} ${size.height}Z`;
    })
    .join("");
  return { line, area };
}
