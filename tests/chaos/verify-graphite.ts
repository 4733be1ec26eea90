/** Every point that a dataflow wrote down for Graphite is in Graphite, whatever happened to carbon. */
import { GraphiteClient, pointsOf } from "../e2e/graphite-client.ts";
import { type AccountLine, Comparison } from "./account-line.ts";
import type { Topics } from "./topics.ts";

/** Series of one answer; a name of each goes into the request. */
const SERIES_PER_RENDER = 100;
/** Farther back Graphite answers with less than every ten seconds. */
const BACK_S_MAX = 9000;

export async function graphiteLine(topics: Topics, url: string): Promise<AccountLine> {
  const due = new Map<string, Map<number, number>>();
  const times = new Set<number>();
  await topics.read("graphite-lines", (text) => {
    // The connector writes a name before the record and a time after it: the first line and the last take them.
    for (const line of text.split("\n").slice(1, -1)) {
      const [name = "", value = "", at = ""] = line.split(" ");
      times.add(Number(at));
      due.set(name, (due.get(name) ?? new Map<number, number>()).set(Number(at), Number(value)));
    }
  });
  const sinceS = Math.max(...times) - BACK_S_MAX;
  const fromS = Math.min(...[...times].filter((atS) => atS >= sinceS));
  const comparison = new Comparison("graphite: points that were due and are there");
  const graphite = new GraphiteClient(url);
  const names = [...due.keys()].toSorted();
  for (let at = 0; at < names.length; at += SERIES_PER_RENDER) {
    const some = names.slice(at, at + SERIES_PER_RENDER);
    const series = await graphite.render(`group(${some.join(",")})`, fromS - 1);
    const found = new Map(series.map((each) => [each.target, pointsOf(each)]));
    for (const name of some) {
      for (const [atS, value] of due.get(name)!) {
        if (atS < fromS) continue;
        comparison.same(`${name} ${atS}`, { value }, { value: found.get(name)?.get(atS) });
      }
    }
  }
  return comparison.line;
}
