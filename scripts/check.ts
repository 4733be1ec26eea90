/** `npm run check`: format, lint with the import boundaries, types, dead code, stale dataflows. */
import { runAll, type Step } from "./run.ts";

const TYPED = [
  ".",
  "packages/events",
  "packages/fluvio",
  "packages/sdf",
  "packages/simulation",
  "workers/ingest",
  "workers/generator",
  "local/fluvio-bridge",
  "dashboard",
];

const STEPS: readonly Step[] = [
  { name: "format", command: ["oxfmt", "--check", "."] },
  { name: "lint", command: ["oxlint", "--type-aware", "--deny-warnings"] },
  ...TYPED.map((project): Step => ({
    name: `types ${project}`,
    command: ["tsc", "-p", project],
  })),
  { name: "dead code", command: ["knip"] },
  { name: "reference pages", command: ["node", "scripts/docs.ts", "--check"] },
  { name: "dataflows built", command: ["node", "scripts/build.ts", "--check"] },
];

const ok = await runAll(STEPS, ({ step, ok: passed, output, durationMs }) => {
  const seconds = (durationMs / 1000).toFixed(1);
  console.log(`${passed ? "✓" : "✗"} ${step.name} (${seconds} s)`);
  if (!passed) console.log(output.trimEnd());
});
if (!ok) process.exitCode = 1;
