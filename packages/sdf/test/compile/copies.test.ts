/**
 * What the compiler does without copies must give what copies would: rows that share their texts with the table, values
 * lent to operators that only look, `format!` without the standard library's machinery, fields in a learned order.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { generateCrate } from "../../src/compile/generate.ts";
import { parseDataflow } from "../../src/document/index.ts";
import { buildModule, TestHost } from "./test-host.ts";
import { BUILD_TIMEOUT_MS, haveRustc } from "./toolchain.ts";

const YAML = `
apiVersion: 0.6.0
meta: { name: copies, version: 0.1.0, namespace: test }
config: { converter: json }
types:
  place: { type: object, properties: { x: { type: i32 }, y: { type: i32 } } }
  step:
    type: object
    properties:
      who: { type: string }
      what: { type: string }
      note: { type: string, optional: true }
      place: { type: place, optional: true }
      count: { type: i64 }
topics:
  steps: { schema: { value: { type: step } } }
  told: { schema: { value: { type: string } } }
  loud: { schema: { value: { type: step } } }
  formats: { schema: { value: { type: string } } }
services:
  rows:
    sources: [{ type: topic, id: steps }]
    states:
      known:
        type: keyed-state
        properties:
          key: { type: string }
          value:
            type: arrow-row
            properties: { name: { type: string }, last: { type: string }, trail: { type: string }, times: { type: u32 } }
    partition:
      assign-key: { run: "fn by_who(step: Step) -> Result<String> { Ok(step.who) }" }
      transforms:
        - operator: map
          run: |
            fn follow(step: Step) -> Result<String> {
              let mut row = known();
              let seen = known();
              if row.name.is_empty() {
                row.name = step.who.clone();
              }
              row.last = step.what.clone();
              row.trail.push_str(&step.what);
              row.times += 1;
              match step.what.as_str() {
                "forget" => {}
                "delete" => row.delete()?,
                "revive" => { row.delete()?; row.update()?; }
                "twice" => {
                  row.update()?;
                  row.last = String::from("again");
                  row.update()?;
                }
                "other" => {
                  let mut other = known();
                  other.last = String::from("of the other handle, and longer than it was");
                  other.update()?;
                  row.update()?;
                }
                _ => row.update()?,
              }
              let now = known();
              Ok(format!("{}|{}|{}|{} was {}|{}|{}", now.name, now.last, now.trail, now.times, seen.last, seen.trail, seen.times))
            }
    sinks: [{ type: topic, id: told }]
  look:
    sources: [{ type: topic, id: steps }]
    transforms:
      - operator: filter
        run: |
          fn is_loud(step: Step) -> Result<bool> {
            Ok(step.what == "shout" && !step.who.is_empty() && step.place.map_or(0, |p| p.x) >= 0)
          }
      - operator: map
        run: |
          fn louder(mut step: Step) -> Result<Step> {
            step.what.push('!');
            Ok(step)
          }
    sinks: [{ type: topic, id: loud }]
  write:
    sources: [{ type: topic, id: steps }]
    transforms:
      - operator: map
        run: |
          fn write(step: Step) -> Result<String> {
            struct Own(i64);
            impl std::fmt::Display for Own {
              fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "own{}", self.0) }
            }
            fn any<T: std::fmt::Display>(value: T) -> String { format!("<{}>", value) }
            let note: &str = step.note.as_deref().unwrap_or("-");
            let all = vec![
              format!("{}", step.count), format!("{}/{}", step.who, note), format!("{}\\t\\"{}\\"", &step.what, &&note),
              format!("{}{}", 1.5f32, 'c'), format!("{}:{}", Own(step.count), true), format!("{:>4}", step.count),
              format!("{{{}}}", 7), any(step.count), any(&step.who), format!("{},", i64::MIN), format!("{note}"),
            ];
            Ok(all.join(" "))
          }
    sinks: [{ type: topic, id: formats }]
`;

const step = (what: string, more: object = {}): object => ({ who: "ann", what, count: 1, ...more });

describe.skipIf(!haveRustc)("without copies (needs rustc with the Wasm target)", () => {
  let module: WebAssembly.Module;

  beforeAll(async () => {
    module = await buildModule(YAML);
  }, BUILD_TIMEOUT_MS);

  const results = (topic: string, steps: readonly object[]): unknown[] =>
    new TestHost(module)
      .sendJson(
        "steps",
        steps.map((value, index) => [index, value]),
      )
      .filter((output) => output.topic === topic)
      .map(({ value }) => value);

  test("a row changes with its update, and the copy made before keeps what was", () => {
    expect(results("told", [step("a"), step("bb")])).toEqual([
      "ann|a|a|1 was ||0",
      "ann|bb|abb|2 was a|a|1",
    ]);
  });

  test("what is not updated is forgotten", () => {
    expect(results("told", [step("a"), step("forget"), step("b")])).toEqual([
      "ann|a|a|1 was ||0",
      "ann|a|a|1 was a|a|1",
      "ann|b|ab|2 was a|a|1",
    ]);
  });

  test("a deleted row is gone, and an update brings the copy back", () => {
    expect(results("told", [step("a"), step("delete"), step("b"), step("revive")])).toEqual([
      "ann|a|a|1 was ||0",
      "|||0 was a|a|1",
      "ann|b|b|1 was ||0",
      "ann|revive|brevive|2 was b|b|1",
    ]);
  });

  test("of two copies of a row the last update wins", () => {
    expect(results("told", [step("a"), step("twice"), step("other"), step("b")])).toEqual([
      "ann|a|a|1 was ||0",
      "ann|again|atwice|2 was a|a|1",
      "ann|other|atwiceother|3 was again|atwice|2",
      "ann|b|atwiceotherb|4 was other|atwiceother|3",
    ]);
  });

  test("an operator that only looks leaves the value to the next", () => {
    const loud = step("shout", { note: "n", place: { x: 1, y: -2 } });
    expect(results("loud", [step("whisper"), loud])).toEqual([{ ...loud, what: "shout!" }]);
    const parsed = parseDataflow(YAML, { file: "dataflow.yaml" });
    if ("problems" in parsed) throw new Error("problems");
    const text = (lend: boolean): string =>
      [...generateCrate(parsed.dataflow, { lend }).files.values()].join("\n");
    expect(text(true)).toContain("fn is_loud(step: &Step)");
    expect(text(true)).toContain("fn louder(mut step: Step)");
    expect(text(true)).toContain("fn by_who(step: Step)");
    expect(text(false)).toContain("fn is_loud(step: Step)");
  });

  test("format! gives the text that the standard library gives", () => {
    const one = results("formats", [step("tab", { count: -12, note: "ü" })]);
    expect(one).toEqual([
      `-12 ann/ü tab\t"ü" 1.5c own-12:true  -12 {7} <-12> <ann> -9223372036854775808, ü`,
    ]);
  });

  test("fields are read in any order, again and again, among fields that the type does not have", () => {
    const orders = [
      { who: "b", what: "x", count: 3, note: "n" },
      { extra: 1, count: 3, x: [{}], note: "n", what: "x", who: "b" },
      { extra: 1, count: 3, y: { who: 1 }, note: "n", what: "x", who: "b" },
      { what: "x", extra: 1, who: "b", count: 3, "es\u00e7": null, note: "n" },
    ];
    const texts = results("formats", [...orders, ...orders]).map((text) =>
      String(text).slice(0, 8),
    );
    expect(texts).toEqual(orders.concat(orders).map(() => "3 b/n x\t"));
  });

  test("a field that comes twice is refused wherever it stands", () => {
    const host = new TestHost(module);
    const rejected = [
      '{"who":"a","what":"b","count":1,"z":0,"who":"c"}',
      '{"z":0,"count":1,"count":2}',
    ];
    host.send(
      "steps",
      rejected.map((value) => ({ value })),
    );
    expect(host.rejected().map(({ reason }) => reason)).toEqual([
      expect.stringContaining('duplicate field at field "who"'),
      expect.stringContaining('duplicate field at field "count"'),
    ]);
  });
});
