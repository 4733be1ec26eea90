/**
 * How much a request costs the edge Worker, against a bare Worker that parses the same JSON and
 * appends it as one blob to a Durable Object. Run: `node bench/ingest.ts [--only=batch500,…]`
 *
 * Both run in a workerd of their own, on direct sockets, with SQLite on this machine's disk, each with
 * one object that grows by the same bodies; every case begins with fresh ones. What is compared is the
 * CPU time of the two processes per request, in many short rounds that alternate (`ingest/rounds.ts`):
 * another load on the machine slows answers, but adds little CPU time to them. Reported are the median
 * of the rounds' ratios and its quartiles; no round is left out but those of the warm-up. Requests per
 * second are shown beside it. Every event has an id of its own, which the Worker has to compare with
 * all ids of the last day.
 *
 * Validation is timed in this process: `checkEvent` against `JSON.parse` of the same body.
 * Where /proc is missing (macOS, Windows), requests per second stand in for CPU time.
 */
import { parseArgs } from "node:util";

import { bundleGzipKb } from "./ingest/bundle.ts";
import { coldStart } from "./ingest/cold-start.ts";
import { drainRatio } from "./ingest/feed.ts";
import { sum } from "./ingest/numbers.ts";
import { alternate, ratioMetrics, type Leg, type Rounds } from "./ingest/rounds.ts";
import { startPair } from "./ingest/served.ts";
import { postLoad } from "./ingest/post-load.ts";
import { validateRatio } from "./ingest/validate.ts";

/** Twelve legs of warm-up on each side: by then V8 has compiled what is hot. */
const ROUNDS: Rounds = { warmUp: 6, rounds: 30 };
const US_PER_S = 1e6;

interface Case {
  readonly name: string;
  readonly events: number;
  readonly connections: number;
  /** Requests of one leg. */
  readonly requests: number;
}

const CASES: readonly Case[] = [
  { name: "batch500_vs_bare", events: 500, connections: 8, requests: 40 },
  { name: "batch50_vs_bare", events: 50, connections: 16, requests: 160 },
  { name: "batch1_vs_bare", events: 1, connections: 64, requests: 320 },
];

const { values } = parseArgs({ options: { only: { type: "string" }, json: { type: "boolean" } } });
const wanted = (name: string) =>
  values.only?.split(",").some((part) => name.startsWith(part)) ?? true;

const metrics: Record<string, number> = {};
for (const one of CASES.filter(({ name }) => wanted(name)))
  Object.assign(metrics, await compare(one));
if (wanted("feed")) Object.assign(metrics, await drainRatio());
if (wanted("validate")) metrics["validate_vs_json_parse"] = validateRatio();
if (wanted("cold")) Object.assign(metrics, await coldStart());
if (wanted("bundle")) metrics["bundle_gzip_kb"] = await bundleGzipKb();
console.log(JSON.stringify({ ingest: metrics }));

/** Bare cost / our cost of a request. */
async function compare({ name, requests, ...load }: Case): Promise<Record<string, number>> {
  const pair = await startPair();
  try {
    const { ratios, bare, ours } = await alternate(pair, ROUNDS, async ({ port, path }) =>
      postLoad({ port, path, requests, ...load }),
    );
    const costs = `bare ${shown(bare, requests)}; ours ${shown(ours, requests)}`;
    const all = ratios.map((ratio) => ratio.toFixed(2)).join(" ");
    console.error(`${name}: ${costs}; by round: ${all}`);
    return ratioMetrics(name, ratios);
  } finally {
    await pair.close();
  }
}

/** Means over all legs: the ratio of the sums stands beside the median of the ratios. */
function shown(legs: readonly Leg[], requests: number): string {
  const cost = sum(legs.map((leg) => leg.cost)) / legs.length / requests;
  const seconds = sum(legs.map((leg) => leg.seconds)) / legs.length / requests;
  return `${Math.round(cost * US_PER_S)} µs, ${Math.round(1 / seconds)} per s`;
}
