import { beforeEach, describe, expect, test } from "vitest";
import { DataflowEngine } from "../../src/engine/index.ts";
import { drainValues, loadModule, recordsOf } from "./load.ts";

const module = await loadModule("packages/sdf/test/engine/poison");
const service = "count";

let engine: DataflowEngine;

beforeEach(() => {
  engine = new DataflowEngine(module);
  const words = [
    { text: "old", at_ms: 500 },
    { text: "b", at_ms: 1000 },
    { text: "a\n", at_ms: 1100 },
    { text: "b", at_ms: 1200 },
  ];
  engine.process({ source: 0, partition: 0, records: recordsOf(words) }, 0);
  engine.drain();
});

describe("a question about states", () => {
  test("is answered from the newest open window", () => {
    const sql = "select _key, count from counted order by count desc";
    const rows = [
      ["b", 2],
      ["a\n", 1],
    ];
    expect(engine.query({ service, sql })).toEqual({ columns: ["_key", "count"], rows, count: 2 });
  });

  test("brings numbers, texts, truth and nothing as JSON has them", () => {
    const sql =
      "select sum(count) n, count / 0.0 i, count > 1 t, null z from counted group by count order by n";
    const { columns, rows } = engine.query({ service, sql });
    expect(columns).toEqual(["n", "i", "t", "z"]);
    expect(rows).toEqual([
      [1, null, false, null],
      [2, null, true, null],
    ]);
  });

  test("keeps integers that a number cannot hold", () => {
    const sql = "select 9007199254740991 a, 9007199254740993 b, -9007199254740993 c, 1e300 d";
    const { rows } = engine.query({ service, sql: `${sql} from counted limit 1` });
    expect(rows).toEqual([[9007199254740991, "9007199254740993", "-9007199254740993", 1e300]]);
  });

  test("gives as many rows as wanted and says how many there are", () => {
    const answer = engine.query({ service, sql: "select * from counted", rowsMax: 1 });
    expect(answer.rows).toHaveLength(1);
    expect(answer.count).toBe(2);
  });

  test("of no open window finds nothing", () => {
    const fresh = new DataflowEngine(module);
    expect(fresh.query({ service, sql: "select * from counted" }).count).toBe(0);
  });

  test("changes nothing", () => {
    const before = engine.snapshot();
    engine.query({ service, sql: "select * from counted" });
    expect(engine.snapshot()).toEqual(before);
    engine.finish();
    expect(drainValues(engine).map(({ value }) => value)).toEqual([
      { text: "b", count: 2, window_start: 1000 },
      { text: "a\n", count: 1, window_start: 1000 },
    ]);
  });

  test.each([
    ["of other tables", service, "select * from words", /counted/],
    ["that is no SQL", service, "delete from counted", /select/i],
    ["to a service that is not there", "nobody", "select 1", /no such service/],
    ["without end", service, `select ${" ".repeat(20_000)} 1`, /more than 16384 bytes/],
  ])("%s is refused with the reason", (_name, of, sql, reason) => {
    expect(() => engine.query({ service: of, sql })).toThrow(reason);
    expect(() => engine.query({ service: of, sql })).toThrow(
      expect.objectContaining({ code: "query_refused" }),
    );
  });
});
