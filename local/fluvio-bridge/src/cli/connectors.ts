/** `arenaflow connectors`: runs connector files against any Fluvio, as `cdk deploy start` does. */
import { loadConnectors, type ConnectorFile } from "../connectors/load.ts";
import { startConnector } from "../connectors/run-connector.ts";
import { environmentSecrets, fileSecrets } from "../connectors/secrets.ts";
import type { LogLine } from "../log.ts";
import {
  ENDPOINT_HELP,
  ENDPOINT_OPTION,
  fluvioEndpoint,
  readArgs,
  UsageError,
  type Command,
} from "./command.ts";

const HELP = `Usage: arenaflow connectors run [FILE|FOLDER …] [options]
       arenaflow connectors check [FILE|FOLDER …] [options]

Runs connectors from their YAML files, read as cdk reads them, until Ctrl-C. A folder stands for
all .yaml files in it. check only reads them and says what is wrong.

  --config FILE         a connector file; may be given several times
  --secrets FILE        key=value lines; without it secrets come from the environment
${ENDPOINT_HELP}`;

const OPTIONS = {
  ...ENDPOINT_OPTION,
  config: { type: "string", multiple: true },
  secrets: { type: "string" },
} as const;

export const command: Command = { help: HELP, run: connectors };

async function connectors(args: string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  const [action, ...operands] = positionals;
  if (action !== "run" && action !== "check") {
    throw new UsageError(`expected run or check, got ${action ?? "nothing"}`);
  }
  const paths = [...operands, ...(values.config ?? [])];
  if (paths.length === 0) throw new UsageError("no connector file given: --config FILE");
  const secrets =
    values.secrets === undefined ? environmentSecrets(process.env) : fileSecrets(values.secrets);
  const files = loadConnectors(paths, secrets);
  printWarnings(files);
  if (action === "check") {
    console.log(`${files.length} connector files are right`);
    return 0;
  }
  await run(files, fluvioEndpoint(values.endpoint));
  return 0;
}

async function run(files: readonly ConnectorFile[], endpoint: string): Promise<void> {
  const stop = Promise.withResolvers<void>();
  process.on("SIGINT", () => stop.resolve());
  process.on("SIGTERM", () => stop.resolve());
  const running = files.map(({ config }) => startConnector(config, { endpoint, log: print }));
  console.log(`${running.length} connectors run against ${endpoint}. Ctrl-C stops them.`);
  await stop.promise;
  await Promise.all(running.map((connector) => connector.close()));
  for (const { name, records, refused, retries } of running.map((each) => each.status())) {
    console.log(`${name}: ${records} records, ${refused} refused, ${retries} retries`);
  }
}

function printWarnings(files: readonly ConnectorFile[]): void {
  for (const { path, warnings } of files) {
    for (const warning of warnings) console.error(`warning: ${path}: ${warning}`);
  }
}

function print({ level, scope, message }: LogLine): void {
  if (level !== "debug") console.error(`${level} ${scope}: ${message}`);
}
