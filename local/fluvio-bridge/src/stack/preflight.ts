/** Looks for everything that would keep the stack from starting, before anything is started. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { ConnectorFileError, loadConnectors } from "../connectors/load.ts";
import { dataflowDirs, PROJECT, PROJECT_DIR, type DataLayout } from "./layout.ts";
import { isListening, isPortFree, portOwner } from "./ports.ts";
import type { Problem } from "./stack-error.ts";

export interface Ports {
  readonly ingest: number;
  readonly generator: number;
  readonly fluvio: number;
}

/** Where everything is found unless somebody asks for another place. */
export const DEFAULT_PORTS: Ports = { ingest: 8787, generator: 8788, fluvio: 9003 };

/** The option of `arenaflow start` that chooses another port. */
const PORT_OPTION: Readonly<Record<keyof Ports, string>> = {
  ingest: "--port",
  generator: "--generator-port",
  fluvio: "--fluvio-port",
};
const PORT_USE: Readonly<Record<keyof Ports, string>> = {
  ingest: "the ingest API and dashboard",
  generator: "the simulated game",
  fluvio: "the Fluvio server",
};

/** @returns one problem per taken port */
export async function checkPorts(ports: Ports, generator: boolean): Promise<Problem[]> {
  const names = (Object.keys(PORT_USE) as (keyof Ports)[]).filter(
    (name) => generator || name !== "generator",
  );
  const problems: Problem[] = [];
  for (const name of names) {
    const port = ports[name];
    const twin = names.find((other) => other !== name && port !== 0 && ports[other] === port);
    if (twin !== undefined && names.indexOf(twin) < names.indexOf(name)) {
      problems.push({
        what: `Port ${port} is wanted twice, for ${PORT_USE[twin]} and ${PORT_USE[name]}.`,
        next: `Choose another one: npm start -- ${PORT_OPTION[name]} ${port + 1}`,
      });
    } else if (!(await isPortFree(port))) {
      const owner = await portOwner(port);
      problems.push({
        what: `Port ${port}, for ${PORT_USE[name]}, is taken${owner === undefined ? "" : ` by ${owner}`}.`,
        next: `Stop that, or choose another one: npm start -- ${PORT_OPTION[name]} ${port + 1000}`,
      });
    }
  }
  return problems;
}

/** @returns one problem per file that is missing or cannot be read */
export function checkFiles(connectorPaths: readonly string[], env: NodeJS.ProcessEnv): Problem[] {
  return [...missingPackages(), ...missingFiles(), ...badConnectors(connectorPaths, env)];
}

function missingPackages(): Problem[] {
  const require = createRequire(import.meta.url);
  const missing = ["wrangler", "miniflare", "esbuild"].filter((name) => {
    try {
      require.resolve(`${name}/package.json`);
      return false;
    } catch (error) {
      return (error as { code?: unknown }).code === "MODULE_NOT_FOUND";
    }
  });
  if (missing.length === 0) return [];
  return [
    { what: `These packages are not installed: ${missing.join(", ")}.`, next: "Run: npm ci" },
  ];
}

function missingFiles(): Problem[] {
  const problems: Problem[] = [];
  const dataflows = dataflowDirs();
  const needed = [
    PROJECT.ingestConfig,
    PROJECT.generatorConfig,
    join(PROJECT.dashboardDir, "index.html"),
    ...dataflows.map(({ dir }) => join(dir, "dataflow.yaml")),
  ];
  for (const path of needed.filter((each) => !existsSync(each))) {
    const file = relative(PROJECT_DIR, path);
    problems.push({ what: `${file} is missing.`, next: `Get it back: git checkout -- ${file}` });
  }
  for (const path of dataflows.map(({ dir }) => join(dir, "dataflow.wasm"))) {
    if (existsSync(path)) continue;
    const file = relative(PROJECT_DIR, path);
    problems.push({
      what: `${file}, the compiled dataflow, is missing.`,
      next: `Get it back with: git checkout -- ${file} (or compile it, which needs rustc: npm run build)`,
    });
  }
  if (dataflows.length === 0) {
    problems.push({ what: "dataflows/ is empty.", next: "Get it back: git checkout -- dataflows" });
  }
  return problems;
}

function badConnectors(paths: readonly string[], env: NodeJS.ProcessEnv): Problem[] {
  try {
    loadConnectors(paths, (name) => env[name]);
    return [];
  } catch (error) {
    if (!(error instanceof ConnectorFileError)) throw error;
    return error.problems.map((what) => ({
      what: what.replace(`${PROJECT_DIR}/`, ""),
      next: "Correct that file.",
    }));
  }
}

/** Two stacks on one data folder would write over each other. */
export async function checkNotRunning(layout: DataLayout): Promise<Problem[]> {
  const running = readRunning(layout);
  if (running === undefined || !isAlive(running.pid) || !(await isListening(running.port)))
    return [];
  return [
    {
      what: `The stack is already running on this data (pid ${running.pid}): http://127.0.0.1:${running.port}/`,
      next: "Use that one, or stop it, or give this one its own data and ports: npm start -- --data DIR --port N …",
    },
  ];
}

/** A stack whose supervisor was killed ends by itself, but not at once. */
const ORPHANS_MS_MAX = 4_000;
const ORPHANS_CHECK_MS = 100;

/** After a supervisor that was killed: waits until its children have given their ports back. */
export async function waitForOrphans(layout: DataLayout, ports: Ports): Promise<void> {
  const running = readRunning(layout);
  if (running === undefined || isAlive(running.pid)) return;
  const deadline = performance.now() + ORPHANS_MS_MAX;
  while (performance.now() < deadline) {
    const free = await Promise.all(Object.values(ports).map((port) => isPortFree(port)));
    if (free.every(Boolean)) return;
    await new Promise((resolve) => setTimeout(resolve, ORPHANS_CHECK_MS));
  }
}

function readRunning(layout: DataLayout): { pid: number; port: number } | undefined {
  try {
    const { pid, port } = JSON.parse(readFileSync(layout.running, "utf8")) as Record<
      string,
      unknown
    >;
    return typeof pid === "number" && typeof port === "number" ? { pid, port } : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
