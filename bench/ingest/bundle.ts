/** The Worker's bundle, as it is deployed. */
import { dirname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { unstable_getMiniflareWorkerOptions } from "wrangler";

export const CONFIG = join(import.meta.dirname, "../../wrangler.toml");

export async function bundle({ minify = false } = {}): Promise<string> {
  const { main } = unstable_getMiniflareWorkerOptions(CONFIG);
  if (main === undefined) throw new Error(`${CONFIG} has no main`);
  const result = await build({
    entryPoints: [resolve(dirname(CONFIG), main)],
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    loader: { ".html": "text" },
    write: false,
    minify,
    logLevel: "silent",
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new Error("esbuild gave no bundle");
  return file.text;
}

/** Size of the minified bundle after gzip, in units of 1000 bytes. */
export async function bundleGzipKb(): Promise<number> {
  return Math.round(gzipSync(await bundle({ minify: true })).byteLength / 100) / 10;
}
