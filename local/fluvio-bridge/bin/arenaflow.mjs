#!/usr/bin/env node
// The command line's front door. Plain JavaScript that any Node can read: it sees to it that the
// rest, which is TypeScript, runs on a Node that can.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The first version that runs TypeScript as it is; Wrangler needs 22.12. */
const NODE_MIN = [22, 18];

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) await run();
else runWithOwnNode();

async function run() {
  try {
    const { main } = await import("../src/cli/main.ts");
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    if (error?.message?.startsWith("Cannot find package") !== true) throw error;
    process.stderr.write(
      `arenaflow: ${error.message}\nThe project's packages are not installed. Run: npm ci\n`,
    );
    process.exitCode = 1;
  }
}

/** `npm ci` has brought a newer Node along, as the package `node`. */
function runWithOwnNode() {
  const node = ownNode();
  if (node === undefined) {
    process.stderr.write(
      `arenaflow needs Node ${NODE_MIN.join(".")} or newer; this is ${process.versions.node}.\n` +
        "The project brings one along: run npm ci, then start with npm start or npx arenaflow.\n",
    );
    process.exitCode = 1;
    return;
  }
  const child = spawn(node, process.argv.slice(1), { stdio: "inherit" });
  // Both are in the terminal's group: the child hears a Ctrl-C itself and decides when to end.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => child.kill("SIGHUP"));
  child.on("exit", (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 1;
  });
}

function ownNode() {
  try {
    const root = dirname(createRequire(import.meta.url).resolve("node/package.json"));
    return ["bin/node", "bin/node.exe"].map((path) => join(root, path)).find(existsSync);
  } catch {
    return undefined;
  }
}
