/** Readers of a topic that begin with the same function of a package: it is called once per record. */
import { expect, test } from "vitest";
import { generateCrate } from "../../src/compile/generate.ts";
import { parseDataflow } from "../../src/document/index.ts";

const FILES: Readonly<Record<string, string>> = {
  "../tools/sdf-package.yaml": `apiVersion: 0.6.0
meta: { name: tools, version: 0.1.0, namespace: test }
functions:
  shout: { operator: map, inputs: [{ name: text, type: string }], output: { type: string } }
  whisper: { operator: map, inputs: [{ name: text, type: string }], output: { type: string } }
`,
  "../tools/rust/tools/src/shout.rs":
    "pub fn shout(text: String) -> Result<String> { Ok(text.to_uppercase()) }\n",
  "../tools/rust/tools/src/whisper.rs":
    "pub fn whisper(text: String) -> Result<String> { Ok(text.to_lowercase()) }\n",
};

function calls(first: string, second: string): number {
  const service = (name: string, uses: string): string => `  ${name}:
    sources: [{ type: topic, id: in }]
    transforms:
      - operator: map
        uses: ${uses}
    sinks: [{ type: topic, id: out }]
`;
  const text = `apiVersion: 0.6.0
meta: { name: sample, version: 0.1.0, namespace: test }
config: { converter: json }
imports:
  - pkg: test/tools@0.1.0
    functions: [{ name: shout }, { name: whisper }]
dev:
  imports:
    - { pkg: test/tools@0.1.0, path: ../tools }
topics:
  in: { schema: { value: { type: string } } }
  out: { schema: { value: { type: string } } }
services:
${service("one", first)}${service("two", second)}`;
  const parsed = parseDataflow(text, { file: "dataflow.yaml", readFile: (path) => FILES[path] });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  const lib = generateCrate(parsed.dataflow).files.get("lib.rs") ?? "";
  return lib.match(/crate::op\d+::__call\(/g)?.length ?? 0;
}

test("the same map is called once, another one by itself", () => {
  expect(calls("shout", "shout")).toBe(1);
  expect(calls("shout", "whisper")).toBe(2);
});
