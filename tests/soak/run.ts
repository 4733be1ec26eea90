/**
 * `npm run soak`: the whole stack for an hour under steady load, with the dashboard open, and with a
 * retention that the hour reaches many times over. Its memory and its disk must have stopped growing,
 * and every accepted event must have been counted once.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { EVENT_TOPICS } from "@arenaflow/events";
import type { Page } from "playwright-core";
import { usedHeapBytes } from "../../bench/dashboard/page.ts";
import { backlog, drained, residentMib } from "../../bench/stack/stack.ts";
import { postReportText } from "../../local/fluvio-bridge/src/generate/post-report.ts";
import { type Stack, startStack } from "../../local/fluvio-bridge/src/stack/index.ts";
import { Players } from "../chaos/players.ts";
import { Topics } from "../chaos/topics.ts";
import { newestStats } from "../chaos/verify.ts";
import { chromiumMissing, launchChromium } from "../e2e/chromium.ts";
import { folderMib, type Footprint, trends } from "./footprint.ts";

const HELP = `Usage: npm run soak -- [options]

  --minutes N    default 60
  --rate N       times the default scenario's players; default 1
  --retention N  minutes that topics keep their records; default 5
  --seed N       of the game; default 1`;

const LOOK_EVERY_MS = 20_000;
const DRAIN_MS_MAX = 60_000;
/** The last windows, and the account of their dataflows. */
const SETTLE_MS = 15_000;
const BYTES_PER_MIB = 1024 * 1024;
const MS_PER_MINUTE = 60_000;
/** Heaps breathe by about so much between two collections. */
const GROWTH_SHARE_MAX = 0.1;
const GROWTH_MIB_MAX = 8;
/** New players, and ids remembered for a day: bounded, but not within an hour. */
const REMEMBERED_MIB_PER_MINUTE = 1.5;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    rate: { type: "string", default: "1" },
    retention: { type: "string", default: "5" },
    seed: { type: "string", default: "1" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const durationMs = Number(values.minutes) * MS_PER_MINUTE;
const dataDir = mkdtempSync(join(tmpdir(), "arenaflow-soak-"));
const stack = await startStack({
  dataDir,
  generator: false,
  retentionMs: Number(values.retention) * MS_PER_MINUTE,
  onEvent: (event) => {
    if (event.type === "restarting") console.error(`${event.part} restarts: ${event.reason}`);
  },
});
const missing = chromiumMissing();
if (missing !== undefined) console.error(`without a page: ${missing}`);
const browser = missing === undefined ? await launchChromium() : undefined;
let holds = false;
try {
  const page = await browser?.newPage({ viewport: { width: 1440, height: 900 } });
  await page?.goto(stack.urls.ingest);
  holds = await soak(stack, page);
} finally {
  await browser?.close();
  await stack.close();
  rmSync(dataDir, { recursive: true, force: true });
}
process.exitCode = holds ? 0 : 1;

async function soak(running: Stack, page: Page | undefined): Promise<boolean> {
  const players = new Players({ seed: Number(values.seed), rate: Number(values.rate) });
  const stop = new AbortController();
  const playing = players.play(running.urls.ingest, stop.signal);
  playing.catch(() => stop.abort());
  const looks: Footprint[] = [];
  const beganMs = performance.now();
  while (performance.now() - beganMs < durationMs && !stop.signal.aborted) {
    await sleep(LOOK_EVERY_MS);
    const minutes = (performance.now() - beganMs) / MS_PER_MINUTE;
    const look = { minutes, mib: await footprint(running, page) };
    looks.push(look);
    const words = Object.entries(look.mib).map(([name, mib]) => `${name} ${mib.toFixed(1)}`);
    const waiting = await backlog(running);
    console.log(`${minutes.toFixed(1).padStart(5)} min  ${words.join("  ")}  backlog ${waiting}`);
  }
  stop.abort();
  const report = await playing;
  console.log(`\n${postReportText(report)}\n`);
  const isFlat = judge(looks);
  return (await isCounted(running, players)) && isFlat && report.conservation.holds;
}

/** Memory of the parts and of the page, and what the folders hold. */
async function footprint(
  running: Stack,
  page: Page | undefined,
): Promise<Readonly<Record<string, number>>> {
  const mib: Record<string, number> = {};
  for (const [part, size] of Object.entries(residentMib(running))) mib[`${part}-memory`] = size;
  if (page !== undefined) mib["page-heap"] = (await usedHeapBytes(page)) / BYTES_PER_MIB;
  for (const folder of ["fluvio", "dataflows", "workers", "logs"]) {
    mib[`${folder}-disk`] = folderMib(join(dataDir, folder));
  }
  return mib;
}

function judge(looks: readonly Footprint[]): boolean {
  const found = trends(looks, (name) => ({
    share: GROWTH_SHARE_MAX,
    mib: /^(?:workers-disk|dataflows)/.test(name)
      ? REMEMBERED_MIB_PER_MINUTE * (durationMs / MS_PER_MINUTE)
      : GROWTH_MIB_MAX,
  }));
  for (const { name, earlier, later, holds: isFlat } of found) {
    const course = `${earlier.toFixed(1)} MiB, then ${later.toFixed(1)} MiB`;
    console.log(`${isFlat ? "✓" : "✗"} ${name}: ${course}`);
  }
  return found.length > 0 && found.every(({ holds: isFlat }) => isFlat);
}

/** Nothing waits, and the dataflows have counted what was sent. */
async function isCounted(running: Stack, players: Players): Promise<boolean> {
  let isWhole = await drained(running, DRAIN_MS_MAX);
  if (!isWhole) console.log("✗ events still wait in the Journal");
  await sleep(SETTLE_MS);
  const topics = await Topics.open(running.urls.fluvio);
  const stats = await newestStats(topics);
  await topics.close();
  for (const topic of EVENT_TOPICS) {
    const sent = players.sent.ids[topic].size;
    const counted = stats.get(topic)?.processed ?? 0;
    if (sent !== counted) isWhole = false;
    console.log(`${sent === counted ? "✓" : "✗"} ${topic}: ${sent} sent, ${counted} counted`);
  }
  return isWhole;
}
