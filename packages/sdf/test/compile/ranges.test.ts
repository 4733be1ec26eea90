/** Queries that compare numbers pass over blocks of rows: while rows come, change and go, they find what a look at each would. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import {
  FIXTURE_TOPICS,
  type FixtureOptions,
  fixtureServices,
  fixtureTypes,
} from "./sql-fixture.ts";
import { buildModule, TestHost } from "./test-host.ts";
import { BUILD_TIMEOUT_MS, haveRustc } from "./toolchain.ts";

const FIXTURE: FixtureOptions = { players: "players", score: "score", rank: "u32" };
const RUNS = 60;
/** Several blocks of 64 rows, of which one is not full. */
const ROWS = 300;
const SCORE_MAX = 9;

const YAML = `
apiVersion: 0.6.0
meta: { name: ranges, version: 0.1.0, namespace: test }
config: { converter: json }
types:${fixtureTypes(FIXTURE)}
topics:${FIXTURE_TOPICS}
  queries: { schema: { value: { type: string } } }
  answers: { schema: { value: { type: string } } }
services:${fixtureServices(FIXTURE)}
  ask:
    sources: [{ type: topic, id: queries }]
    states:
      players: { from: players.players }
    transforms:
      - operator: map
        run: |
          fn ask(query: String) -> Result<String> {
            let found = sql(&query)?;
            let key = found.key()?;
            let rows = found.rows()?;
            let mut keys = vec![];
            while rows.next() {
              keys.push(rows.str(&key)?);
            }
            Ok(keys.join(" "))
          }
    sinks: [{ type: topic, id: answers }]
`;

const score = fc.integer({ min: 0, max: SCORE_MAX });
const COMPARISONS = {
  "=": (a: number, b: number) => a === b,
  "<>": (a: number, b: number) => a !== b,
  "<": (a: number, b: number) => a < b,
  "<=": (a: number, b: number) => a <= b,
  ">": (a: number, b: number) => a > b,
  ">=": (a: number, b: number) => a >= b,
} as const;
const comparison = fc.record({
  sign: fc.constantFrom(...(Object.keys(COMPARISONS) as (keyof typeof COMPARISONS)[])),
  than: score,
});
/** Rows change together, as those of one time do, so that there are blocks of which all or none is meant. */
const change = fc.record({
  from: fc.integer({ min: 0, max: ROWS - 1 }),
  count: fc.integer({ min: 1, max: ROWS }),
  score: fc.option(score, { nil: undefined }),
  asked: fc.array(comparison, { minLength: 1, maxLength: 2 }),
});

describe.skipIf(!haveRustc)("ranges (needs rustc with the Wasm target)", () => {
  let module: WebAssembly.Module;

  beforeAll(async () => {
    module = await buildModule(YAML);
  }, BUILD_TIMEOUT_MS);

  test("a query finds what a look at every row finds", () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const host = new TestHost(module);
        const rows = new Map<string, number>();
        for (const { from, count, score: now, asked } of changes) {
          const ids = Array.from(
            { length: Math.min(count, ROWS - from) },
            (_, n) => `p${from + n}`,
          );
          const level = now === undefined ? "gone" : "l1";
          host.sendJson(
            "players",
            ids.map((id) => [0, { id, level, score: now ?? 0, ratio: 1, pro: true }]),
          );
          for (const id of ids) {
            if (now === undefined) rows.delete(id);
            else rows.set(id, now);
          }
          const where = asked.map(({ sign, than }) => `score ${sign} ${than}`).join(" and ");
          const [answer] = host.sendJson("queries", [
            [0, `select _key from players where ${where}`],
          ]);
          const passes = (value: number): boolean =>
            asked.every(({ sign, than }) => COMPARISONS[sign](value, than));
          const expected = [...rows].filter(([, value]) => passes(value)).map(([id]) => id);
          expect(String(answer?.value).split(" ").filter(Boolean).toSorted()).toEqual(
            expected.toSorted(),
          );
        }
      }),
      { numRuns: RUNS },
    );
  });
});
