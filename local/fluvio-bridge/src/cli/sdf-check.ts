/** `arenaflow sdf check`: says what is wrong with dataflows, and where. */
import { checkDataflow, isStale } from "@arenaflow/sdf/compile";
import { formatProblem, type Problem } from "@arenaflow/sdf/document";
import { join } from "node:path";
import type { Target } from "./sdf-targets.ts";

export async function check(targets: readonly Target[]): Promise<number> {
  let right = true;
  for (const target of targets) {
    const checked = await checkDataflow(target.dir);
    if ("problems" in checked) {
      printProblems(target, checked.problems);
      right = false;
      continue;
    }
    const { name, services, version } = checked.dataflow;
    const count = `${services.length} ${services.length === 1 ? "service" : "services"}`;
    const built = (await isStale(target.dir)) ? "; dataflow.wasm is not built from it" : "";
    console.log(`✓ ${target.shown}: ${name} ${version}, ${count}${built}`);
  }
  return right ? 0 : 1;
}

/** One problem a line, `file:line:column: message`, as editors understand it. */
export function printProblems(target: Target, problems: readonly Problem[]): void {
  for (const problem of problems) {
    console.error(formatProblem({ ...problem, file: join(target.shown, problem.file) }));
  }
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  console.error(`✗ ${target.shown}: ${count}`);
}
