/**
 * `npm run build`: dataflows to Wasm (needs rustc), the dashboard, and a dry run of both Workers.
 * `--check` builds nothing and fails when a checked-in dataflow.wasm is older than what makes it.
 * `--dataflows` builds only the dataflows.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isStale } from "@arenaflow/sdf/compile";
import { ROOT, run, type Step } from "./run.ts";

const dataflows = readdirSync(join(ROOT, "dataflows"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => join("dataflows", entry.name))
  .filter((dir) => existsSync(join(ROOT, dir, "dataflow.yaml")));

/** Modules that no user runs: a test's and a benchmark's. */
const INTERNAL: readonly string[] = [
  "packages/sdf/test/engine/poison",
  "packages/sdf/test/node/relay",
  "bench/sdf/counts",
];

const BUILD_DATAFLOWS: Step = {
  name: "dataflows",
  command: ["node", "packages/sdf/src/compile/build.ts", ...dataflows, ...INTERNAL],
};
const BUILD_REST: readonly Step[] = [
  { name: "dashboard", command: ["npm", "run", "build", "-w", "dashboard"] },
  { name: "ingest", command: ["wrangler", "deploy", "--dry-run", "--outdir", "dist/ingest"] },
  {
    name: "generator",
    command: [
      "wrangler",
      "deploy",
      "--dry-run",
      "-c",
      "workers/generator/wrangler.toml",
      "--outdir",
      "dist/generator",
    ],
  },
];

async function check(): Promise<boolean> {
  const stale: string[] = [];
  for (const dir of [...dataflows, ...INTERNAL])
    if (await isStale(join(ROOT, dir))) stale.push(dir);
  for (const dir of stale) {
    console.error(`${dir}/dataflow.wasm was not built from what is here now: run "npm run build".`);
  }
  return stale.length === 0;
}

async function build(steps: readonly Step[]): Promise<boolean> {
  for (const step of steps) {
    console.log(`— ${step.name}`);
    if (!(await run(step)).ok) return false;
  }
  return true;
}

const only = process.argv.includes("--dataflows");
const ok = process.argv.includes("--check")
  ? await check()
  : await build(only ? [BUILD_DATAFLOWS] : [BUILD_DATAFLOWS, ...BUILD_REST]);
if (!ok) process.exitCode = 1;
