/** What the dashboards' queries are to show, computed from the model's series alone. */
import type { SeriesByName } from "../reference/graphite.ts";
import { type GraphiteClient, pointsOf } from "./graphite-client.ts";

type Combine = (values: readonly number[]) => number;

const sum: Combine = (values) => values.reduce((a, b) => a + b, 0);
const mean: Combine = (values) => sum(values) / values.length;
const greatest: Combine = (values) => Math.max(...values);
const silent: Combine = (values) => sum(values.map((value) => 1 - value));

/** The functions around a path, and how its series become one; those with other functions are not computed. */
const COMBINED: readonly (readonly [functions: RegExp, combine: Combine])[] = [
  [/^alias\(PATH, /, sum],
  [/^alias\(sumSeries\(PATH\), /, sum],
  [/^alias\(averageSeries\(PATH\), /, mean],
  [/^alias\(maxSeries\(PATH\), /, greatest],
  [/^alias\(sumSeries\(offset\(scale\(PATH, -1\), 1\)\), /, silent],
];
/** Series by the parts of their names; a ranking of fewer series than it holds takes all. */
const BY_PARTS = [
  /^aliasByNode\(PATH, ([\d, ]+)\)$/,
  /^aliasByNode\(highestAverage\(PATH, 10\), ([\d, ]+)\)$/,
  /^groupByNode\(PATH, (\d+), 'sum'\)$/,
];
const RANKED_MAX = 10;

/** The series that a target shows; nothing when the model does not know them or how they are computed. */
export function shownBy(target: string, model: SeriesByName): SeriesByName | undefined {
  const path = /gaming(?:\.(?:\{[^}]*\}|[\w*-]+))+/.exec(target)?.[0] ?? "";
  const functions = target.replace(path, "PATH");
  const chosen = matching(path, model);
  if (chosen.length === 0) return undefined;
  const alias = /'(\w[^']*)'\)$/.exec(target)?.[1] ?? "";
  for (const [pattern, combine] of COMBINED) {
    if (pattern.test(functions)) return together(chosen, () => alias, combine);
  }
  for (const pattern of BY_PARTS) {
    const nodes = pattern.exec(functions)?.[1]?.split(",").map(Number);
    if (nodes === undefined) continue;
    if (functions.includes("highest") && chosen.length > RANKED_MAX) return undefined;
    const nameOf = (name: string): string => nodes.map((node) => name.split(".")[node]).join(".");
    return together(chosen, nameOf, sum);
  }
  return undefined;
}

/** A topic's account as its last points tell it. */
export async function countsOfTopic(
  graphite: GraphiteClient,
  topic: string,
  fromS: number,
): Promise<Record<string, number | undefined>> {
  const names = "{records,processed,duplicates,refused,late}";
  const series = await graphite.render(`gaming.pipeline.${topic}.${names}`, fromS);
  return Object.fromEntries(
    series.map((each) => [each.target.split(".").at(-1), [...pointsOf(each).values()].at(-1)]),
  );
}

function matching(path: string, model: SeriesByName): [string, Map<number, number>][] {
  const pattern = new RegExp(
    `^${path
      .replaceAll(".", "\\.")
      .replaceAll("*", "[^.]+")
      .replaceAll(/\{([^}]*)\}/g, (_, names: string) => `(${names.replaceAll(",", "|")})`)}$`,
  );
  return [...model].filter(([name]) => pattern.test(name));
}

/** Series of one name become one, slot by slot, of the values that are there. */
function together(
  chosen: readonly [string, Map<number, number>][],
  nameOf: (name: string) => string,
  combine: Combine,
): SeriesByName {
  const grouped = Map.groupBy(chosen, ([name]) => nameOf(name));
  return new Map(
    [...grouped].map(([name, all]) => {
      const slots = new Set(all.flatMap(([, points]) => [...points.keys()]));
      const valuesAt = (slot: number): number[] =>
        all.flatMap(([, points]) => points.get(slot) ?? []);
      return [name, new Map([...slots].map((slot) => [slot, combine(valuesAt(slot))]))];
    }),
  );
}
