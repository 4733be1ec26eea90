/** Modules on disk: what they were built from, and what is none. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { isStale } from "../../src/compile/index.ts";
import { DataflowEngine } from "../../src/engine/index.ts";

test.each(["engine/poison", "node/relay"])(
  "the tests' module %s is built from its YAML (else: node packages/sdf/src/compile/build.ts packages/sdf/test/<folder>)",
  async (folder) => {
    expect(await isStale(fileURLToPath(new URL(`../${folder}`, import.meta.url)))).toBe(false);
  },
);

test("a module that is no dataflow is refused with what to do", async () => {
  const empty = await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
  expect(() => new DataflowEngine(empty)).toThrow(/no section sdf\.plan.*npm run build/);
});
