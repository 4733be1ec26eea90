/**
 * `npm run bench [-- name…] [--json] [--keep]`: runs the benchmarks, each in a process of its own, and
 * shows their metrics. Every ratio is taken within one run, against a baseline measured beside it.
 * `--keep` writes them to `figures.json`, from which docs/benchmarks.md is made.
 *
 * A benchmark is a file in this folder; with `--json` it prints
 * `{"<name>": {"<metric>": number, …}}` as its last line, and one without metrics has failed.
 */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { run } from "../scripts/run.ts";
import { keepFigures } from "./figures.ts";

type Metrics = Readonly<Record<string, number>>;

/** Files of this folder that are no benchmarks. */
const OTHERS = new Set([basename(import.meta.filename), "figures.ts"]);
const all = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts") && !OTHERS.has(file))
  .map((file) => basename(file, ".ts"))
  .toSorted();

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
  },
});
const unknown = positionals.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark "${unknown.join('", "')}". There are: ${all.join(", ")}.`);
  process.exit(2);
}

const results: Record<string, Metrics> = {};
for (const name of positionals.length > 0 ? positionals : all) {
  if (!values.json) console.log(`— ${name}`);
  const file = join(import.meta.dirname, `${name}.ts`);
  const outcome = await run({ name, command: ["node", file, "--json"] }, "collect");
  const metrics = outcome.ok ? metricsIn(outcome.output, name) : undefined;
  if (metrics === undefined) {
    console.error(`The benchmark ${name} failed:\n${outcome.output}`);
    process.exitCode = 1;
    continue;
  }
  results[name] = metrics;
  if (!values.json) console.table(metrics);
}
if (values.keep) keepFigures(results);
if (values.json) console.log(JSON.stringify(results));

/** @returns `undefined` unless there is at least one metric, and all are numbers */
function metricsIn(output: string, name: string): Metrics | undefined {
  // Behind the result there may be a warning of Node's.
  const line = output.split("\n").findLast((candidate) => candidate.startsWith(`{"${name}":`));
  try {
    const metrics = (JSON.parse(line ?? "") as Record<string, Metrics>)[name] ?? {};
    const numbers = Object.values(metrics);
    return numbers.length > 0 && numbers.every(Number.isFinite) ? metrics : undefined;
  } catch {
    return undefined;
  }
}
