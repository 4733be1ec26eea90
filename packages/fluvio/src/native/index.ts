/**
 * Loads the native client `@fluvio/client`, where it is installed, as an ES module.
 *
 * Its package ships TypeScript and compiles it in a postinstall, with whatever TypeScript the
 * project has; versions from 7 on refuse its settings, and npm 12 does not run the script at all.
 * So nothing here depends on the postinstall: when the package has no `dist/index.js`, its one
 * source file is stripped of its types by Node itself. The native binary is used as it is.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire, stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import type { NativeModule } from "./types.ts";

export type {
  NativeAdmin,
  NativeClient,
  NativeConsumer,
  NativeModule,
  NativeOffset,
  NativeProducer,
  NativeRecord,
} from "./types.ts";

/** The package, and the version that is tested. */
export const NATIVE_PACKAGE = "@fluvio/client";
export const NATIVE_VERSION = "0.14.9";

/**
 * Loads the native client.
 * @param from folder whose `node_modules` (or a parent's) holds the package
 * @returns `undefined` when it is not installed, or has no binary for this platform
 */
export async function loadNativeClient(from: string): Promise<NativeModule | undefined> {
  const require = createRequire(join(from, "package.json"));
  const root = packageRoot(require);
  if (root === undefined) return undefined;
  const platform = process.platform === "darwin" ? "darwin" : "linux";
  const isBuilt = process.platform !== "win32" && (platform === "darwin" || process.arch === "x64");
  if (!isBuilt || !existsSync(join(root, "dist", platform, "index.node"))) return undefined;
  if (existsSync(join(root, "dist", "index.js"))) return require(root) as NativeModule;
  return (await import(await strippedModule(root))) as NativeModule;
}

function packageRoot(require: NodeJS.Require): string | undefined {
  try {
    return dirname(require.resolve(`${NATIVE_PACKAGE}/package.json`));
  } catch {
    return undefined;
  }
}

/** The package's source without types, as a module that requires its binary; no file is written. */
async function strippedModule(root: string): Promise<string> {
  const source = await readFile(join(root, "src", "index.ts"), "utf8");
  const code = stripTypeScriptTypes(source, { mode: "transform" });
  const anchor = JSON.stringify(join(root, "dist", "index.js"));
  const head = `import { createRequire } from "node:module"; const require = createRequire(${anchor});`;
  return `data:text/javascript;base64,${Buffer.from(`${head}\n${code}`).toString("base64")}`;
}
