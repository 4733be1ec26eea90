/**
 * The whole stack on this machine, its clients included: the rate that it holds without a growing
 * backlog, how long after its window an insight is on the WebSocket, and its memory.
 * Run: `node bench/stack.ts [--seconds=60] [--only=posted,full,latency,memory,cpu] [--json]`
 *
 * A rate is held when all of it was accepted and, at the end, no more waits than a dataflow needs to
 * acknowledge. Clients, Workers, Fluvio, dataflows and connectors share the machine's cores.
 */
import { parseArgs } from "node:util";
import { launchChromium } from "../tests/e2e/chromium.ts";
import {
  backlog,
  cpuSeconds,
  drained,
  Lateness,
  load,
  openStack,
  residentMib,
} from "./stack/stack.ts";

const RATES = [2000, 5000, 10_000, 15_000, 20_000, 25_000, 30_000, 40_000, 50_000, 60_000, 80_000];
const PROBE_SECONDS = 10;
/** Acknowledgements come in windows of half a second, a second of grace after their end. */
const BACKLOG_SECONDS_MAX = 4;
const ACCEPTED_SHARE_MIN = 0.97;
const STEP_DOWN = 0.85;
const HOLD_TRIES_MAX = 4;
const DRAIN_MS_MAX = 60_000;
const LATENCY_RATE = 5000;
const MEMORY_RATE = 10_000;
const FEW_PLAYERS = 1000;
const MANY_PLAYERS = 1_000_000;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    only: { type: "string" },
    json: { type: "boolean" },
  },
});
const seconds = Number(values.seconds);
const wanted = (name: string): boolean => values.only?.split(",").includes(name) ?? true;
const metrics: Record<string, number> = {};

if (wanted("posted")) metrics["posted_events_per_s"] = await highestRate("posted", false);
if (wanted("full"))
  metrics["full_events_per_s"] = await highestRate("with the dashboard open", true);
if (wanted("latency")) Object.assign(metrics, await latency());
if (wanted("cpu")) Object.assign(metrics, await cpu());
if (wanted("memory")) Object.assign(metrics, await memory());
console.log(JSON.stringify({ stack: metrics }));

/** Climbs until a rate is not held, then holds the last good one for the whole time. */
async function highestRate(name: string, watched: boolean): Promise<number> {
  const { stack, close } = await openStack();
  const browser = watched ? await launchChromium() : undefined;
  try {
    const page = await browser?.newPage();
    await page?.goto(stack.urls.ingest);
    const held = async (rate: number, time: number): Promise<boolean> => {
      const report = await load(stack, { rate, seconds: time });
      const waiting = await backlog(stack);
      const share = report.accepted / (rate * time);
      const ok = share >= ACCEPTED_SHARE_MIN && waiting <= rate * BACKLOG_SECONDS_MAX;
      console.error(
        `${name}: ${rate}/s for ${time} s: ${(share * 100).toFixed(1)} % accepted, backlog ${waiting}, ` +
          `p99 ${report.p99Ms.toFixed(0)} ms, pushed back ${report.pushedBack}${ok ? "" : " – not held"}`,
      );
      await drained(stack, DRAIN_MS_MAX);
      return ok;
    };
    let best = 0;
    for (const rate of RATES) {
      if (!(await held(rate, PROBE_SECONDS))) break;
      best = rate;
    }
    for (let attempt = 0; attempt < HOLD_TRIES_MAX; attempt += 1) {
      if (await held(best, seconds)) return best;
      best = Math.round(best * STEP_DOWN);
    }
    return 0;
  } finally {
    await browser?.close();
    await close();
  }
}

async function latency(): Promise<Record<string, number>> {
  const { stack, close } = await openStack();
  try {
    await load(stack, { rate: LATENCY_RATE, seconds: PROBE_SECONDS });
    const lateness = await Lateness.open(stack);
    await load(stack, { rate: LATENCY_RATE, seconds });
    lateness.close();
    console.error(`latency: ${lateness.count} insights at ${LATENCY_RATE}/s`);
    return { latency_p50_ms: lateness.percentile(0.5), latency_p99_ms: lateness.percentile(0.99) };
  } finally {
    await close();
  }
}

/** CPU time that each part takes per event, in microseconds. */
async function cpu(): Promise<Record<string, number>> {
  const { stack, close } = await openStack();
  try {
    await load(stack, { rate: LATENCY_RATE, seconds: PROBE_SECONDS });
    await drained(stack, DRAIN_MS_MAX);
    const before = cpuSeconds(stack);
    const { accepted } = await load(stack, { rate: MEMORY_RATE, seconds });
    await drained(stack, DRAIN_MS_MAX);
    const after = cpuSeconds(stack);
    return Object.fromEntries(
      Object.entries(after).map(([part, used]) => {
        const perEvent = ((used - (before[part] ?? 0)) * 1e6) / accepted;
        return [`cpu_us_per_event_${part}`, Math.round(perEvent * 10) / 10];
      }),
    );
  } finally {
    await close();
  }
}

/** Memory with a thousand players and with a million. */
async function memory(): Promise<Record<string, number>> {
  const { stack, close } = await openStack();
  try {
    await load(stack, { rate: MEMORY_RATE, seconds, players: FEW_PLAYERS });
    await drained(stack, DRAIN_MS_MAX);
    const few = residentMib(stack);
    const all = Math.ceil(MANY_PLAYERS / MEMORY_RATE) + 1;
    await load(stack, { rate: MEMORY_RATE, seconds: all, players: MANY_PLAYERS });
    await drained(stack, DRAIN_MS_MAX);
    const many = residentMib(stack);
    console.error(`memory, MiB: ${JSON.stringify(few)} → ${JSON.stringify(many)}`);
    return { rss_mb: sum(few), rss_1m_players_mb: sum(many) };
  } finally {
    await close();
  }
}

function sum(sizes: Readonly<Record<string, number>>): number {
  return Object.values(sizes).reduce((total, size) => total + size, 0);
}
