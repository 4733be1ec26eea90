/**
 * Installs the native client beside the project, not into it: `.arenaflow/native-client`. Its
 * postinstall is not run (see src/native), so this works with every npm and TypeScript.
 *
 *   node packages/fluvio/scripts/install-native-client.ts
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { NATIVE_PACKAGE, NATIVE_VERSION } from "../src/native/index.ts";

const dir = new URL("../../../.arenaflow/native-client/", import.meta.url);
mkdirSync(dir, { recursive: true });
writeFileSync(new URL("package.json", dir), '{ "private": true }\n');
const { status } = spawnSync(
  "npm",
  ["install", "--ignore-scripts", "--no-package-lock", `${NATIVE_PACKAGE}@${NATIVE_VERSION}`],
  { cwd: dir, stdio: "inherit", shell: process.platform === "win32" },
);
process.exitCode = status ?? 1;
