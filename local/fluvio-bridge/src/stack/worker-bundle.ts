/**
 * Makes a Worker's configuration file into what Miniflare runs, with its assets beside it.
 *
 * With assets in the Worker itself, every request takes the way through Cloudflare's asset router
 * first: about three times slower here. So the assets become a Worker of their own, asked only for
 * what `run_worker_first` does not name: the same rule as in production.
 */
import { dirname, resolve } from "node:path";
import { build } from "esbuild";
import type { V4WorkerOptions } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";

export interface WorkerSource {
  readonly name: string;
  /** Its wrangler.toml. */
  readonly configPath: string;
  /** Where it listens. */
  readonly host: string;
  readonly port: number;
}

const ASSETS_BINDING = "ARENAFLOW_ASSETS";
/** The Worker that plays the game, for pages that compare with what it knows; absent without one. */
export const SIMULATION_BINDING = "ARENAFLOW_SIMULATION";
const SIMULATION_PATH = "/simulation";

/**
 * Bundles a Worker.
 * @returns Miniflare's options for it, and for its assets if it has some; plain JSON
 */
export async function bundleWorker(source: WorkerSource): Promise<V4WorkerOptions[]> {
  const { name, configPath, host, port } = source;
  const { workerOptions, main, define } = unstable_getMiniflareWorkerOptions(configPath);
  if (main === undefined) throw new Error(`${configPath} has no main`);
  const { modulesRules: _, assets, ...options } = workerOptions as ConfiguredWorker;
  const entry = resolve(dirname(configPath), main);
  const patterns = assets === undefined ? undefined : workerFirstPatterns(assets);
  const contents = await bundle(entry, patterns, define);
  const assetsName = `${name}-assets`;
  const worker = {
    ...options,
    name,
    modules: [{ type: "ESModule", path: `${entry}.bundle.mjs`, contents }],
    unsafeDirectSockets: [{ host, port }],
    ...(assets === undefined
      ? {}
      : {
          serviceBindings: {
            ...options.serviceBindings,
            [ASSETS_BINDING]: assetsName,
            ...(assets.binding === undefined ? {} : { [assets.binding]: assetsName }),
          },
        }),
  } as V4WorkerOptions;
  if (assets === undefined) return [worker];
  return [worker, assetsWorker(assetsName, options.compatibilityDate, assets)];
}

/** As much of wrangler's untyped result as is looked at here. */
interface ConfiguredWorker {
  readonly modulesRules?: unknown;
  readonly compatibilityDate?: string;
  readonly serviceBindings?: Readonly<Record<string, unknown>>;
  readonly assets?: WorkerAssets;
}

interface WorkerAssets {
  readonly directory: string;
  readonly binding?: string;
  readonly run_worker_first?: boolean | readonly string[];
}

/** Answers 404 itself, so that the asking Worker knows what is not an asset. */
function assetsWorker(
  name: string,
  compatibilityDate: string | undefined,
  assets: WorkerAssets,
): V4WorkerOptions {
  return {
    name,
    compatibilityDate,
    modules: [
      {
        type: "ESModule",
        path: "no-asset.mjs",
        contents: "export default { fetch: () => new Response(null, { status: 404 }) };",
      },
    ],
    assets: {
      ...assets,
      binding: undefined,
      run_worker_first: false,
      routerConfig: { has_user_worker: true },
    },
  } as unknown as V4WorkerOptions;
}

function workerFirstPatterns(assets: WorkerAssets): string[] {
  const first = assets.run_worker_first ?? [];
  if (typeof first === "boolean") return first ? ["/*"] : [];
  return [...first];
}

async function bundle(
  entry: string,
  patterns: readonly string[] | undefined,
  define: Record<string, string> | undefined,
): Promise<string> {
  const result = await build({
    ...(patterns === undefined
      ? { entryPoints: [entry] }
      : { stdin: { contents: withAssets(entry, patterns), resolveDir: dirname(entry) } }),
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    loader: { ".html": "text", ".txt": "text", ".sql": "text", ".svg": "text" },
    define: { ...define },
    write: false,
    sourcemap: "inline",
    logLevel: "silent",
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error(`${entry} gave no bundle`);
  return file.text;
}

/** The Worker, with assets asked first where the configuration does not say otherwise. */
function withAssets(entry: string, patterns: readonly string[]): string {
  return `
import worker from ${JSON.stringify(entry)};
export * from ${JSON.stringify(entry)};
const workerFirst = ${JSON.stringify(patterns.map(patternSource))}.map((source) => new RegExp(source));
export default {
  ...worker,
  async fetch(request, env, context) {
    if (request.method === "GET" || request.method === "HEAD") {
      const { pathname, search } = new URL(request.url);
      if (pathname.startsWith("${SIMULATION_PATH}/") && env.${SIMULATION_BINDING} !== undefined) {
        const path = pathname.slice(${SIMULATION_PATH.length}) + search;
        return env.${SIMULATION_BINDING}.fetch(new URL(path, request.url), { headers: request.headers });
      }
      if (!workerFirst.some((pattern) => pattern.test(pathname))) {
        const asset = await env.${ASSETS_BINDING}.fetch(request);
        if (asset.status !== 404) return asset;
      }
    }
    return worker.fetch(request, env, context);
  },
};
`;
}

function patternSource(pattern: string): string {
  const escaped = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
  return `^${escaped.replaceAll("*", ".*")}$`;
}
