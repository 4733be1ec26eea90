/** The dashboard's build: made when it is missing or older than its sources. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { PROJECT } from "./layout.ts";
import { StackError } from "./stack-error.ts";

const BUILD_MS_MAX = 60_000;
const OUTPUT_CHARS_SHOWN = 2_000;
const DIST_DIR = dirname(PROJECT.dashboardPage);
const NOT_SOURCES = new Set(["dist", "node_modules", "test"]);

/** Is there a build, if perhaps an old one? */
export function dashboardIsBuilt(): boolean {
  return existsSync(PROJECT.dashboardPage);
}

/** Is the build missing or out of date? */
export function dashboardNeedsBuild(): boolean {
  const builtMs = statSync(PROJECT.dashboardPage, { throwIfNoEntry: false })?.mtimeMs;
  return builtMs === undefined || newestMs(PROJECT.dashboardDir) > builtMs;
}

/**
 * Builds it with vite, beside the old one, and then puts it in its place: another stack may be
 * serving, or building, the same folder.
 * @throws {StackError} with vite's own words
 */
export async function buildDashboard(): Promise<void> {
  const outDir = join(PROJECT.dashboardDir, "node_modules", `.dist-${process.pid}`);
  try {
    await runVite(outDir);
    rmSync(DIST_DIR, { recursive: true, force: true });
    renameSync(outDir, DIST_DIR);
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

async function runVite(outDir: string): Promise<void> {
  const require = createRequire(join(PROJECT.dashboardDir, "package.json"));
  const vite = join(dirname(require.resolve("vite/package.json")), "bin/vite.js");
  try {
    await promisify(execFile)(
      process.execPath,
      [vite, "build", "--logLevel", "warn", "--outDir", outDir, "--emptyOutDir"],
      {
        cwd: PROJECT.dashboardDir,
        timeout: BUILD_MS_MAX,
        env: { ...process.env, NODE_ENV: "production" },
      },
    );
  } catch (cause) {
    const { stdout = "", stderr = "" } = cause as { stdout?: string; stderr?: string };
    const said = wordsOf(`${stdout}${stderr}`);
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

/** What a person needs of vite's output: no colours, no stack of its own functions. */
function wordsOf(output: string): string {
  const lines = stripVTControlCharacters(output)
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^\s+at /.test(line));
  return lines.join("\n").slice(0, OUTPUT_CHARS_SHOWN);
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
