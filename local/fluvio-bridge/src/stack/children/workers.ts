/** Both Workers in one workerd, each on a socket of its own. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { V4WorkerOptions } from "miniflare";
import { runChild, type StartPart } from "../child.ts";
import { PROJECT } from "../layout.ts";
import type { Log } from "../../log.ts";
import { SIMULATION_BINDING, type WorkerSource } from "../worker-bundle.ts";

const HOST = "127.0.0.1";
/** All bundles with their source maps. */
const BUNDLES_BYTES_MAX = 64 * 1024 * 1024;
const BUNDLES_MS_MAX = 25_000;
const HEALTH_MS_MAX = 10_000;
const HEALTH_EVERY_MS = 25;

const startWorkers: StartPart<"workers"> = async (settings, log) => {
  keepToThisMachine(settings.wranglerDir);
  const wanted = [
    { name: "ingest", configPath: PROJECT.ingestConfig, port: settings.ingestPort },
    { name: "generator", configPath: PROJECT.generatorConfig, port: settings.generatorPort },
  ].flatMap(({ port, ...worker }) => (port === undefined ? [] : [{ ...worker, host: HOST, port }]));
  // Wrangler and esbuild need hundreds of megabytes, and only for a moment: in a process apart.
  const [workers, { Miniflare, convertV4MiniflareOptions }] = await Promise.all([
    bundleApart(wanted),
    import("miniflare"),
  ]);
  const options = convertV4MiniflareOptions({
    host: HOST,
    port: 0,
    cf: false,
    logRequests: false,
    handleStructuredLogs: ({ level, message }) => logWorker(log, level, message),
    workers: withSimulation(workers),
  });
  // Set after the conversion, which ignores it.
  options.resourcePersistencePath = settings.persistDir;
  const miniflare = new Miniflare(options);
  await miniflare.ready;
  const ports: { [name: string]: number } = {};
  for (const { name } of wanted) {
    const url = await miniflare.unsafeGetDirectURL(name);
    ports[name] = Number(url.port);
    await untilHealthy(name, url);
  }
  const detail = wanted.map(({ name }) => `${name} :${ports[name]}`).join(", ");
  return {
    report: { ports, detail },
    stats: () => ({}),
    close: () => miniflare.dispose(),
  };
};

runChild<"workers">(startWorkers);

async function bundleApart(wanted: readonly WorkerSource[]): Promise<V4WorkerOptions[]> {
  const script = join(import.meta.dirname, "bundle-workers.ts");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", script, JSON.stringify(wanted)],
    { maxBuffer: BUNDLES_BYTES_MAX, timeout: BUNDLES_MS_MAX },
  ).catch((error: unknown) => {
    const { stderr = "" } = error as { stderr?: string };
    throw new Error(`the Workers cannot be bundled:\n${stderr.trim()}`, { cause: error });
  });
  return JSON.parse(stdout) as V4WorkerOptions[];
}

/** Lets the dashboard's Worker ask the simulated game, where one is played. */
function withSimulation(workers: readonly V4WorkerOptions[]): V4WorkerOptions[] {
  if (!workers.some(({ name }) => name === "generator")) return [...workers];
  return workers.map((worker) =>
    worker.name === "ingest"
      ? {
          ...worker,
          serviceBindings: { ...worker.serviceBindings, [SIMULATION_BINDING]: "generator" },
        }
      : worker,
  );
}

/** Nothing is reported, looked up or written outside of the data folder. */
function keepToThisMachine(wranglerDir: string): void {
  Object.assign(process.env, {
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    DO_NOT_TRACK: "1",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_LOG_PATH: join(wranglerDir, "logs"),
    WRANGLER_REGISTRY_PATH: join(wranglerDir, "registry"),
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_SEND_METRICS: "false",
  });
}

async function untilHealthy(name: string, url: URL): Promise<void> {
  const deadline = performance.now() + HEALTH_MS_MAX;
  let last = "nothing";
  while (performance.now() < deadline) {
    try {
      const response = await fetch(new URL("/healthz", url));
      await response.arrayBuffer();
      if (response.ok) return;
      last = `status ${response.status}`;
    } catch (error) {
      last = String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, HEALTH_EVERY_MS));
  }
  throw new Error(`the ${name} Worker does not answer ${url.href}healthz (${last})`);
}

function logWorker(log: Log, level: string, message: string): void {
  const known = level === "error" || level === "warn" || level === "debug" ? level : "info";
  log({ level: known, scope: "workers", message });
}
