/** Environment variables of operators, and the secret of an instance: what the host gives a module before records. */
import { beforeAll, describe, expect, test } from "vitest";
import { buildModule, TestHost } from "./test-host.ts";
import { BUILD_TIMEOUT_MS, haveRustc } from "./toolchain.ts";

const YAML = `
apiVersion: 0.6.0
meta: { name: environment, version: 0.1.0, namespace: test }
config: { converter: json }
topics:
  words: { schema: { value: { type: string } } }
  greetings: { schema: { value: { type: string } } }
services:
  greet:
    sources: [{ type: topic, id: words }]
    states:
      counts:
        type: keyed-state
        properties: { key: { type: string }, value: { type: u32 } }
    transforms:
      - operator: map
        run: |
          fn greet(word: String) -> Result<String> {
            // std::env::var("COMMENTED") is none
            let greeting = std::env::var("GREETING").unwrap_or_else(|_| "hello".to_string());
            let mark = { use std::env; env::var("MARK") };
            let none = match std::env::var("NOT GIVEN") { Err(std::env::VarError::NotPresent) => "", _ => "?" };
            Ok(format!("{greeting} {word}{}{none}", mark.unwrap_or_default()))
          }
    sinks: [{ type: topic, id: greetings }]
  count:
    sources: [{ type: topic, id: words }]
    states:
      counts:
        type: keyed-state
        properties: { key: { type: string }, value: { type: u32 } }
    partition:
      assign-key: { run: "fn word_key(word: String) -> Result<String> { Ok(word) }" }
      update-state:
        run: |
          fn count(_word: String) -> Result<()> { counts().increment(1); Ok(()) }
`;

describe.skipIf(!haveRustc)("before the first record (needs rustc with the Wasm target)", () => {
  let module: WebAssembly.Module;

  beforeAll(async () => {
    module = await buildModule(YAML);
  }, BUILD_TIMEOUT_MS);

  const greetings = (host: TestHost): unknown[] =>
    host.sendJson("words", [[0, "world"]]).map(({ value }) => value);

  test("the plan names the variables that operators ask for", () => {
    expect(new TestHost(module).plan.env).toEqual(["GREETING", "MARK"]);
  });

  test("operators read the variables that the host has given", () => {
    const host = new TestHost(module);
    expect(greetings(host)).toEqual(["hello world"]);
    host.environment({ GREETING: "dear", MARK: "=!" });
    expect(greetings(host)).toEqual(["dear world=!"]);
    host.environment({ GREETING: "" });
    expect(greetings(host)).toEqual([" world"]);
  });

  test("a snapshot does not depend on the seed, and restores under another one", () => {
    const words = Array.from({ length: 500 }, (_, n) => [0, `w${(n * n) % 97}`] as const);
    const snapshots = [1, 2].map((seed) => {
      const host = new TestHost(module);
      host.seed(seed, seed * 77);
      host.sendJson("words", words);
      return host.snapshot();
    });
    expect(snapshots[0]).toEqual(snapshots[1]);
    const other = new TestHost(module);
    other.seed(3, 4);
    expect(other.restore(snapshots[0] ?? new Uint8Array())).toBe(0);
    const before = other.stats().services[1]?.rows;
    other.sendJson("words", words);
    expect(other.stats().services[1]?.rows).toBe(before);
  });
});
