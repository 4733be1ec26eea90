/** Runs every dataflow of a folder in this process, each with an engine and checkpoints of its own. */
import { access, readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { Log } from "./log.ts";
import { runDataflow } from "./run-dataflow.ts";
import { RunnerError } from "./runner-error.ts";
import type { RunningDataflow } from "./running-dataflow.ts";

export interface RunDataflowsOptions {
  readonly endpoint: string;
  /** Each dataflow keeps its checkpoints in a folder with its folder's name in here. */
  readonly checkpointRoot: string;
  /** For each dataflow; see `RunDataflowOptions`. */
  readonly threads?: number;
  readonly groups?: readonly number[];
  readonly env?: Readonly<Record<string, string>>;
  readonly log: Log;
}

export interface RunningDataflows {
  readonly dataflows: readonly RunningDataflow[];
  /** Resolves after `close`; rejects as soon as one dataflow cannot go on (the others still run). */
  readonly finished: Promise<void>;
  close(): Promise<void>;
}

/** The dataflow folders directly under `root`, in the order of their names. */
export async function findDataflows(root: string): Promise<string[]> {
  const found: string[] = [];
  const entries = await readdir(root, { withFileTypes: true });
  for (const name of entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)) {
    const isDataflow = await access(join(root, name, "dataflow.yaml")).then(
      () => true,
      () => false,
    );
    if (isDataflow) found.push(name);
  }
  return found.toSorted();
}

/**
 * Starts all dataflows under `root`, a folder whose sub-folders hold a dataflow.yaml each.
 * @throws what `runDataflow` throws; those already started are closed then
 */
export async function runDataflows(
  options: RunDataflowsOptions & { readonly root: string },
): Promise<RunningDataflows> {
  const names = await findDataflows(options.root);
  if (names.length === 0) {
    throw new RunnerError("no_dataflow", `There is no <name>/dataflow.yaml in ${options.root}.`);
  }
  const dirs = names.map((name) => join(options.root, name));
  return runDataflowFolders(dirs, options);
}

/**
 * Starts the dataflows of these folders.
 * @throws what `runDataflow` throws; those already started are closed then
 */
export async function runDataflowFolders(
  dirs: readonly string[],
  options: RunDataflowsOptions,
): Promise<RunningDataflows> {
  const { checkpointRoot, endpoint, env = {}, groups, log, threads = 1 } = options;
  const started = await Promise.allSettled(
    dirs.map(async (dir) => {
      const checkpointDir = join(checkpointRoot, basename(resolve(dir)));
      const shared = groups === undefined ? {} : { groups };
      return runDataflow({ dir, endpoint, checkpointDir, threads, env, log, ...shared });
    }),
  );
  const dataflows = started.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []));
  const close = async (): Promise<void> => {
    await Promise.allSettled(dataflows.map(async (dataflow) => dataflow.close()));
  };
  const failure = started.find((start) => start.status === "rejected");
  if (failure !== undefined) {
    await close();
    throw failure.reason;
  }
  const finished = untilAllFinished(dataflows);
  finished.catch(() => {});
  return { dataflows, finished, close };
}

async function untilAllFinished(dataflows: readonly RunningDataflow[]): Promise<void> {
  await Promise.all(dataflows.map(async (dataflow) => dataflow.finished));
}
