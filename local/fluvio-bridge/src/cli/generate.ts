/** `arenaflow generate`: the simulated game, straight into topics or as clients that post. */
import { readFileSync } from "node:fs";
import {
  catalog,
  InvalidInput,
  readScenario,
  type Scenario,
  SCENARIO_NAMES,
  scenarioNamed,
  World,
} from "@arenaflow/simulation";
import { type ClientChoice, type DirectTotals, runDirect } from "../generate/direct.ts";
import { postReportText } from "../generate/post-report.ts";
import { runPost } from "../generate/post.ts";
import { countText, tableText } from "../generate/progress.ts";
import { TruthFile } from "../generate/truth-file.ts";
import {
  ENDPOINT_HELP,
  ENDPOINT_OPTION,
  fluvioEndpoint,
  readArgs,
  readCount,
  UsageError,
  type Command,
} from "./command.ts";

const SPEED_MAX = 100_000;
const RATE_RANGE = { min: 0.01, max: 10_000 };
const CONNECTIONS_MAX = 1024;
const DEFAULTS = { seed: 7, connections: 32, key: "dev" };
/** Game time of a run that is faster than the clock, unless another is asked for. */
const FAST_DURATION_MS = 3_600_000;
const SECOND_MS = 1000;
const UNIT_MS: Readonly<Record<string, number>> = {
  "": SECOND_MS,
  s: SECOND_MS,
  m: 60 * SECOND_MS,
  h: 3600 * SECOND_MS,
};

const HELP = `Usage: arenaflow generate --direct [options]        events straight into Fluvio topics
       arenaflow generate --post URL [options]      game clients that post to the ingest API

Plays the simulated game until Ctrl-C or for a duration. The same seed, start, rate and scenario
give the same events, those of the generator's streams too.

  --rate N              times the scenario's players and purchases; default 1
  --duration TIME       of the game's time: 90, 90s, 10m, 1h; default: until Ctrl-C
  --seed N              decides who the players are and what happens; default ${DEFAULTS.seed}
  --scenario NAME|FILE  ${SCENARIO_NAMES.join(", ")}, or a JSON file; default default
  --speed N             60 plays an hour in a minute, and ends at now; default 1
  --start TIME          when the game begins, ISO 8601; default: now, or so as to end at now
  --truth FILE          write which events were fraud and what broke, one JSON per line
  --json                totals as JSON

With --direct:
${ENDPOINT_HELP}
  --client auto|native|own
                        the native @fluvio/client where it is installed (auto), or only it, or
                        this project's own. To install it:
                        node packages/fluvio/scripts/install-native-client.ts

With --post: every player and server is a client that sends batches, repeats some, keeps some for
hours, has a wrong clock or sends broken events, and tries again after 429, 503 and lost answers.
  --key KEY             API key; default ${DEFAULTS.key}
  --connections N       requests under way at one time; default ${DEFAULTS.connections}`;

const OPTIONS = {
  ...ENDPOINT_OPTION,
  direct: { type: "boolean", default: false },
  post: { type: "string" },
  rate: { type: "string" },
  duration: { type: "string" },
  seed: { type: "string" },
  scenario: { type: "string" },
  speed: { type: "string" },
  start: { type: "string" },
  truth: { type: "string" },
  json: { type: "boolean", default: false },
  client: { type: "string" },
  key: { type: "string" },
  connections: { type: "string" },
} as const;

type Values = ReturnType<typeof readArgs<typeof OPTIONS>>["values"];

export const command: Command = { help: HELP, run: generate };

async function generate(args: string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  if (positionals[0] !== undefined) {
    throw new UsageError(`${positionals[0]} is not understood: generate takes only options`);
  }
  if (values.direct === (values.post !== undefined)) {
    throw new UsageError("either --direct or --post URL says where the events go");
  }
  const game = readGame(values);
  const truth = new TruthFile(game.world, values.truth);
  const stop = stopAsked();
  const shared = { ...game, signal: stop.signal, onStep: () => truth.collect() };
  const say = (text: string): void => console.error(text);
  say(describeGame(game.world));
  try {
    return values.post === undefined
      ? await direct(values, { ...shared, say })
      : await post(values, { ...shared, url: readUrl(values.post) });
  } finally {
    truth.write();
  }
}

async function direct(
  values: Values,
  shared: Omit<Parameters<typeof runDirect>[0], "client" | "endpoint">,
): Promise<number> {
  const client = readClient(values.client);
  const endpoint = fluvioEndpoint(values.endpoint);
  const totals = await runDirect({ ...shared, client, endpoint });
  console.log(values.json ? JSON.stringify({ direct: totals }) : directText(totals));
  return 0;
}

async function post(
  values: Values,
  shared: Omit<Parameters<typeof runPost>[0], "key" | "connections" | "isKnownBefore">,
): Promise<number> {
  const connections = readCount("connections", values.connections) ?? DEFAULTS.connections;
  if (connections < 1 || connections > CONNECTIONS_MAX) {
    throw new UsageError(`--connections should be from 1 to ${CONNECTIONS_MAX}`);
  }
  const report = await runPost({
    ...shared,
    key: values.key ?? DEFAULTS.key,
    connections,
    isKnownBefore: values.start !== undefined,
  });
  console.log(values.json ? JSON.stringify({ post: report }) : postReportText(report));
  return report.conservation.holds ? 0 : 1;
}

/** The world as the options describe it, and how it is played. */
function readGame(values: Values): {
  world: World;
  speed: number;
  durationMs: number | undefined;
} {
  const rate = readNumber("rate", values.rate, { ...RATE_RANGE, otherwise: 1 });
  const speed = readNumber("speed", values.speed, { min: 0.01, max: SPEED_MAX, otherwise: 1 });
  const asked = readDuration(values.duration);
  const durationMs = asked ?? (speed > 1 ? FAST_DURATION_MS : undefined);
  // Events of the future would close windows before their time: a fast game ends at now.
  const aheadMs = speed > 1 ? (durationMs ?? 0) * (1 - 1 / speed) : 0;
  const world = new World({
    seed: readSeed(values.seed),
    startMs: readStart(values.start) ?? Math.floor(Date.now() - aheadMs),
    scenario: openScenario(values.scenario ?? "default"),
    catalog,
  });
  if (rate !== 1) world.setRate(rate);
  return { world, speed, durationMs };
}

function readNumber(
  option: string,
  text: string | undefined,
  range: { min: number; max: number; otherwise: number },
): number {
  if (text === undefined) return range.otherwise;
  const value = text.trim() === "" ? NaN : Number(text);
  if (value >= range.min && value <= range.max) return value;
  throw new UsageError(`--${option} should be from ${range.min} to ${range.max}, got ${text}`);
}

function readSeed(text: string | undefined): number {
  const seed = text === undefined ? DEFAULTS.seed : Number(text);
  if (text !== "" && Number.isSafeInteger(seed)) return seed;
  throw new UsageError(`--seed should be a whole number, got ${text ?? ""}`);
}

function readDuration(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text);
  const ms = Math.round(Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ""] ?? NaN));
  if (ms > 0) return ms;
  throw new UsageError(`--duration should be a time such as 90s, 10m or 1h, got ${text}`);
}

function readStart(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^\d{13}$/.test(text) ? Number(text) : Date.parse(text);
  if (!Number.isNaN(ms)) return ms;
  throw new UsageError(`--start should be a time such as 2026-11-22T18:00:00Z, got ${text}`);
}

function readClient(text: string | undefined): ClientChoice {
  if (text === undefined || text === "auto") return "auto";
  if (text === "native" || text === "own") return text;
  throw new UsageError(`--client should be auto, native or own, got ${text}`);
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new UsageError(
    `--post should be the API's address, such as http://127.0.0.1:8787, got ${text}`,
  );
}

function openScenario(nameOrFile: string): Scenario {
  try {
    if (!nameOrFile.includes(".") && !nameOrFile.includes("/")) return scenarioNamed(nameOrFile);
    return readScenario(JSON.parse(readFileSync(nameOrFile, "utf8")));
  } catch (error) {
    if (!(error instanceof InvalidInput) && !(error instanceof SyntaxError)) {
      const { code } = error as { code?: string };
      if (code !== "ENOENT" && code !== "EISDIR") throw error;
    }
    throw new UsageError(`--scenario ${nameOrFile}: ${(error as Error).message}`, { cause: error });
  }
}

function describeGame({ options, crowd }: World): string {
  const { seed, startMs, scenario } = options;
  return `Scenario ${scenario.name}, seed ${seed}, rate ${crowd.rate}, from ${new Date(startMs).toISOString()}. Ctrl-C ends it.`;
}

function directText({ client, seconds, topics }: DirectTotals): string {
  const rows = Object.entries(topics).map(([topic, { sent, acknowledged }]) => [
    topic,
    countText(sent),
    countText(acknowledged),
  ]);
  const sent = Object.values(topics).reduce((sum, topic) => sum + topic.sent, 0);
  const rate = countText(sent / Math.max(seconds, 0.001));
  const summary = `${countText(sent)} events in ${seconds.toFixed(1)} s (${rate}/s) with ${client}`;
  return `${tableText([["TOPIC", "SENT", "ACKNOWLEDGED"], ...rows])}\n${summary}`;
}

/** The first Ctrl-C ends the game and lets what is under way arrive; a second one does not wait. */
function stopAsked(): AbortController {
  const asked = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (asked.signal.aborted) process.exit(1);
      asked.abort();
    });
  }
  return asked;
}
