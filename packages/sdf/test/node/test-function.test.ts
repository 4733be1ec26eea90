/** One function of a dataflow on one value. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NoSuchFunction } from "../../src/compile/index.ts";
import { callFunction } from "../../src/node/index.ts";
import { BUILD_TIMEOUT_MS, haveRustc } from "../compile/toolchain.ts";

const YAML = `
apiVersion: 0.6.0
meta: { name: functions, version: 0.1.0, namespace: test }
config: { converter: json }
types:
  person: { type: object, properties: { name: { type: string }, age: { type: u32 } } }
topics:
  people: { schema: { value: { type: person } } }
  words: { schema: { value: { type: string } } }
services:
  people:
    sources: [{ type: topic, id: people }]
    states:
      ages: { type: keyed-state, properties: { key: { type: string }, value: { type: u32 } } }
    transforms:
      - operator: filter-map
        run: |
          fn grown_up(person: Person) -> Result<Option<Person>> {
            if person.age > 150 { sdfg::anyhow::bail!("nobody is {} years old", person.age); }
            Ok(if person.age >= 18 { Some(Person { age: person.age + 1, ..person }) } else { None })
          }
      - operator: flat-map
        run: "fn letters(key: Option<String>, person: Person) -> Result<Vec<(Option<String>, String)>> { Ok(person.name.chars().map(|c| (key.clone(), c.to_string())).collect()) }"
      - operator: map
        run: "fn shout(word: String) -> Result<String> { Ok(word.to_uppercase()) }"
    partition:
      assign-key: { run: "fn by_word(word: String) -> Result<String> { Ok(word) }" }
      update-state: { run: "fn count(_word: String) -> Result<()> { ages().increment(1); Ok(()) }" }
`;

describe.skipIf(!haveRustc)("a function alone (needs rustc with the Wasm target)", () => {
  const dir = mkdtempSync(join(tmpdir(), "sdf-function-"));

  beforeAll(() => writeFileSync(join(dir, "dataflow.yaml"), YAML));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test("gives what it makes of a value", { timeout: BUILD_TIMEOUT_MS }, async () => {
    const shouted = await callFunction(dir, { name: "shout", value: "hé" });
    expect(shouted).toEqual({ results: [{ key: null, value: "HÉ" }], refused: undefined });
    const letters = { name: "letters", value: '{"name":"ab","age":1}', key: "k" };
    expect(await callFunction(dir, letters)).toMatchObject({
      results: [
        { key: "k", value: "a" },
        { key: "k", value: "b" },
      ],
    });
  });

  test("filters, and says why it refuses", { timeout: BUILD_TIMEOUT_MS }, async () => {
    const of = async (age: unknown): Promise<unknown> =>
      callFunction(dir, { name: "grown-up", value: JSON.stringify({ name: "x", age }) });
    expect(await of(18)).toMatchObject({ results: [{ value: '{"name":"x","age":19}' }] });
    expect(await of(17)).toEqual({ results: [], refused: undefined });
    expect(await of(151)).toMatchObject({ results: [], refused: "nobody is 151 years old" });
    expect(await of("old")).toMatchObject({ refused: expect.stringContaining("expected u32") });
  });

  test("says which functions there are, and which need records", async () => {
    await expect(callFunction(dir, { name: "whisper", value: "" })).rejects.toThrow(
      new NoSuchFunction(
        "There is no function whisper. There are: grown_up, letters, shout, by_word, count.",
      ),
    );
    await expect(callFunction(dir, { name: "count", value: "" })).rejects.toThrow(
      /count is the update-state of people.*dataflow\.test\.yaml/,
    );
  });
});
