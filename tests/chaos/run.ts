/**
 * `npm run chaos`: the stack under steady load, and under everything that can happen to it. At the
 * end every accepted event must have been counted once. A seed gives the same faults in the same order.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { EVENT_TOPICS } from "@arenaflow/events";
import { Rng } from "@arenaflow/simulation";
import {
  INSTALL_GRAPHITE,
  missingGraphite,
} from "../../local/fluvio-bridge/src/stack/graphite/installed.ts";
import { postReportText } from "../../local/fluvio-bridge/src/generate/post-report.ts";
import type { AccountLine } from "./account-line.ts";
import { ArrivalTimes } from "./arrival-times.ts";
import { Faults } from "./faults.ts";
import { Players } from "./players.ts";
import { SlowLink } from "./slow-link.ts";
import { StackProcess } from "./stack-process.ts";
import { Topics } from "./topics.ts";
import { account, newestStats } from "./verify.ts";

const HELP = `Usage: npm run chaos -- [options]

  --minutes N    how long faults go on; default 10
  --kills N      processes killed within that time; default 100
  --rate N       times the default scenario's players; default 1
  --seed N       decides the faults and the game; default: from the clock, and printed
  --keep         keep the data folder, also when all is well`;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    kills: { type: "string", default: "100" },
    rate: { type: "string", default: "1" },
    seed: { type: "string" },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

/** A fault kills this many processes on average, by the weights in `faults.ts`. */
const KILLS_PER_FAULT = 1.17;
/** After the last fault the game goes on for so long, with nothing in its way. */
const CALM_MS = 5_000;
/** Then: time for everything to come back and settle. */
const SETTLE_MS_MAX = 180_000;
const SETTLE_CHECK_MS = 2000;
/** Windows of up to a minute, and their way to the live history. */
const ACCOUNT_MS_MAX = 100_000;

const seed = Number(values.seed ?? Math.floor(Date.now() / 1000));
const durationMs = Number(values.minutes) * 60_000;
const killsWanted = Number(values.kills);
const beganMs = performance.now();

function say(text: string): void {
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(1).padStart(6);
  console.log(`${seconds} s  ${text}`);
}

const dataDir = mkdtempSync(join(tmpdir(), "arenaflow-chaos-"));
const clockFile = join(dataDir, "clock");
writeFileSync(clockFile, "0");
const clock = pathToFileURL(join(import.meta.dirname, "jumping-clock.ts")).href;
const missing = await missingGraphite();
const stack = new StackProcess({
  dataDir,
  ports: { ingest: 0, fluvio: 0 },
  graphite: missing === undefined,
  env: { NODE_OPTIONS: `--import ${clock}`, CHAOS_CLOCK_FILE: clockFile },
});
const link = await SlowLink.open(() => Number(new URL(stack.urls.ingest).port));
const faults = new Faults({ stack, link, rng: new Rng(seed, "faults"), dataDir, clockFile, say });
const players = new Players({ seed, rate: Number(values.rate) });

say(`seed ${seed}, ${values.minutes} min, at least ${killsWanted} kills, data in ${dataDir}`);
if (missing !== undefined) say(`without Graphite: ${missing.what} ${INSTALL_GRAPHITE}`);
if (!faults.mountDisk()) say("no small disk may be mounted here: the full disk is left out");

let holds = false;
let times: ArrivalTimes | undefined;
try {
  await stack.start();
  times = new ArrivalTimes(() => stack.urls.fluvio);
  say(`the stack is ready: ${stack.urls.ingest}, Fluvio at ${stack.urls.fluvio}`);
  holds = await runAndVerify(times);
} catch (error) {
  say(`the run broke off: ${(error as Error).stack ?? String(error)}`);
} finally {
  times?.stop();
  link.close();
  await stack.stop();
  faults.unmountDisk();
  if (holds && !values.keep) rmSync(dataDir, { recursive: true, force: true });
  else say(`data and logs are kept in ${dataDir}`);
}
console.log(
  holds
    ? `\nZero lost, zero counted twice. Seed ${seed}.`
    : `\nFAILED. The same run again: npm run chaos -- --seed ${seed} --minutes ${values.minutes} --kills ${values.kills}`,
);
process.exit(holds ? 0 : 1);

async function runAndVerify(arrivalTimes: ArrivalTimes): Promise<boolean> {
  const stop = new AbortController();
  const playing = players.play(`http://127.0.0.1:${link.port}`, stop.signal);
  playing.catch(() => stop.abort());
  await inject(stop.signal);
  say(
    `faults are over: ${faults.kills} kills, ${stack.restarts} restarts. Waiting until all is quiet.`,
  );
  // What the last fault held back comes through while the game goes on, as it would for a studio.
  await sleep(CALM_MS, undefined, { signal: stop.signal }).catch(() => undefined);
  stop.abort();
  const report = await playing;
  await settle();

  console.log(`\n${postReportText(report)}\n`);
  for (const [kind, count] of faults.counts) console.log(`${String(count).padStart(4)} × ${kind}`);
  const lines = await settledAccount(arrivalTimes);
  console.log("");
  for (const { what, expected, found, holds: ok } of lines) {
    console.log(`${ok ? "✓" : "✗"} ${what}: ${found}${ok ? "" : `, should be ${expected}`}`);
  }
  const enough = faults.kills >= killsWanted;
  if (!enough) console.log(`✗ only ${faults.kills} of ${killsWanted} kills`);
  return enough && report.conservation.holds && lines.every(({ holds: ok }) => ok);
}

/** Faults at random moments, dense enough for the kills that are wanted. */
async function inject(signal: AbortSignal): Promise<void> {
  const rng = new Rng(seed, "moments");
  const endMs = performance.now() + durationMs;
  while (!signal.aborted && (performance.now() < endMs || faults.kills < killsWanted)) {
    const leftMs = Math.max(endMs - performance.now(), 1000);
    const leftKills = Math.max(killsWanted - faults.kills, 1);
    const meanMs = Math.min((leftMs / leftKills) * KILLS_PER_FAULT * 0.7, 15_000);
    await sleep(Math.min(rng.exponential(meanMs), 20_000), undefined, { signal }).catch(
      () => undefined,
    );
    if (performance.now() > endMs + durationMs) break;
    await faults.next();
  }
}

/** The account, taken again for a while as long as it does not come out: the last windows still close. */
async function settledAccount(arrivalTimes: ArrivalTimes): Promise<readonly AccountLine[]> {
  const deadline = performance.now() + ACCOUNT_MS_MAX;
  for (;;) {
    const topics = await Topics.open(stack.urls.fluvio);
    const lines = await account({
      topics,
      times: arrivalTimes,
      sent: players.sent,
      ingestUrl: stack.urls.ingest,
      graphiteUrl: stack.urls.graphite,
    });
    await topics.close();
    if (lines.every(({ holds: ok }) => ok) || performance.now() > deadline) return lines;
    await sleep(SETTLE_CHECK_MS);
  }
}

/** Until the Journal is empty and the dataflows have counted what was sent, or for long enough. */
async function settle(): Promise<void> {
  const deadline = performance.now() + SETTLE_MS_MAX;
  const { ids } = players.sent;
  while (performance.now() < deadline) {
    await sleep(SETTLE_CHECK_MS);
    try {
      const topics = await Topics.open(stack.urls.fluvio);
      const stats = await newestStats(topics);
      await topics.close();
      const counted = EVENT_TOPICS.every(
        (topic) => (stats.get(topic)?.processed ?? 0) >= ids[topic].size,
      );
      const answer = await fetch(`${stack.urls.ingest}/v1/status`, {
        headers: { authorization: "Bearer dev" },
      });
      const { backlog } = (await answer.json()) as { backlog: number };
      if (counted && backlog === 0) break;
    } catch (error) {
      say(`not quiet yet: ${(error as Error).message}`);
    }
  }
  // The last windows are on their way to the live history.
  await sleep(SETTLE_CHECK_MS * 3);
}
