/** `arenaflow start`: the whole stack, until Ctrl-C. */
import { resolve } from "node:path";
import { StackError, startStack, type Stack } from "../stack/index.ts";
import type { GraphiteChoice } from "../stack/graphite/plan.ts";
import { PROJECT_DIR } from "../stack/layout.ts";
import { DEFAULT_PORTS } from "../stack/preflight.ts";
import { parseDuration } from "../connectors/units.ts";
import { readArgs, readPort, readUnit, UsageError, type Command } from "./command.ts";
import { Screen } from "./screen.ts";

/** Everything is stopped within this time; what is not then is killed. */
const STOP_MS_MAX = 4_800;
const STATUS_EVERY_MS = 1_000;
/** Next to the Workers' own. */
const GRAPHITE_WEB_PORT = 8789;

const HELP = `Usage: arenaflow start [options]        (npm start -- [options])

Starts the whole stack on this machine and runs it until Ctrl-C: both Workers, the Fluvio
server, the dataflows and the connectors. Goes on where the last run stopped.

  --fresh               forget all data of earlier runs first
  --port N              ingest API and dashboard; default ${DEFAULT_PORTS.ingest} (0: any free port)
  --generator-port N    simulated game; default ${DEFAULT_PORTS.generator}
  --fluvio-port N       Fluvio server; default ${DEFAULT_PORTS.fluvio}
  --no-generator        without simulated players, purchases and servers
  --graphite HOST:PORT  send the dataflows' aggregates to this carbon, too
  --with-graphite       start a Graphite on this machine for them (Debian's graphite-carbon and
                        graphite-web), and print where its picture of server latency is
  --graphite-port N     that Graphite's web port; default ${GRAPHITE_WEB_PORT} (0: any free port)
  --retention T         how long topics keep their records, such as 2h or 7d; default 24h, and
                        never more than 1 GB of a partition
  --data DIR            where data and logs are kept; default .arenaflow
  --verbose             show everything the parts log, not only warnings`;

const OPTIONS = {
  fresh: { type: "boolean", default: false },
  port: { type: "string" },
  "generator-port": { type: "string" },
  "fluvio-port": { type: "string" },
  "no-generator": { type: "boolean", default: false },
  graphite: { type: "string" },
  "with-graphite": { type: "boolean", default: false },
  "graphite-port": { type: "string" },
  retention: { type: "string" },
  data: { type: "string" },
  verbose: { type: "boolean", default: false },
} as const;

/** `host:port`, an IPv6 address in brackets. */
const ADDRESS = /^(\[[^\]]+\]|[^:]+):\d{1,5}$/;

export const command: Command = { help: HELP, run: start };

async function start(args: string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  if (positionals[0] !== undefined) {
    throw new UsageError(`${positionals[0]} is not understood: start takes only options`);
  }
  const graphite = graphiteChoice(values);
  const retentionMs = readUnit("retention", values.retention, parseDuration, "24h");
  const screen = new Screen({ verbose: values.verbose });
  const asked = stopAsked();
  const startedMs = performance.now();
  screen.title();
  const starting = startStack({
    dataDir: values.data === undefined ? resolve(PROJECT_DIR, ".arenaflow") : resolve(values.data),
    fresh: values.fresh,
    ...(retentionMs === undefined ? {} : { retentionMs }),
    generator: !values["no-generator"],
    ports: {
      ingest: readPort("port", values.port, DEFAULT_PORTS.ingest),
      generator: readPort("generator-port", values["generator-port"], DEFAULT_PORTS.generator),
      fluvio: readPort("fluvio-port", values["fluvio-port"], DEFAULT_PORTS.fluvio),
    },
    ...(graphite === undefined ? {} : { graphite }),
    onEvent: (event) => screen.event(event),
    signal: asked.signal,
  });
  let stack: Stack;
  try {
    stack = await starting;
  } catch (error) {
    if (asked.signal.aborted) {
      screen.stopped();
      return 0;
    }
    if (!(error instanceof StackError)) throw error;
    screen.problems(error.problems);
    return 1;
  }
  screen.ready(stack, performance.now() - startedMs);
  await runUntil(asked.signal, stack, screen);
  return 0;
}

function graphiteChoice(values: {
  readonly graphite?: string | undefined;
  readonly "with-graphite": boolean;
  readonly "graphite-port"?: string | undefined;
}): GraphiteChoice | undefined {
  const { graphite: address, "with-graphite": withGraphite, "graphite-port": port } = values;
  if (address !== undefined && withGraphite) {
    throw new UsageError(
      "--graphite and --with-graphite exclude each other: one names a carbon, one starts it",
    );
  }
  if (withGraphite) return { webPort: readPort("graphite-port", port, GRAPHITE_WEB_PORT) };
  if (port !== undefined) throw new UsageError("--graphite-port belongs to --with-graphite");
  if (address === undefined) return undefined;
  if (!ADDRESS.test(address)) {
    throw new UsageError(`--graphite should be host:port, such as 127.0.0.1:2003, got ${address}`);
  }
  return { address };
}

async function runUntil(signal: AbortSignal, stack: Stack, screen: Screen): Promise<void> {
  const status = setInterval(() => screen.status(stack.stats()), STATUS_EVERY_MS);
  if (!signal.aborted) {
    await new Promise((stop) => signal.addEventListener("abort", stop, { once: true }));
  }
  clearInterval(status);
  screen.stopping();
  const killAll = (): void => {
    stack.kill();
    process.exit(1);
  };
  process.on("SIGINT", killAll);
  const deadline = setTimeout(killAll, STOP_MS_MAX);
  await stack.close();
  clearTimeout(deadline);
  screen.stopped();
}

/** The first Ctrl-C asks to stop; a second one, while stopping, no longer waits. */
function stopAsked(): AbortController {
  const asked = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => asked.abort());
  }
  return asked;
}
