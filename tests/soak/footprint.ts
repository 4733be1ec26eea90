/** What the stack takes of the machine, and whether that has stopped growing. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const BYTES_PER_MIB = 1024 * 1024;

/** One look: what is measured by name, in MiB. */
export interface Footprint {
  readonly minutes: number;
  readonly mib: Readonly<Record<string, number>>;
}

export interface Trend {
  readonly name: string;
  /** Medians of two spans of equal length, in MiB. */
  readonly earlier: number;
  readonly later: number;
  readonly holds: boolean;
}

/** All files below a folder, in MiB. Files that vanish meanwhile count nothing. */
export function folderMib(dir: string): number {
  let bytes = 0;
  for (const name of readdirSync(dir, { recursive: true, encoding: "utf8" })) {
    try {
      const stats = statSync(join(dir, name));
      if (stats.isFile()) bytes += stats.size;
    } catch {
      // Deleted since it was listed.
    }
  }
  return bytes / BYTES_PER_MIB;
}

/**
 * Compares the second quarter of a run with its last, by medians: a peak at the moment of one look
 * is no growth, and the first quarter is when caches, code and kept history fill.
 *
 * @param limits what may be added between the two, by name: a share of the earlier, or MiB where a
 *   known bound has not been reached yet
 */
export function trends(
  looks: readonly Footprint[],
  limits: (name: string) => { readonly share: number; readonly mib: number },
): Trend[] {
  const quarter = Math.floor(looks.length / 4);
  if (quarter === 0) return [];
  const names = Object.keys(looks.at(-1)?.mib ?? {});
  return names.map((name) => {
    const values = looks.map(({ mib }) => mib[name] ?? 0);
    const earlier = median(values.slice(quarter, 2 * quarter));
    const later = median(values.slice(-quarter));
    const { share, mib } = limits(name);
    return { name, earlier, later, holds: later <= earlier * (1 + share) + mib };
  });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
