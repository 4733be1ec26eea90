/** What `arenaflow doctor` looks at, one function each. None of them changes anything. */
import { existsSync, mkdirSync, rmSync, statfsSync } from "node:fs";
import { freemem } from "node:os";
import { Fluvio, readActiveProfile } from "@arenaflow/fluvio/client";
import { findRustc, isStale, ToolchainError } from "@arenaflow/sdf/compile";
import { connectorPaths } from "../stack/connector-paths.ts";
import { dashboardNeedsBuild } from "../stack/dashboard.ts";
import { missingGraphite } from "../stack/graphite/installed.ts";
import { type DataLayout, dataflowDirs } from "../stack/layout.ts";
import { checkFiles, checkNotRunning, checkPorts, DEFAULT_PORTS } from "../stack/preflight.ts";
import type { Problem } from "../stack/stack-error.ts";
import { describeError } from "../log.ts";

/** What was found out about one subject. */
export interface Finding {
  readonly subject: string;
  /** `note`: nothing is wrong, but something may be missed. */
  readonly state: "good" | "note" | "bad";
  readonly detail: string;
  /** What to do next. */
  readonly next?: string;
}

/** Wrangler and vitest need this; the project brings its own newer one. */
const NODE_MIN: readonly [major: number, minor: number] = [22, 12];
const MIB = 1024 * 1024;
/** Topics, journals and checkpoints of an afternoon with the simulated game. */
const DISK_MIB_MIN = 2048;
/** The stack with its dashboard open. */
const MEMORY_MIB_MIN = 1024;
const CLUSTER_MS_MAX = 4000;

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isOld = major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1]);
  if (!isOld) return { subject: "Node", state: "good", detail: version };
  return {
    subject: "Node",
    state: "bad",
    detail: `${version} runs this, but ${NODE_MIN.join(".")} or newer is needed`,
    next: "The project brings its own: npm ci, then npx arenaflow doctor",
  };
}

export function checkProjectFiles(): Finding {
  const url = "http://127.0.0.1";
  const env = {
    FEED_KEY: "",
    SINK_KEY: "",
    INGEST_URL: url,
    GENERATOR_URL: url,
    GRAPHITE_ADDRESS: "127.0.0.1:2003",
  };
  const problems = checkFiles(connectorPaths({ generator: true, graphite: true }), env);
  return fromProblems("packages, files, connectors", "all there", problems);
}

/** Whether the default ports are free, or in use by this project's own stack. */
export async function checkPortsOrStack(layout: DataLayout): Promise<Finding> {
  const running = await checkNotRunning(layout);
  if (running.length > 0) {
    return { subject: "stack", state: "good", detail: running[0]?.what ?? "running" };
  }
  const names = Object.values(DEFAULT_PORTS).join(", ");
  return fromProblems("default ports", `${names} are free`, await checkPorts(DEFAULT_PORTS, true));
}

/** Room on the disk that holds the data folder, and whether one may write there. */
export function checkDisk(folder: string): Finding {
  const subject = "disk";
  const isNew = !existsSync(folder);
  try {
    mkdirSync(folder, { recursive: true });
    const { bavail, bsize } = statfsSync(folder);
    if (isNew) rmSync(folder, { recursive: true });
    const freeMib = Math.floor((bavail * bsize) / MIB);
    const detail = `${(freeMib / 1024).toFixed(1)} GiB free for ${folder}`;
    if (freeMib >= DISK_MIB_MIN) return { subject, state: "good", detail };
    const next = "Make room, or keep the data elsewhere: npm start -- --data DIR";
    return { subject, state: "bad", detail, next };
  } catch (error) {
    const next = "Keep the data where you may write: npm start -- --data DIR";
    return { subject, state: "bad", detail: `${folder}: ${describeError(error)}`, next };
  }
}

export function checkMemory(): Finding {
  const freeMib = Math.floor(freemem() / MIB);
  const detail = `${freeMib} MiB free`;
  if (freeMib >= MEMORY_MIB_MIN) return { subject: "memory", state: "good", detail };
  const next = `The stack takes about ${MEMORY_MIB_MIN} MiB: close something else`;
  return { subject: "memory", state: "note", detail, next };
}

/** The cluster that the environment or Fluvio's configuration names, if any. */
export async function checkCluster(endpoint: string | undefined): Promise<Finding> {
  const subject = "Fluvio cluster";
  const named = endpoint ?? (await profileEndpoint());
  if (named === undefined) {
    return { subject, state: "good", detail: "none is named: the local server is used" };
  }
  try {
    const fluvio = await Fluvio.connect({ endpoint: named, timeoutMs: CLUSTER_MS_MAX });
    const topics = await fluvio.admin.listTopics();
    await fluvio.close();
    return { subject, state: "good", detail: `${named} answers, ${topics.length} topics` };
  } catch (error) {
    return {
      subject,
      state: "bad",
      detail: `${named}: ${describeError(error)}`,
      next: "Start it, or name another one: FLUVIO_ENDPOINT=host:9003. npm start does not need it",
    };
  }
}

async function profileEndpoint(): Promise<string | undefined> {
  try {
    return (await readActiveProfile())?.endpoint;
  } catch {
    return undefined;
  }
}

/** Dataflows whose compiled module is older than what makes it, and the dashboard. */
export async function checkStaleness(): Promise<Finding[]> {
  const stale: string[] = [];
  for (const { name, dir } of dataflowDirs()) if (await isStale(dir)) stale.push(name);
  const dataflows: Finding =
    stale.length === 0
      ? { subject: "dataflows", state: "good", detail: "built from what is here" }
      : {
          subject: "dataflows",
          state: "note",
          detail: `${stale.join(", ")}: dataflow.wasm is older than its sources, and is what runs`,
          next: "npm run build -- --dataflows (needs Rust)",
        };
  const dashboard: Finding = dashboardNeedsBuild()
    ? { subject: "dashboard", state: "note", detail: "is built at the next start" }
    : { subject: "dashboard", state: "good", detail: "built" };
  return [dataflows, dashboard];
}

/** Needed for `npm start -- --with-graphite` only. */
export async function checkGraphite(): Promise<Finding> {
  const missing = await missingGraphite();
  if (missing === undefined) {
    const detail = "installed, for npm start -- --with-graphite";
    return { subject: "Graphite", state: "good", detail };
  }
  return { subject: "Graphite", state: "note", detail: missing.what, next: missing.next };
}

/** Needed for building a dataflow only. */
export async function checkRust(): Promise<Finding> {
  const subject = "Rust";
  try {
    const { version } = await findRustc();
    return { subject, state: "good", detail: `${version}, for building dataflows` };
  } catch (error) {
    if (!(error instanceof ToolchainError)) throw error;
    const detail = "not found; only building a dataflow needs it";
    return { subject, state: "note", detail, next: error.message };
  }
}

function fromProblems(subject: string, good: string, problems: readonly Problem[]): Finding {
  if (problems.length === 0) return { subject, state: "good", detail: good };
  return {
    subject,
    state: "bad",
    detail: problems.map(({ what }) => what).join("\n"),
    next: [...new Set(problems.map(({ next }) => next))].join("\n"),
  };
}
