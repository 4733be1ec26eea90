import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseDataflowTests } from "../../src/node/test-document.ts";

function read(text: string) {
  return parseDataflowTests(parse(text), "dataflow.test.yaml");
}

describe("dataflow.test.yaml", () => {
  test("has records, pauses and what is expected", () => {
    const [only] = read(`
tests:
  - name: one
    in:
      - { topic: a, at: 2024-11-12T10:00:00Z, value: { x: 1 }, repeat: 2 }
      - { wait: 2s }
    out: { b: [{ x: 1 }] }
`);
    expect(only).toEqual({
      name: "one",
      in: [
        {
          topic: "a",
          atMs: 1731405600000,
          partition: 0,
          key: undefined,
          value: { x: 1 },
          repeat: 2,
        },
        { waitMs: 2000 },
      ],
      out: { b: [{ x: 1 }] },
      finish: true,
      late: 0,
      dropped: [],
    });
  });

  test.each([
    ["tests: 1", "tests must be a list"],
    ["tests: [{ in: [], out: {} }]", "test 1 needs a name"],
    ["tests: [{ name: n, in: [], out: {}, expected: 1 }]", "unknown field expected"],
    ["tests: [{ name: n, in: [{ value: 1 }], out: {} }]", "in[0] needs a topic, or wait"],
    ["tests: [{ name: n, in: [{ topic: a }], out: {} }]", "in[0] needs a value"],
    ["tests: [{ name: n, in: [{ wait: long }], out: {} }]", "wait is a time such as 500ms"],
    ["tests: [{ name: n, in: [{ topic: a, value: 1, at: noon }], out: {} }]", "at is ISO 8601"],
    ["tests: [{ name: n, in: [], out: { b: 1 } }]", "out.b must be a list"],
  ])("%s is refused", (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
