/** Where things are: in the project, and in the folder that holds the stack's data. */
import { readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";

/** The project's root folder. */
export const PROJECT_DIR = resolve(import.meta.dirname, "../../../..");

export const PROJECT = {
  ingestConfig: join(PROJECT_DIR, "wrangler.toml"),
  generatorConfig: join(PROJECT_DIR, "workers/generator/wrangler.toml"),
  connectorsDir: join(PROJECT_DIR, "connectors"),
  dataflowsDir: join(PROJECT_DIR, "dataflows"),
  catalogDir: join(PROJECT_DIR, "catalog"),
  dashboardDir: join(PROJECT_DIR, "dashboard"),
  dashboardPage: join(PROJECT_DIR, "dashboard/dist/index.html"),
} as const;

export interface DataLayout {
  readonly root: string;
  readonly workers: string;
  readonly fluvio: string;
  readonly dataflows: string;
  /** Of a Graphite that the stack runs itself. */
  readonly graphite: string;
  readonly logs: string;
  /** Node's compiled code; of no use to anybody else, and made anew when it is gone. */
  readonly cache: string;
  /** Says which stack uses this folder now. */
  readonly running: string;
}

/** The folders below a data folder. */
export function dataLayout(dataDir: string): DataLayout {
  const root = resolve(dataDir);
  return {
    root,
    workers: join(root, "workers"),
    fluvio: join(root, "fluvio"),
    dataflows: join(root, "dataflows"),
    graphite: join(root, "graphite"),
    logs: join(root, "logs"),
    cache: join(root, "cache"),
    running: join(root, "running.json"),
  };
}

/** The folders of all dataflows, by name. */
export function dataflowDirs(): { name: string; dir: string }[] {
  try {
    return readdirSync(PROJECT.dataflowsDir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => ({ name: basename(name), dir: join(PROJECT.dataflowsDir, name) }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}
