/** Building: rustc's errors in terms of the YAML, the sections of a module, staleness, toolchains. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  buildDataflow,
  buildText,
  findRustc,
  inputsHash,
  isStale,
  ToolchainError,
} from "../../src/compile/index.ts";
import { appendSection, readSection } from "../../src/compile/wasm-section.ts";
import { BUILD_TIMEOUT_MS, haveRustc } from "./toolchain.ts";

const YAML = (body: string): string => `apiVersion: 0.5.0
meta: { name: small, version: 0.1.0, namespace: test }
config: { converter: json }
topics:
  in: { schema: { value: { type: string } } }
  out: { schema: { value: { type: string } } }
services:
  only:
    sources: [{ type: topic, id: in }]
    transforms:
      - operator: map
        run: |
          fn upper(text: String) -> Result<String> {
            ${body}
          }
    sinks: [{ type: topic, id: out }]
`;
const GOOD = YAML("Ok(text.to_uppercase())");

describe("sections of a module", () => {
  const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

  test("are appended and read back, also long ones", () => {
    const long = "x".repeat(70_000);
    const wasm = appendSection(appendSection(empty, "a", long), "b", "short");
    expect(WebAssembly.validate(new Uint8Array(wasm))).toBe(true);
    expect([readSection(wasm, "a"), readSection(wasm, "b"), readSection(wasm, "c")]).toEqual([
      long,
      "short",
      undefined,
    ]);
  });
});

describe("toolchain", () => {
  test("a rustc that is not there is named, with what to do", async () => {
    await expect(findRustc("/nowhere/rustc")).rejects.toThrow(ToolchainError);
    await expect(findRustc("/nowhere/rustc")).rejects.toMatchObject({ code: "no_rustc" });
    await expect(findRustc("/nowhere/rustc")).rejects.toThrow(
      "rustup target add wasm32-unknown-unknown",
    );
  });

  test("a program that is no rustc is not taken for one", async () => {
    await expect(findRustc("/bin/true")).rejects.toMatchObject({ code: "no_rustc" });
  });
});

describe.skipIf(!haveRustc)("building (needs rustc with the Wasm target)", () => {
  const dir = mkdtempSync(join(tmpdir(), "arenaflow-build-test-"));

  beforeAll(() => {
    writeFileSync(join(dir, "dataflow.yaml"), GOOD);
  });
  afterAll(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  test(
    "a compile error has the line and column of dataflow.yaml",
    { timeout: BUILD_TIMEOUT_MS },
    async () => {
      const result = await buildText(YAML("let n: u32 = text; Ok(n.to_string())"));
      expect("problems" in result && result.problems).toMatchObject([
        {
          file: "dataflow.yaml",
          line: 14,
          column: 26,
          message: expect.stringContaining("mismatched types") as string,
        },
      ]);
    },
  );

  test(
    "every mistake of one pass is told, each at its place",
    { timeout: BUILD_TIMEOUT_MS },
    async () => {
      const result = await buildText(
        YAML("let _a: u8 = 300_000u32;\n            let _b: bool = 1;\n            Ok(text)"),
      );
      expect("problems" in result && result.problems.map((p) => [p.line, p.column])).toEqual([
        [14, 26],
        [15, 28],
      ]);
    },
  );

  test(
    "a module carries plan and hash, and is stale when its document changes",
    { timeout: BUILD_TIMEOUT_MS },
    async () => {
      expect(await isStale(dir)).toBe(true);
      const result = await buildDataflow(dir, { release: false });
      if ("problems" in result) throw new Error(JSON.stringify(result.problems));
      writeFileSync(join(dir, "dataflow.wasm"), result.wasm);
      expect(await isStale(dir)).toBe(false);
      expect(result.hash).toBe(await inputsHash(dir));
      const module = new WebAssembly.Module(readFileSync(join(dir, "dataflow.wasm")));
      const plan = JSON.parse(
        Buffer.from(
          WebAssembly.Module.customSections(module, "sdf.plan")[0] ?? new ArrayBuffer(0),
        ).toString(),
      ) as unknown;
      expect(plan).toEqual(result.plan);
      expect(result.plan).toMatchObject({
        abi: 1,
        name: "small",
        sources: [{ topic: "in", start: { position: "end", value: 0 } }],
        sinks: [{ topic: "out" }],
        operators: [
          { id: 0, kind: "source", line: 9 },
          { id: 1, service: "only", kind: "map", name: "upper", line: 11 },
        ],
      });
      expect(WebAssembly.Module.exports(module).map((e) => e.name)).toContain("__stack_pointer");
      // No path of this machine in what is checked in.
      expect(Buffer.from(result.wasm).includes(tmpdir())).toBe(false);
      writeFileSync(join(dir, "dataflow.yaml"), YAML("Ok(text)"));
      expect(await isStale(dir)).toBe(true);
    },
  );

  test(
    "a mistake in a package's function is told in its own file",
    { timeout: BUILD_TIMEOUT_MS },
    async () => {
      const files: Record<string, string> = {
        "pkg/sdf-package.yaml":
          "apiVersion: 0.5.0\nmeta: { name: tools }\nfunctions:\n  shout: { operator: map, inputs: [], output: { type: string } }\n",
        "pkg/rust/tools/src/shout.rs":
          "pub fn shout(text: String) -> Result<String> {\n    Ok(text.len())\n}\n",
      };
      const yaml = GOOD.replace(/run: \|\n[\s\S]*? {10}\}\n/, "uses: shout\n").replace(
        "topics:",
        "imports: [{ pkg: t/tools, functions: [{ name: shout }] }]\ndev: { imports: [{ pkg: t/tools, path: pkg }] }\ntopics:",
      );
      const result = await buildText(yaml, { readFile: (path) => files[path] });
      expect("problems" in result && result.problems).toMatchObject([
        { file: "pkg/rust/tools/src/shout.rs", line: 2, column: 8 },
      ]);
    },
  );
});
