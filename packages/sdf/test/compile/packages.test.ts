/** What a package brings into a module: functions on states of their own, and SDF's names of types. */
import { expect, test } from "vitest";
import { buildModule, TestHost } from "./test-host.ts";
import { BUILD_TIMEOUT_MS, haveRustc } from "./toolchain.ts";

const DATAFLOW = `apiVersion: 0.6.0
meta: { name: sample, version: 0.1.0, namespace: test }
imports:
  - pkg: test/words@0.1.0
    functions: [{ name: to-word }, { name: count-word }, { name: greatest }]
    states: [{ name: count-per-word }]
dev:
  imports: [{ pkg: test/words@0.1.0, path: ../words }]
topics:
  texts: { schema: { value: { type: bytes } } }
  asked: { schema: { value: { type: string } } }
  answers: { schema: { value: { type: string } } }
services:
  count:
    sources: [{ type: topic, id: texts }]
    transforms: [{ operator: map, uses: to-word }]
    partition:
      assign-key: { run: "fn word_key(word: String) -> Result<String> { Ok(word) }" }
      update-state: { uses: count-word }
  ask:
    sources: [{ type: topic, id: asked }]
    states:
      count-per-word: { from: count.count-per-word }
    transforms: [{ operator: map, uses: greatest }]
    sinks: [{ type: topic, id: answers }]
`;
const FILES: Readonly<Record<string, string>> = {
  "../words/sdf-package.yaml": `apiVersion: 0.6.0
meta: { name: words, version: 0.1.0, namespace: test }
states:
  count-per-word:
    type: keyed-state
    properties:
      key: { type: string }
      value: { type: arrow-row, properties: { count: { type: u32 } } }
functions:
  to-word:
    operator: map
    inputs: [{ name: text, type: bytes }]
    output: { type: string }
  count-word:
    operator: update-state
    states: [{ name: count-per-word }]
    inputs: [{ name: word, type: string }]
  greatest:
    operator: map
    states: [{ name: count-per-word }]
    inputs: [{ name: question, type: string }]
    output: { type: string }
`,
  "../words/rust/words/src/to_word.rs": `use sdfg::Result;
use sdfg::sdf;
use crate::bindings::test::words::types::Bytes;

#[sdf(fn_name = "to-word")]
pub(crate) fn to_word(text: Bytes) -> Result<String> {
    Ok(String::from_utf8(text)?.to_lowercase())
}
`,
  "../words/rust/words/src/count_word.rs": `use sdfg::Result;
use sdfg::sdf;

#[sdf(fn_name = "count-word")]
pub(crate) fn count_word(_word: String) -> Result<()> {
    let mut row = count_per_word();
    row.count += 1;
    row.update()
}
`,
  "../words/rust/words/src/greatest.rs": `use sdfg::Result;

pub(crate) fn greatest(_question: String) -> Result<String> {
    let found = sql("select * from count_per_word order by count desc limit 1")?;
    let columns = found.schema(["_key", "count"])?;
    let rows = found.rows()?;
    match columns.as_slice() {
        [word, count] if rows.next() => Ok(format!("{} {}", rows.str(word)?, rows.u32(count)?)),
        _ => Ok(String::new()),
    }
}
`,
};

test.skipIf(!haveRustc)(
  "a package's functions work on its states, in the services that use them",
  async () => {
    const host = new TestHost(await buildModule(DATAFLOW, (path) => FILES[path]));
    host.send(
      "texts",
      ["a", "B", "b"].map((value) => ({ value })),
    );
    expect(host.query(0, "select _key, count from count_per_word")).toEqual({
      columns: ["_key", "count"],
      rows: [
        ["a", 1],
        ["b", 2],
      ],
    });
    expect(host.send("asked", [{ value: "?" }]).map(({ value }) => value)).toEqual(["b 2"]);
  },
  BUILD_TIMEOUT_MS,
);
