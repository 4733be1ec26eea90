/** The tables inside the dataflows are those of the catalog. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

test("the dataflows hold what catalog/ says now", () => {
  const check = (): string =>
    execFileSync(process.execPath, ["scripts/embed-catalog.ts", "--check"], {
      cwd: ROOT,
      encoding: "utf8",
    });
  expect(check).not.toThrow();
});
