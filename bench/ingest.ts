/**
 * How much a request costs the edge Worker, against a bare Worker that parses the same JSON and
 * appends it as one blob to a Durable Object. Run: `node bench/ingest.ts [--only=batch500,…]`
 *
 * Both run in a workerd of their own, on direct sockets, with SQLite on this machine's disk. What is
 * compared is the CPU time of the two processes per request, in rounds that alternate: another load on
 * the machine slows answers, but adds no CPU time to them. Requests per second are shown beside it.
 * Every event has an id of its own, which the Worker has to compare with all ids of the last day.
 *
 * Validation is timed in this process: `checkEvent` against `JSON.parse` of the same body.
 * Where /proc is missing (macOS, Windows), requests per second stand in for CPU time.
 */
import { parseArgs } from "node:util";

import { bundleGzipKb } from "./ingest/bundle.ts";
import { coldStart } from "./ingest/cold-start.ts";
import { drainRatio } from "./ingest/feed.ts";
import { median, round3 } from "./ingest/numbers.ts";
import { startPair, type Served } from "./ingest/served.ts";
import { postLoad } from "./ingest/post-load.ts";
import { validateRatio } from "./ingest/validate.ts";

const ROUNDS = 7;
const WARM_UP_ROUNDS = 1;

interface Case {
  readonly name: string;
  readonly events: number;
  readonly connections: number;
  /** Requests of one round and side: enough for CPU time to be counted in hundredths of a second. */
  readonly requests: number;
}

const CASES: readonly Case[] = [
  { name: "batch500_vs_bare", events: 500, connections: 8, requests: 120 },
  { name: "batch50_vs_bare", events: 50, connections: 16, requests: 400 },
  { name: "batch1_vs_bare", events: 1, connections: 64, requests: 1_000 },
];

const { values } = parseArgs({ options: { only: { type: "string" }, json: { type: "boolean" } } });
const wanted = (name: string) =>
  values.only?.split(",").some((part) => name.startsWith(part)) ?? true;

const metrics: Record<string, number> = {};
const pair = await startPair();
try {
  for (const one of CASES.filter(({ name }) => wanted(name)))
    metrics[one.name] = await compare(one);
} finally {
  await pair.close();
}
if (wanted("feed")) Object.assign(metrics, await drainRatio());
if (wanted("validate")) metrics["validate_vs_json_parse"] = validateRatio();
if (wanted("cold")) Object.assign(metrics, await coldStart());
if (wanted("bundle")) metrics["bundle_gzip_kb"] = await bundleGzipKb();
console.log(JSON.stringify({ ingest: metrics }));

/** The median over rounds of bare cost / our cost. */
async function compare({ name, events, connections, requests }: Case): Promise<number> {
  const ratios: number[] = [];
  const shown: string[][] = [];
  const cost = async (side: Served) => {
    const before = side.cpuSeconds();
    const started = performance.now();
    await postLoad({ port: side.port, path: side.path, events, connections, requests });
    const seconds = (performance.now() - started) / 1000;
    const cpu = side.cpuSeconds() - before;
    return { perRequest: (cpu > 0 ? cpu : seconds) / requests, rate: requests / seconds };
  };
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    const bare = await cost(pair.bare);
    const ours = await cost(pair.ours);
    if (round < WARM_UP_ROUNDS) continue;
    ratios.push(bare.perRequest / ours.perRequest);
    shown.push([
      `${Math.round(bare.perRequest * 1e6)}/${Math.round(ours.perRequest * 1e6)} µs`,
      `${Math.round(bare.rate)}/${Math.round(ours.rate)} per s`,
    ]);
  }
  console.error(`${name}: ${shown.map((parts) => parts.join(", ")).join("; ")} (bare/ours)`);
  return round3(median(ratios));
}
