/** Where players get stuck: what stands out among the levels of a title. */

export interface Attempts {
  readonly started: number;
  readonly completed: number;
  readonly failed: number;
  readonly quit: number;
  readonly timed: number;
  readonly timeMs: number;
  /** Of the catalog; 0 where it says nothing. */
  readonly typicalSeconds: number;
}

export interface Stuck {
  readonly stuck: boolean;
  readonly stuck_by: "" | "failures" | "quits" | "time";
  readonly stuck_measure: number;
  readonly stuck_threshold: number;
}

const ATTEMPTS_MIN = 8;

interface Measure {
  readonly name: Stuck["stuck_by"];
  readonly of: (level: Attempts) => number | undefined;
  readonly least: number;
  readonly deviationMin: number;
}

const share = (part: number, whole: number): number | undefined =>
  whole < ATTEMPTS_MIN ? undefined : part / whole;

const MEASURES: readonly Measure[] = [
  {
    name: "failures",
    of: ({ completed, failed }) => share(failed, completed + failed),
    least: 0.6,
    deviationMin: 0.05,
  },
  {
    name: "quits",
    of: ({ quit, started }) => share(quit, started),
    least: 0.3,
    deviationMin: 0.05,
  },
  {
    name: "time",
    of: ({ timed, timeMs, typicalSeconds }) =>
      typicalSeconds <= 0 || timed < ATTEMPTS_MIN
        ? undefined
        : timeMs / timed / 1000 / typicalSeconds,
    least: 1.5,
    deviationMin: 0.1,
  },
];

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle)
    ? (sorted[middle - 1]! + sorted[middle]!) / 2
    : sorted[Math.floor(middle)]!;
}

/** By the first measure that stands out from the other levels of the title. */
export function stuckOf(level: Attempts, others: readonly Attempts[]): Stuck {
  for (const { name, of, least, deviationMin } of MEASURES) {
    const value = of(level);
    if (value === undefined) continue;
    const theirs = others.map(of).filter((other) => other !== undefined);
    let limit = least;
    if (theirs.length > 0) {
      const middle = median(theirs);
      const deviation = median(theirs.map((other) => Math.abs(other - middle)));
      limit = Math.max(least, middle + 3 * Math.max(deviation, deviationMin));
    }
    if (value < limit) continue;
    const unit = name === "time" ? level.typicalSeconds : 1;
    return {
      stuck: true,
      stuck_by: name,
      stuck_measure: twoDecimals(value * unit),
      stuck_threshold: twoDecimals(limit * unit),
    };
  }
  return { stuck: false, stuck_by: "", stuck_measure: 0, stuck_threshold: 0 };
}

export function twoDecimals(value: number): number {
  return Math.round(value * 100) / 100;
}
