/** `arenaflow sdf test`: runs the tests that dataflows bring along. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runDataflowTests } from "@arenaflow/sdf/node";
import type { Target } from "./sdf-targets.ts";

export async function test(targets: readonly Target[]): Promise<number> {
  let passed = 0;
  let failed = 0;
  for (const { dir, shown } of targets) {
    if (!existsSync(join(dir, "dataflow.test.yaml"))) {
      console.log(`– ${shown}: no dataflow.test.yaml`);
      continue;
    }
    console.log(shown);
    const results = await runDataflowTests(dir, ({ message }) => console.error(message));
    for (const result of results) {
      console.log(`  ${result.passed ? "✓" : "✗"} ${result.name}`);
      if (!result.passed) console.log(result.report.replaceAll(/^/gm, "      "));
      if (result.passed) passed += 1;
      else failed += 1;
    }
  }
  const total = failed === 0 ? `${passed} passed` : `${failed} failed, ${passed} passed`;
  console.log(total);
  return failed === 0 ? 0 : 1;
}
