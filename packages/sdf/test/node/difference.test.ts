import { describe, expect, test } from "vitest";
import { describeDifference } from "../../src/node/difference.ts";

describe("how two lists differ", () => {
  test("not at all, whatever the order of fields", () => {
    expect(describeDifference([{ a: 1, b: [2] }], [{ b: [2], a: 1 }])).toBeUndefined();
    expect(describeDifference([], [])).toBeUndefined();
  });

  test("in a field of one record", () => {
    const got = describeDifference([{ a: 1 }, { a: 2, b: 2 }], [{ a: 1 }, { a: 3, b: 2 }]);
    expect(got).toBe(
      [
        '    {"a":1}',
        '  - {"a":2,"b":2}',
        '  + {"a":3,"b":2}',
        "      differs in a: expected 2, got 3",
      ].join("\n"),
    );
  });

  test("in a record too few or too many, with equal ones lined up", () => {
    expect(describeDifference([1, 2, 3], [1, 3])).toBe(["    1", "  - 2", "    3"].join("\n"));
    expect(describeDifference([1, 3], [1, 2, 3])).toBe(["    1", "  + 2", "    3"].join("\n"));
  });

  test("in their order", () => {
    expect(describeDifference([1, 2], [2, 1])).toBe(["  - 1", "    2", "  + 1"].join("\n"));
  });
});
