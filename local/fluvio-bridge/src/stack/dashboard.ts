/** The dashboard's build: made when it is missing or older than its sources. */
import { execFile } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { PROJECT } from "./layout.ts";
import { StackError } from "./stack-error.ts";

const BUILD_MS_MAX = 60_000;
const OUTPUT_CHARS_SHOWN = 2_000;
const NOT_SOURCES = new Set(["dist", "node_modules", "test"]);

/** Is there something to build, and is the build missing or out of date? */
export function dashboardNeedsBuild(): boolean {
  const builtMs = statSync(PROJECT.dashboardPage, { throwIfNoEntry: false })?.mtimeMs;
  return builtMs === undefined || newestMs(PROJECT.dashboardDir) > builtMs;
}

/** Builds it with vite. @throws {StackError} with vite's own words */
export async function buildDashboard(): Promise<void> {
  const require = createRequire(join(PROJECT.dashboardDir, "package.json"));
  const vite = join(dirname(require.resolve("vite/package.json")), "bin/vite.js");
  try {
    await promisify(execFile)(process.execPath, [vite, "build", "--logLevel", "warn"], {
      cwd: PROJECT.dashboardDir,
      timeout: BUILD_MS_MAX,
      env: { ...process.env, NODE_ENV: "production", FORCE_COLOR: "0" },
    });
  } catch (cause) {
    const { stdout = "", stderr = "" } = cause as { stdout?: string; stderr?: string };
    const said = `${stdout}${stderr}`.trim().slice(-OUTPUT_CHARS_SHOWN);
    throw new StackError(
      [
        {
          what: `The dashboard cannot be built:\n${said}`,
          next: "Fix it, or check with: npm run build -w dashboard",
        },
      ],
      { cause },
    );
  }
}

function newestMs(dir: string): number {
  let newest = 0;
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (NOT_SOURCES.has(entry.name)) continue;
    const path = join(dir, entry.name);
    const ms = entry.isDirectory() ? newestMs(path) : statSync(path).mtimeMs;
    newest = Math.max(newest, ms);
  }
  return newest;
}
