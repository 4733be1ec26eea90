/**
 * Installs Polars beside the project, not into it: `.arenaflow/oracles`. The SQL of compiled dataflows
 * is tested against it, query by query.
 *
 *   node packages/sdf/scripts/install-oracles.ts
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";

const VERSION = "0.26.1";
/** Named outright: npm silently leaves out an optional package whose `engines` it does not meet. */
const PLATFORMS: Readonly<Record<string, string>> = {
  "linux-x64": "linux-x64-gnu",
  "linux-arm64": "linux-arm64-gnu",
  "darwin-x64": "darwin-x64",
  "darwin-arm64": "darwin-arm64",
  "win32-x64": "win32-x64-msvc",
};

const here = `${process.platform}-${process.arch}`;
const platform = PLATFORMS[here];
if (platform === undefined) {
  process.stderr.write(
    `nodejs-polars has no binary for ${here}; the tests against it are skipped.\n`,
  );
  process.exit(1);
}
const dir = new URL("../../../.arenaflow/oracles/", import.meta.url);
mkdirSync(dir, { recursive: true });
writeFileSync(new URL("package.json", dir), '{ "private": true }\n');
const packages = ["nodejs-polars", `nodejs-polars-${platform}`].map((name) => `${name}@${VERSION}`);
const { status } = spawnSync(
  "npm",
  ["install", "--force", "--ignore-scripts", "--no-package-lock", ...packages],
  { cwd: dir, stdio: "inherit", shell: process.platform === "win32" },
);
process.exitCode = status ?? 1;
