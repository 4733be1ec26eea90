/** Is there a Graphite on this machine? Debian's packages, or the same modules for its python3. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import type { Problem } from "../stack-error.ts";

/** Debian's own: another Python on the PATH does not see Debian's packages. */
export const PYTHON = "/usr/bin/python3";
export const CARBON_CACHE = "/usr/bin/carbon-cache";
export const GRAPHITE_MANAGE = "/usr/bin/graphite-manage";
const IMPORT_MS_MAX = 20_000;

/** How one gets it where packages are Debian's. */
export const INSTALL_GRAPHITE =
  "apt-get install --no-install-recommends graphite-carbon graphite-web gunicorn";

/** @returns what is missing for a local Graphite, in words; `undefined` when all is there */
export async function missingGraphite(): Promise<Problem | undefined> {
  const missing = [PYTHON, CARBON_CACHE, GRAPHITE_MANAGE].filter((path) => !existsSync(path));
  if (missing.length === 0) {
    const modules = "import carbon, graphite, whisper, gunicorn";
    try {
      await promisify(execFile)(PYTHON, ["-c", modules], { timeout: IMPORT_MS_MAX });
      return undefined;
    } catch (error) {
      missing.push(/ModuleNotFoundError: (.+)/.exec(String(error))?.[1] ?? "Graphite's modules");
    }
  }
  return {
    what: `A local Graphite needs carbon and graphite-web, and there is no ${missing.join(", ")}.`,
    next: `Install it: ${INSTALL_GRAPHITE} (Debian, Ubuntu), or use another one: npm start -- --graphite HOST:2003`,
  };
}
