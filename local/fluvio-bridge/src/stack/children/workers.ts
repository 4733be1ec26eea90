/** Both Workers in one workerd, each on a socket of its own. */
import { join } from "node:path";
import { runChild, type StartPart } from "../child.ts";
import { PROJECT } from "../layout.ts";
import type { Log } from "../../log.ts";

const HOST = "127.0.0.1";
const HEALTH_MS_MAX = 10_000;
const HEALTH_EVERY_MS = 25;

const startWorkers: StartPart<"workers"> = async (settings, log) => {
  keepToThisMachine(settings.wranglerDir);
  // Loaded only now: wrangler reads its environment when it is imported.
  const { Miniflare, convertV4MiniflareOptions } = await import("miniflare");
  const { bundleWorker } = await import("../worker-bundle.ts");
  const wanted = [
    { name: "ingest", config: PROJECT.ingestConfig, port: settings.ingestPort },
    { name: "generator", config: PROJECT.generatorConfig, port: settings.generatorPort },
  ].flatMap(({ port, ...worker }) => (port === undefined ? [] : [{ ...worker, port }]));
  const bundles = await Promise.all(
    wanted.map(({ name, config, port }) => bundleWorker(name, config, { host: HOST, port })),
  );
  const options = convertV4MiniflareOptions({
    host: HOST,
    port: 0,
    cf: false,
    logRequests: false,
    handleStructuredLogs: ({ level, message }) => logWorker(log, level, message),
    workers: bundles.flat(),
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
