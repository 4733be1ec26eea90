/** Every case of every dataflow.test.yaml of the repository. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { findDataflows, runDataflowTests } from "../../src/node/index.ts";

const ROOT = fileURLToPath(new URL("../../../../dataflows", import.meta.url));

for (const name of await findDataflows(ROOT)) {
  const warnings: string[] = [];
  const results = await runDataflowTests(join(ROOT, name), ({ message }) => warnings.push(message));
  describe(name, () => {
    test("its module is built from its YAML", () => {
      expect(warnings).toEqual([]);
    });
    test.each(results)("$name", ({ report }) => {
      expect(report, report).toBe("");
    });
  });
}
