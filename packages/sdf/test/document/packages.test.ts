/** Packages by path: their types and functions become part of the dataflow. */
import { describe, expect, test } from "vitest";
import { formatProblem, parseDataflow } from "../../src/document/index.ts";

const DATAFLOW = `apiVersion: 0.5.0
meta: { name: sample, version: 0.1.0, namespace: test }
config: { converter: json }
imports:
  - pkg: test/words@0.1.0
    types: [{ name: word }]
    functions: [{ name: split-up, alias: split }]
dev:
  imports:
    - { pkg: test/words@0.1.0, path: ../words }
topics:
  in: { schema: { value: { type: string } } }
  out: { schema: { value: { type: word } } }
services:
  first:
    sources: [{ type: topic, id: in }]
    transforms:
      - operator: flat-map
        uses: split
    sinks: [{ type: topic, id: out }]
`;
const FILES: Readonly<Record<string, string>> = {
  "../words/sdf-package.yaml": `apiVersion: 0.5.0
meta: { name: words, version: 0.1.0, namespace: test }
types:
  word: { type: object, properties: { text: { type: string } } }
functions:
  split-up:
    operator: flat-map
    inputs: [{ name: text, type: string }]
    output: { type: word }
`,
  "../words/rust/words/src/split_up.rs": `use sdfg::anyhow::Result;
use sdfg::sdf;
use crate::bindings::test::words::Word;

fn helper(text: &str) -> Word { Word { text: text.to_string() } }

#[sdf(fn_name = "split-up")]
pub(crate) fn split_up(text: String) -> Result<Vec<Word>> {
    Ok(text.split(' ').map(helper).collect())
}
`,
};

const parse = (text: string, files = FILES) =>
  parseDataflow(text, { file: "dataflow.yaml", readFile: (path) => files[path] });
const problems = (text: string, files = FILES): string => {
  const result = parse(text, files);
  return "problems" in result ? result.problems.map(formatProblem).join("\n") : "";
};

describe("a package", () => {
  test("gives types, and functions with the code of their file", () => {
    const result = parse(DATAFLOW);
    if ("problems" in result) throw new Error(problems(DATAFLOW));
    expect(result.dataflow.types.map((type) => type.rustName)).toEqual(["Word"]);
    const operator = result.dataflow.services[0]?.transforms[0];
    expect(operator).toMatchObject({
      codeFile: "../words/rust/words/src/split_up.rs",
      codeLine: 1,
      signature: { name: "split_up", output: "Vec<Word>" },
    });
    // SDF's own attributes are gone, lines stay where they are.
    expect(operator?.code.map((line) => line.trim()).slice(0, 8)).toEqual([
      "use sdfg::anyhow::Result;",
      "",
      "",
      "",
      "fn helper(text: &str) -> Word { Word { text: text.to_string() } }",
      "",
      "",
      "pub(crate) fn split_up(text: String) -> Result<Vec<Word>> {",
    ]);
  });

  test("gives a function the modules that it names, behind its own lines", () => {
    const file = "../words/rust/words/src/split_up.rs";
    const text = (FILES[file] ?? "")
      .replace("use sdfg::sdf;", "use crate::cut::at_spaces;")
      .replace("text.split(' ')", "at_spaces(&text)");
    const module = "pub fn at_spaces(text: &str) -> Vec<&str> { text.split(' ').collect() }";
    const files = { ...FILES, [file]: text, "../words/rust/words/src/cut.rs": module };
    const result = parse(DATAFLOW, files);
    if ("problems" in result) throw new Error(problems(DATAFLOW, files));
    const { code } = result.dataflow.services[0]?.transforms[0] ?? { code: [] };
    expect(code[1]).toBe("use self ::cut::at_spaces;");
    expect(code.slice(-4).join("\n").trim()).toBe(`mod cut {\n${module}\n}`);
    expect(problems(DATAFLOW, { ...FILES, [file]: text })).toContain(
      "uses a module of the package whose file cannot be read",
    );
  });

  test.each([
    [
      "uses: split\n",
      "uses: splitt\n",
      '19:15: no imported function "splitt"\n  hint: did you mean "split"?',
    ],
    ["operator: flat-map", "operator: map", '19:15: "split" is a flat-map, not a map'],
    [
      "name: split-up",
      "name: split-upp",
      '7:17: the package has no function "split-upp"\n  hint: did you mean "split-up"?',
    ],
    ["path: ../words", "path: ../wordz", "../wordz/sdf-package.yaml cannot be read"],
    [
      "dev:\n  imports:\n    - { pkg: test/words@0.1.0, path: ../words }\n",
      "",
      'no path for the package "test/words@0.1.0"',
    ],
    [
      "in: { schema: { value: { type: string",
      "in: { schema: { value: { type: u8",
      "19:15: split_up takes String, but gets u8",
    ],
  ])("%j -> %j", (part, by, expected) => {
    expect(DATAFLOW).toContain(part);
    expect(problems(DATAFLOW.replace(part, by))).toContain(expected);
  });

  test("that uses a public crate is refused where it is imported", () => {
    const files = {
      ...FILES,
      "../words/rust/words/Cargo.toml":
        '[dependencies]\nserde = "1"\nsdfg = "0.13"\nregex-lite = { version = "1" }\n[dev-dependencies]\ncore = "1"\n',
    };
    expect(problems(DATAFLOW, files)).toBe("");
    const file = "../words/rust/words/src/split_up.rs";
    const text = (FILES[file] ?? "").replace("text.to_string()", "regex_lite::escape(text)");
    expect(problems(DATAFLOW, { ...files, [file]: text })).toBe(
      `dataflow.yaml:7:17: ${file}:5:46: the public crate regex_lite is not supported\n  hint: operators have Rust's standard library: write it with that, or move the work to a service of your own`,
    );
  });

  test("whose states are unknown, or are not as the service has them, is refused", () => {
    const file = "../words/sdf-package.yaml";
    const states =
      "states: { seen: { type: keyed-state, properties: { key: { type: string }, value: { type: u32 } } } }\n";
    const files = {
      ...FILES,
      [file]: `${states}${FILES[file] ?? ""}    states: [{ name: seen }]\n`,
    };
    const imported = DATAFLOW.replace("types: [{ name: word }]", "states: [{ name: seen }]");
    expect(problems(imported, files)).toBe("");
    expect(problems(imported.replace("name: seen", "name: sen"), files)).toContain(
      'dataflow.yaml:6:14: the package has no state "sen"; did you mean "seen"?',
    );
    expect(
      problems(imported, { ...files, [file]: files[file].replace("name: seen", "name: se") }),
    ).toContain(`${file}:11:14: the package has no state "se"`);
    const own = imported.replace(
      "    transforms:",
      "    states: { seen: { type: keyed-state, properties: { key: { type: string }, value: { type: u64 } } } }\n    transforms:",
    );
    expect(problems(own, files)).toContain(
      'dataflow.yaml:17:15: state "seen" is not as split_up of the package has it\n  hint: leave it out',
    );
    expect(problems(own.replace("u64", "u32"), files)).toBe("");
  });

  test("what is wrong in a package says where in the package", () => {
    const text = (FILES["../words/sdf-package.yaml"] ?? "").replace(
      "type: string }",
      "type: strin }",
    );
    expect(problems(DATAFLOW, { ...FILES, "../words/sdf-package.yaml": text })).toContain(
      '../words/sdf-package.yaml:4:53: unknown type "strin"',
    );
  });
});
