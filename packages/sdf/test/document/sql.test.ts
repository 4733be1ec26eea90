/** Queries in operators: what the engine would refuse is told before anything is built. */
import { describe, expect, test } from "vitest";
import { formatProblem, parseDataflow } from "../../src/document/index.ts";

/** The operator's code begins in line 18, its lines 12 columns in. */
function problems(code: string): string {
  const lines = ["fn ask(word: String) -> Result<String> {", ...code.split("\n"), "}"];
  const text = `apiVersion: 0.6.0
meta: { name: sample, version: 0.1.0, namespace: test }
topics:
  in: { schema: { value: { type: string } } }
services:
  first:
    sources: [{ type: topic, id: in }]
    states:
      word-counts:
        type: keyed-state
        properties:
          key: { type: string }
          value: { type: arrow-row, properties: { count: { type: u32 }, last-seen: { type: u64 } } }
    sinks: [{ type: topic, id: in }]
    transforms:
      - operator: map
        run: |
${lines.map((line) => `            ${line}`).join("\n")}
`;
  const result = parseDataflow(text, { file: "dataflow.yaml" });
  return "problems" in result ? result.problems.map(formatProblem).join("\n") : "";
}

describe("a query in an operator", () => {
  test.each([
    [
      'let a = sql("select _key, rank() over (order by count) from word_counts")?;',
      46,
      "a window function (over) is not supported",
      "order or group in SQL, and number the rows in Rust",
    ],
    [
      "sql(&format!(\"select * from word_counts, others where _key = '{}'\", word))?;",
      52,
      "several tables in from are not supported",
      "use join",
    ],
    [
      'sql("select * from (select * from word_counts)")?;',
      32,
      "a query inside from is not supported",
      "ask in two steps",
    ],
    [
      'sql("delete from word_counts")?;',
      18,
      "delete is not supported, only select",
      "update-state",
    ],
    [
      'sql("select * from word_count")?;',
      32,
      'no table "word_count"',
      'did you mean "word_counts"?',
    ],
    ['sql("select cuont from `word-counts`")?;', 25, 'no column "cuont"', 'did you mean "count"?'],
    ['sql("select * from word_counts w where x.count > 1")?;', 54, 'no column "count"', ""],
    [
      'sql("select frobnicate(count) from word_counts")?;',
      25,
      "the function frobnicate is not supported",
      "calculate in Rust",
    ],
    [
      'sql("select substr(_key) from word_counts")?;',
      25,
      "the function substr takes 2 to 3 arguments, not 1",
      "",
    ],
    [
      'word_counts().sql("select * from self limit x")?;',
      57,
      'expected a count, found "x"',
      "docs/reference/sdf.md",
    ],
    ['let query = "select * frm word_counts"; sql(query)?;', 35, "frm is not supported here", ""],
  ])("%s", (code, column, message, hint) => {
    const found = problems(code);
    expect(found).toContain(`dataflow.yaml:19:${column}: SQL: ${message}`);
    expect(found).toContain(hint);
    expect(found.split("dataflow.yaml").length).toBe(2);
  });

  test("has the place of its own line, also through escapes and raw texts", () => {
    expect(
      problems('sql("select \\\n    _key, \\u{63}ount,\n    nothing from word_counts")?;'),
    ).toContain('dataflow.yaml:21:17: SQL: no column "nothing"');
    expect(problems('sql(r#"\nselect "nothing"\nfrom word_counts"#)?;')).toContain(
      'dataflow.yaml:20:20: SQL: no column "nothing"',
    );
  });

  test.each([
    'sql(&format!("select * from {} where _key = \'{word}\' order by {} limit {}", "t", "c", 3))?;',
    'sql(&format!("{} from nowhere", "select _key"))?;',
    'let mut query = "select".to_string(); query.push_str(" 1"); sql(&query)?;',
    'sql("select `last-seen` as s, count(*) n from `word-counts` group by 1 order by n, s")?.sql("select n from self")?;',
    '// sql("nonsense")\nlet text = "sql(\\"nonsense\\")";',
    'fn sql(text: &str) {}\nself::ask("nonsense")?;',
  ])("that may run is let pass: %s", (code) => {
    expect(problems(code)).toBe("");
  });
});
