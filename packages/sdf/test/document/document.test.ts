/** What is wrong with a document is said with line, column and a hint. */
import { describe, expect, test } from "vitest";
import { formatProblem, parseDataflow, type Dataflow } from "../../src/document/index.ts";

const GOOD = `apiVersion: 0.5.0
meta:
  name: sample
  version: 0.1.0
  namespace: test
config:
  converter: json
types:
  car:
    type: object
    properties:
      maker: { type: string }
      mph: { type: u32, optional: true }
  cars: { type: list, items: { type: car } }
topics:
  in: { schema: { value: { type: car } } }
  out: { name: real-out, schema: { value: { type: string, converter: raw } } }
services:
  first:
    sources:
      - type: topic
        id: in
    transforms:
      - operator: map
        run: |
          fn maker(car: Car) -> Result<String> {
            Ok(car.maker)
          }
    sinks:
      - type: topic
        id: out
`;

function parse(text: string): Dataflow {
  const result = parseDataflow(text, { file: "dataflow.yaml" });
  if ("dataflow" in result) return result.dataflow;
  throw new Error(result.problems.map(formatProblem).join("\n"));
}

/** The problems of the document with one part replaced. */
function problems(part: string, by: string): string[] {
  expect(GOOD).toContain(part);
  const result = parseDataflow(GOOD.replace(part, by), { file: "dataflow.yaml" });
  return "problems" in result ? result.problems.map(formatProblem) : [];
}

describe("a document", () => {
  test("becomes types, topics and services", () => {
    const dataflow = parse(GOOD);
    expect(dataflow.types.map((type) => type.rustName)).toEqual(["Car", "Cars"]);
    expect(dataflow.topics.map((topic) => [topic.name, topic.converter])).toEqual([
      ["in", "json"],
      ["real-out", "raw"],
    ]);
    expect(dataflow.topics[0]?.start).toEqual({ position: "end", value: 0 });
    const operator = dataflow.services[0]?.transforms[0];
    expect(operator?.signature).toMatchObject({
      name: "maker",
      output: "String",
      at: { line: 26, column: 11 },
    });
    expect(operator?.code[0]).toBe("          fn maker(car: Car) -> Result<String> {");
    expect(operator?.codeLine).toBe(26);
  });

  test("takes anchors, and functions in quotes", () => {
    const quoted = GOOD.replace(
      /run: \|\n[\s\S]*?\n {10}\}\n/,
      'run: "fn maker(car: Car) -> Result<String> { Ok(car.maker) }"\n',
    );
    expect(parse(quoted).services[0]?.transforms[0]?.signature.at).toEqual({
      line: 25,
      column: 15,
    });
    const anchored = GOOD.replace(
      "in: { schema: { value: { type: car } } }",
      "in: { schema: &s { value: { type: car } } }\n  copy: { schema: *s }",
    );
    expect(parse(anchored).topics.map((topic) => topic.id)).toEqual(["in", "copy", "out"]);
  });

  test.each([
    [
      "type: string }\n      mph",
      "type: strng }\n      mph",
      'dataflow.yaml:12:22: unknown type "strng"\n  hint: did you mean "string"?',
    ],
    [
      "transforms:",
      "transform:",
      '23:5: unknown field "transform" in service "first"\n  hint: did you mean "transforms"?',
    ],
    [
      "operator: map",
      "operator: mapp",
      '24:19: unknown operator "mapp"\n  hint: did you mean "map"?',
    ],
    ["id: in", "id: inn", '22:13: unknown topic "inn"\n  hint: did you mean "in"?'],
    ["apiVersion: 0.5.0", "apiVersion: 0.9.0", '1:13: unknown apiVersion "0.9.0"'],
    [
      "in: { schema: { value: { type: car } } }",
      "in: { remote_cluster_profile: east, schema: { value: { type: car } } }",
      "remote_cluster_profile is not supported: all topics are of one cluster",
    ],
    ["car: Car)", "car: String)", "26:20: maker takes String, but gets Car"],
    ["-> Result<String>", "-> String", "26:33: maker must return a Result, not String"],
    ["-> Result<String>", "-> Result<u32>", '31:13: topic "out" takes String, but gets u32'],
    [
      "operator: map",
      "operator: filter",
      "26:33: filter maker must return Result<bool>, not Result<String>",
    ],
    [
      "operator: map",
      "operator: flat-map",
      "flat-map maker must return Result<Vec<…>>, not Result<String>",
    ],
    ["fn maker(car: Car)", "fn maker()", "26:11: map maker takes (value: Car)"],
    [
      "fn maker(car: Car)",
      "fn maker(key: String, car: Car)",
      "26:20: the key of maker must be an Option",
    ],
    [
      "value: { type: string, converter: raw }",
      "value: { type: car, converter: raw }",
      'topic "out" is raw, which Car cannot be',
    ],
    [
      "    transforms:\n",
      "    window: { tumbling: { duration: 5x } }\n    transforms:\n",
      'duration "5x" is not a duration',
    ],
    [
      "    transforms:\n",
      "    window: { sliding: { duration: 5s, slide: 6s } }\n    transforms:\n",
      "slide must not be longer than duration",
    ],
    [
      "    transforms:\n",
      "    states: { other: { from: first.nothing } }\n    transforms:\n",
      'service "first" has no state "nothing"',
    ],
    [
      "        run: |\n",
      "        dependencies: [{ name: regex }]\n        run: |\n",
      "25:9: dependencies on public crates are not supported",
    ],
    [
      "        run: |\n",
      "        lang: python\n        run: |\n",
      '25:9: operators in "python" are not supported\n  hint: write it in Rust',
    ],
    [
      "Ok(car.maker)",
      "Ok(sdf_http::get(&car.maker)?)",
      "HTTP call-outs are not supported\n  hint: look it up in a state",
    ],
    [
      "- type: topic\n        id: in",
      "- type: schedule\n        id: daily",
      'unknown schedule "daily"\n  hint: define it under schedule',
    ],
    [
      "services:\n",
      "schedule: { daily: { cron: 60 8 * * * } }\nservices:\n",
      'cron: "60" is no minute (0 to 59)\n  hint: "0 8 * * *" is every day at 08:00 UTC',
    ],
    [
      "services:\n",
      "dev: { topics: {} }\nservices:\n",
      'unknown field "topics" in dev\n  hint: known here: imports, converter',
    ],
    [
      "  cars: { type: list, items: { type: car } }",
      "  car-s: { type: object, properties: { in: { type: object, properties: { x: { type: u8 } } } } }",
      "a nested object needs a type-name\n  hint: add `type-name: in`",
    ],
    [
      "  cars: { type: list, items: { type: car } }",
      "  tree: { type: object, properties: { left: { type: tree } } }",
      'the type "tree" contains itself',
    ],
    ["meta:\n  name: sample\n", "meta:\n", "2:1: meta.name is missing"],
    ["config:\n", "config: [\n", "YAML: "],
  ])("%j -> %j", (part, by, expected) => {
    expect(problems(part, by).join("\n")).toContain(expected);
  });

  test("all mistakes are told at once, in the order of the file", () => {
    const text = GOOD.replace("mph: { type: u32", "mph: { type: u33").replace(
      "id: out",
      "id: outt",
    );
    const result = parseDataflow(text, { file: "f" });
    expect("problems" in result && result.problems.map((problem) => problem.line)).toEqual([13]);
    const both = parseDataflow(
      text.replace("type: u33", "type: u32").replace("id: in", "id: inn"),
      { file: "f" },
    );
    expect("problems" in both && both.problems.map((problem) => problem.line)).toEqual([22, 31]);
  });
});
