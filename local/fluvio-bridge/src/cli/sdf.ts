/** `arenaflow sdf`: what SDF's own command line does with a dataflow, with the open engine. */
import {
  ENDPOINT_HELP,
  ENDPOINT_OPTION,
  fluvioEndpoint,
  readArgs,
  readCount,
  readPort,
  UsageError,
  type Command,
} from "./command.ts";
import { build } from "./sdf-build.ts";
import { check } from "./sdf-check.ts";
import { run } from "./sdf-run.ts";
import { findTargets } from "./sdf-targets.ts";
import { test } from "./sdf-test.ts";
import { testFunction } from "./sdf-test-function.ts";

const HELP = `Usage: arenaflow sdf check [FOLDER …]      read and check dataflow.yaml; needs no Rust
       arenaflow sdf build [FOLDER …]      make dataflow.wasm from it (needs Rust)
       arenaflow sdf test  [FOLDER …]      run dataflow.test.yaml; needs no server
       arenaflow sdf test function NAME [FOLDER] --value TEXT   run one function (needs Rust)
       arenaflow sdf run   [FOLDER …]      run between topics until Ctrl-C

A folder holds a dataflow.yaml, or folders that do. Without one: the folder here, or the project's
dataflows.

build:
  --force               also what is up to date
test function:
  -v, --value TEXT      what the function takes: a text as it is, anything else as JSON
  -k, --key TEXT        the record's key
run:
${ENDPOINT_HELP}
  --checkpoint FOLDER   where state and offsets are kept; default .arenaflow/sdf
  --threads N           worker threads for the partitions of each dataflow; default 1
  --groups LIST         which of the N threads' groups run in this process, such as 0,1. Other processes
                        with the same N and folder of checkpoints run the others; each goes on with
                        the groups of one that died, until that one is back
  --port PORT           on which counters, states, SQL and the picture can be read (loopback only);
                        default: any free port
  --graph-topic NAME    where the picture of the dataflows goes every five seconds, for the dashboard;
                        default dataflow-graph, none for nowhere
  -e, --env NAME=VALUE  an environment variable for operators; may be given several times`;

const OPTIONS = {
  ...ENDPOINT_OPTION,
  force: { type: "boolean", default: false },
  value: { type: "string", short: "v" },
  key: { type: "string", short: "k" },
  checkpoint: { type: "string" },
  threads: { type: "string" },
  groups: { type: "string" },
  "graph-topic": { type: "string" },
  port: { type: "string" },
  env: { type: "string", short: "e", multiple: true },
} as const;

const THREADS_MAX = 64;

export const command: Command = { help: HELP, run: sdf };

async function sdf(args: string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS);
  const [action = "nothing", ...operands] = positionals;
  switch (action) {
    case "check":
      return check(await findTargets(operands));
    case "build":
      return build(await findTargets(operands), { force: values.force });
    case "test": {
      const [first, name, ...folders] = operands;
      if (first !== "function") return test(await findTargets(operands));
      const { value, key } = values;
      return testFunction(await findTargets(folders), { name, value, key });
    }
    case "run":
      return run(await findTargets(operands), {
        endpoint: fluvioEndpoint(values.endpoint),
        checkpointDir: values.checkpoint ?? ".arenaflow/sdf",
        threads: readThreads(values.threads),
        groups: readGroups(values.groups, readThreads(values.threads)),
        port: readPort("port", values.port, 0),
        graphTopic: values["graph-topic"] ?? "dataflow-graph",
        env: readEnvironment(values.env ?? []),
      });
    default:
      throw new UsageError(`expected check, build, test or run, got ${action}`);
  }
}

function readThreads(text: string | undefined): number {
  const threads = readCount("threads", text) ?? 1;
  if (threads >= 1 && threads <= THREADS_MAX) return threads;
  throw new UsageError(`--threads should be from 1 to ${THREADS_MAX}, got ${threads}`);
}

function readGroups(text: string | undefined, threads: number): number[] | undefined {
  if (text === undefined) return undefined;
  const groups = text.split(",").map((each) => (/^\d{1,3}$/.test(each) ? Number(each) : threads));
  if (groups.every((group) => group < threads)) return groups;
  throw new UsageError(
    `--groups should be numbers from 0 to ${threads - 1} with commas between (--threads ${threads}), got ${text}`,
  );
}

function readEnvironment(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw new UsageError(`--env should be NAME=VALUE, got ${text}`);
      return [text.slice(0, at), text.slice(at + 1)] as const;
    }),
  );
}
