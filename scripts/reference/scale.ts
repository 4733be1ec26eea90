/**
 * docs/scale.md: what 10,000, 100,000 and 1,000,000 events per second take and cost, from what was
 * measured per event (`bench/figures.json`), documented limits and list prices.
 */
import { readFigures } from "../../bench/figures.ts";
import { code, madeFrom, page, table } from "./markdown.ts";

/** Cloudflare's list prices in US dollars, as its pricing pages had them in November 2026. */
const PRICE = {
  millionRequests: 0.3,
  millionCpuMs: 0.02,
  millionObjectRequests: 0.15,
  millionGbSeconds: 12.5,
  millionRowsWritten: 1,
  objectGb: 0.125,
} as const;

/** Requests per second that Cloudflare documents as an object's soft limit. */
const OBJECT_REQUESTS_PER_S = 1000;
/** Share of a core or of a limit that is planned with; the rest is for peaks and restarts. */
const PLANNED_SHARE = 0.5;
/** Rows that a commit of the Journal writes: events, ids seen, position, counters, and deleting them later. */
const ROWS_PER_COMMIT = 6;
const GROUP_COMMIT_MS = 20;
const SECONDS_PER_MONTH = 30 * 86_400;
const MILLION = 1e6;
/** Events per request of game clients that gather for some seconds, and of servers. */
const EVENTS_PER_REQUEST = 25;
/** Bytes of an event in a topic. */
const EVENT_BYTES = 400;
/** Bytes per second and partition with which Fluvio's replication and a reader keep up with ease. */
const PARTITION_BYTES_PER_S = 10 * MILLION;
const RATES = [10_000, 100_000, 1_000_000];

interface Plan {
  readonly requests: number;
  readonly shards: number;
  readonly shardsBy: string;
  readonly partitions: number;
  readonly engines: number;
  readonly connectors: number;
  readonly bill: Readonly<Record<string, number>>;
}

interface PerEvent {
  readonly workers: number;
  readonly dataflows: number;
  readonly connectors: number;
}

function plan(rate: number, cpuUs: PerEvent): Plan {
  const requests = rate / EVENTS_PER_REQUEST;
  const byRequests = requests / (OBJECT_REQUESTS_PER_S * PLANNED_SHARE);
  // An object is single-threaded; half of what the Workers take per event is the object's.
  const byCpu = (rate * cpuUs.workers) / 2 / MILLION / PLANNED_SHARE;
  const shards = Math.max(1, Math.ceil(Math.max(byRequests, byCpu)));
  const cores = (us: number): number =>
    Math.max(1, Math.ceil((rate * us) / MILLION / PLANNED_SHARE));
  const engines = cores(cpuUs.dataflows);
  const commits = Math.min(requests, (shards * 1000) / GROUP_COMMIT_MS);
  const months = SECONDS_PER_MONTH / MILLION;
  return {
    requests,
    shards,
    shardsBy: byRequests >= byCpu ? "requests per object" : "CPU of one object",
    partitions: Math.max(engines, Math.ceil((rate * EVENT_BYTES) / PARTITION_BYTES_PER_S)),
    engines,
    connectors: cores(cpuUs.connectors),
    bill: {
      requests: requests * months * PRICE.millionRequests,
      "CPU time": rate * (cpuUs.workers / 1000) * months * PRICE.millionCpuMs,
      "object requests": requests * months * PRICE.millionObjectRequests,
      "rows written": commits * ROWS_PER_COMMIT * months * PRICE.millionRowsWritten,
      "object duration": (shards + 1) * PRICE.objectGb * months * PRICE.millionGbSeconds,
    },
  };
}

export function scalePage(): string {
  const measured = readFigures()["stack"]?.metrics ?? {};
  const perEvent: PerEvent = {
    workers: measured["cpu_us_per_event_workers"] ?? NaN,
    dataflows: measured["cpu_us_per_event_dataflows"] ?? NaN,
    connectors: measured["cpu_us_per_event_connectors"] ?? NaN,
  };
  const plans = RATES.map((rate) => plan(rate, perEvent));
  const row = (name: string, of: (each: Plan) => number | string): string[] => [
    name,
    ...plans.map((each) => {
      const value = of(each);
      return typeof value === "number" ? Math.round(value).toLocaleString("en") : value;
    }),
  ];
  const rates = RATES.map((rate) => `${rate.toLocaleString("en")} events/s`);
  const bills = Object.keys(plans[0]?.bill ?? {});
  return page(
    madeFrom("`bench/figures.json` and the prices in `scripts/reference/scale.ts`"),
    "# Scale",
    `Measured per event on one machine (\`npm run bench -- stack\`): Workers ${perEvent.workers} µs, dataflows ` +
      `${perEvent.dataflows} µs, connectors ${perEvent.connectors} µs of CPU time. Planned with ${PLANNED_SHARE * 100} % of every core and ` +
      `limit, ${EVENTS_PER_REQUEST} events per request, ${code(`GROUP_COMMIT_MS = "${GROUP_COMMIT_MS}"`)}, 30 days a month. ` +
      "A calculation, not a measurement: try your own mix before you rely on it.",
    table(
      ["", ...rates],
      [
        row("requests per second", ({ requests }) => requests),
        row("Journal shards (`SHARDS`, `TOPIC_SHARDS`)", ({ shards }) => shards),
        row("… because of", ({ shardsBy }) => shardsBy),
        row("partitions of `player-events`", ({ partitions }) => partitions),
        row("engine cores", ({ engines }) => engines),
        row("connector cores", ({ connectors }) => connectors),
        ...bills.map((name) => row(`${name}, $ per month`, ({ bill }) => bill[name] ?? 0)),
        row("Cloudflare, $ per month", ({ bill }) =>
          Object.values(bill).reduce((a, b) => a + b, 0),
        ),
      ],
    ),
    "## The first bottleneck",
    "On one machine it is CPU: clients, Workers, Fluvio, dataflows and connectors share its cores. On Cloudflare the first limit is one " +
      "Journal object: single-threaded and about a thousand requests per second. `TOPIC_SHARDS` spreads a title's events by player or " +
      "server; within a shard deduplication stays exact, and an `event_id` belongs to one player and so to one shard.",
    "Below the Workers everything divides by partition: a topic with more partitions is shared by several engine processes " +
      "(`arenaflow sdf run --groups`, [packages/sdf/RUNNING.md](../packages/sdf/RUNNING.md)); when one dies another takes its groups over and goes on from " +
      "their checkpoint. What does not divide is a total over all players: each process tells its own share.",
    "## What does not grow with events",
    "Insights depend on levels, items and servers, not on players: the LiveHub writes a few dozen rows per window, whatever the rate. " +
      "The Journal holds what no dataflow has acknowledged, a second or two of events. The dashboard reads insights only.",
    "Prices: [Durable Objects](https://developers.cloudflare.com/durable-objects/platform/pricing), " +
      "[Workers](https://developers.cloudflare.com/workers/platform/pricing); limits: " +
      "[Durable Objects](https://developers.cloudflare.com/durable-objects/platform/limits).",
  );
}
