/** `arenaflow sdf build`: dataflow.yaml to dataflow.wasm. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildDataflow, isStale } from "@arenaflow/sdf/compile";
import { printProblems } from "./sdf-check.ts";
import type { Target } from "./sdf-targets.ts";

/** @throws ToolchainError, whose message says how to get what is missing */
export async function build(
  targets: readonly Target[],
  { force }: { readonly force: boolean },
): Promise<number> {
  let built = true;
  for (const target of targets) {
    if (!force && !(await isStale(target.dir))) {
      console.log(`✓ ${target.shown}: up to date`);
      continue;
    }
    const started = performance.now();
    const result = await buildDataflow(target.dir);
    if ("problems" in result) {
      printProblems(target, result.problems);
      built = false;
      continue;
    }
    await writeFile(join(target.dir, "dataflow.wasm"), result.wasm);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const kib = Math.round(result.wasm.length / 1024);
    console.log(`✓ ${target.shown}: ${kib} KiB in ${seconds} s`);
  }
  return built ? 0 : 1;
}
