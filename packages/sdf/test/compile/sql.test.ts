/** SQL inside a module: queries come as records, their rows come out as text. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { checkQuery } from "../../src/document/sql/check-sql.ts";
import {
  FIXTURE_TOPICS,
  type FixtureOptions,
  fixtureServices,
  fixtureTypes,
  FOUR_PLAYERS,
  playerRecords,
  rowState,
} from "./sql-fixture.ts";
import { buildModule, TestHost } from "./test-host.ts";
import { BUILD_TIMEOUT_MS, haveRustc } from "./toolchain.ts";

const FIXTURE: FixtureOptions = { players: "all-players", score: "best-score", rank: "u64" };

const YAML = `
apiVersion: 0.6.0
meta: { name: sql, version: 0.1.0, namespace: test }
config: { converter: json }
types:${fixtureTypes(FIXTURE)}
topics:${FIXTURE_TOPICS}
  bumps: { schema: { value: { type: string } } }
  queries: { schema: { value: { type: string } } }
  answers: { schema: { value: { type: string } } }
services:${fixtureServices(FIXTURE)}
  numbered:
    sources: [{ type: topic, id: teams }]
    states:
      by-rank:${rowState("team: { type: string }")}
    partition:
      assign-key: { run: "fn rank_key(t: Team) -> Result<u64> { Ok(t.rank) }" }
      update-state:
        run: |
          fn keep(t: Team) -> Result<()> {
            let mut row = by_rank();
            row.team = format!("{}{:?}", t.team, key());
            row.update()
          }
  bumps:
    sources: [{ type: topic, id: bumps }]
    states:
      bump-counts:
        type: keyed-state
        properties: { key: { type: string }, value: { type: u32, ttl: 10s } }
    partition:
      assign-key: { run: "fn bump_key(word: String) -> Result<String> { Ok(word) }" }
      update-state:
        run: |
          fn bump(_word: String) -> Result<()> {
            bump_counts().increment(1);
            Ok(())
          }
  ask:
    sources: [{ type: topic, id: queries }]
    states:
      all-players: { from: players.all-players }
      teams: { from: teams.teams }
      bump-counts: { from: bumps.bump-counts }
      by-rank: { from: numbered.by-rank }
    transforms:
      - operator: map
        run: |
          /// The first line names the columns, the rest is the query.
          fn ask(text: String) -> Result<String> {
            let (names, query) = text.split_once('\\n').context("no query")?;
            let df = if query == "direct" {
              return Ok(bump_counts().clone().into_iter().map(|(k, n)| format!("{k}={n}")).collect::<Vec<_>>().join(" "));
            } else if let Some(inner) = query.strip_prefix("twice ") {
              sql(inner)?.sql("select * from self order by 1 desc limit 1")?
            } else {
              sql(query)?
            };
            if names.is_empty() {
              return Ok("taken".to_string());
            }
            let columns = df.schema(names.split(',').collect::<Vec<_>>())?;
            let rows = df.rows()?;
            let mut lines = vec![];
            while rows.next() {
              let cells: Vec<String> = columns.iter().map(|c| {
                rows.str(c).or_else(|_| rows.i64(c).map(|v| v.to_string()))
                  .or_else(|_| rows.u64(c).map(|v| v.to_string()))
                  .or_else(|_| rows.f64(c).map(|v| format!("{v:?}")))
                  .or_else(|_| rows.bool(c).map(|v| v.to_string()))
                  .unwrap_or_else(|_| "null".to_string())
              }).collect();
              lines.push(cells.join(" "));
            }
            Ok(lines.join("; "))
          }
    sinks: [{ type: topic, id: answers }]
`;

const players = ["_key", "level", "best-score", "ratio", "pro", "_updated_at"];
const teams = ["_key", "team", "rank", "_updated_at"];
/** What `ask` sees. */
const TABLES = new Map<string, readonly string[]>([
  ...["all_players", "all-players"].map((name) => [name, players] as const),
  ["teams", teams] as const,
  ...["bump_counts", "bump-counts"].map(
    (name) => [name, ["_key", "value", "_updated_at"]] as const,
  ),
  ...["by_rank", "by-rank"].map((name) => [name, ["_key", "team", "_updated_at"]] as const),
]);
/** Refusals that only values or whole results tell, which no check of the text can. */
const OF_VALUES =
  /union needs|union of|expected a condition|cannot|needs a number|no column|not known here|not allowed here|group by|is used twice|for these/;
const SAMPLES = [
  "select distinct level , upper ( substr ( _key , 1 , 2 ) ) as u from all_players where not pro or ratio > - 1.5 order by level desc nulls last limit 2 offset 1 ;",
  "select p . _key k , t . team from all_players p left outer join teams t on p . _key = t . _key where rank is not null",
  "select level , count ( * ) as n , sum ( `best-score` ) from all_players group by level having max ( ratio ) > 1 union all select team , 1 , rank from teams order by n",
  "select case when ratio between 0 and 1 then 'low' else left ( level , 1 ) end as c , cast ( ratio as integer ) from all_players where level not in ( 'l1' , 'l2' ) and _key like 'a%'",
];

describe.skipIf(!haveRustc)("SQL (needs rustc with the Wasm target)", () => {
  let module: WebAssembly.Module;
  let host: TestHost;
  const ask = (columns: string, query: string, target = host): string => {
    const [answer] = target.sendJson("queries", [[0, `${columns}\n${query}`]]);
    const text =
      answer === undefined ? `error: ${target.rejected()[0]?.reason ?? ""}` : String(answer.value);
    if (query.startsWith("select")) expectSameCheck(query, text);
    return text;
  };
  /** What checks a document must not refuse what runs, nor let pass what the engine does not know. */
  const expectSameCheck = (query: string, answer: string): void => {
    const problem = checkQuery(query, TABLES);
    // The engine meets a function where there is a row.
    if (problem?.message.startsWith("the function") === true) return;
    if (!answer.startsWith("error: ")) expect(problem, query).toBeUndefined();
    else if (!OF_VALUES.test(answer)) expect(problem, `${query}: ${answer}`).toBeDefined();
  };
  const fill = (target: TestHost): void => {
    target.sendJson("players", playerRecords(FOUR_PLAYERS), 5000);
    const team = (id: string, name: string, rank: string) => ({
      value: `{"id":"${id}","team":"${name}","rank":${rank}}`,
    });
    target.send("teams", [
      team("ann", "red", "1"),
      team("cid", "blue", "18446744073709551615"),
      team("eve", "red", "3"),
    ]);
  };

  beforeAll(async () => {
    module = await buildModule(YAML);
    host = new TestHost(module);
    fill(host);
  }, BUILD_TIMEOUT_MS);

  test.each([
    ["_key", "select * from all_players", "ann; bob; cid; dan"],
    ["_key,level,best-score", "SELECT * FROM `all-players` WHERE _key = 'cid'", "cid l1 20"],
    ["_key", "select * from all_players where _key = 'nobody'", ""],
    ["_key", "select * from all_players order by `best-score`", "bob; cid; dan; ann"],
    ["_key", "select * from all_players order by `best-score` desc, _key desc limit 2", "ann; dan"],
    ["_key", "select _key from all_players order by level limit 2 offset 1", "cid; bob"],
    ["_key", "select _key from all_players where pro and ratio > 1.0", "cid"],
    ["_key", "select _key from all_players where not pro or level in ('l1')", "ann; bob; cid; dan"],
    ["_key", "select _key from all_players where `best-score` between 11 and 29", "cid; dan"],
    ["_key", "select _key from all_players where _key like '%n' and level <> 'l1'", "dan"],
    ["_key", "select _key from all_players where _key ilike 'B_B'", "bob"],
    [
      "half,x",
      "select `best-score` / 4 as half, `best-score` % 7 + 1 x from all_players limit 1",
      "7.5 3",
    ],
    [
      "c",
      "select case when ratio < 0 then 'minus' when pro then 'pro' else 'no' end as c from all_players",
      "pro; no; pro; minus",
    ],
    ["a,b", "select left(_key, 1) a, right(_key, 2) b from all_players limit 1", "a nn"],
    ["u", "select upper(substr(_key, 1, 2)) || '!' as u from all_players where pro", "AN!; CI!"],
    ["n", "select cast(`best-score` as varchar) as n from all_players where _key = 'ann'", "30"],
    [
      "level,n,total",
      "select level, count(*) as n, sum(`best-score`) as total from all_players group by level order by n desc, level",
      "l1 2 50; l2 1 10; l3 1 20",
    ],
    [
      "level",
      "select level from all_players group by level having max(ratio) > 1 order by level",
      "l1; l2",
    ],
    [
      "a,b,c,d",
      "select avg(ratio) a, min(_key) b, count(distinct level) c, median(`best-score`) d from all_players",
      "0.75 ann 3 20.0",
    ],
    [
      "s,n,a",
      "select sum(ratio) s, count(*) n, avg(ratio) a from all_players where _key = 'x'",
      "null 0 null",
    ],
    ["level", "select distinct level from all_players order by level desc", "l3; l2; l1"],
    [
      "_key,team",
      "select p._key, t.team from all_players p join teams t on p._key = t._key",
      "ann red; cid blue",
    ],
    [
      "_key,team",
      "select p._key, t.team from all_players p left join teams t on p._key = t._key order by team, p._key",
      "cid blue; ann red; bob null; dan null",
    ],
    [
      "k,r",
      "select coalesce(p._key, t._key) k, rank r from all_players p full outer join teams t on p._key = t._key order by k",
      "ann 1; bob null; cid 18446744073709551615; dan null; eve 3",
    ],
    [
      "k,l",
      "select t._key k, p.level l from all_players p right join teams t on p._key = t._key order by k",
      "ann l1; cid l1; eve null",
    ],
    ["n", "select count(*) n from all_players cross join teams", "12"],
    [
      "_key",
      "select _key from all_players where pro union all select _key from teams order by _key",
      "ann; ann; cid; cid; eve",
    ],
    [
      "k",
      "select _key k from all_players where pro union select _key from teams order by k desc limit 2",
      "eve; cid",
    ],
    [
      "level,n",
      "select level, count(*) n from all_players group by level union all select team, rank from teams where rank < 9 order by n, level offset 1",
      "l3 1; red 1; l1 2; red 3",
    ],
    ["ratio", "select ratio from all_players order by ratio desc", "2.0; 1.5; 0.5; -1.0"],
    ["_key", "select _key from all_players order by `best-score` limit 2 offset 1", "cid; dan"],
    ["_key", "select _key from teams order by rank desc", "cid; eve; ann"],
    ["_updated_at", "select _updated_at from all_players limit 1", "5000.0"],
    ["_key,team", "select * from by_rank where _key = '3'", "3 redSome(U64(3))"],
    ["level,n", "twice select level, count(*) n from all_players group by level", "l3 1"],
  ])("%s: %s", (columns, query, expected) => {
    expect(ask(columns, query)).toBe(expected);
  });

  test("nulls sort last ascending and first descending, as in Polars", () => {
    const query = "select p._key, team from all_players p left join teams t on p._key = t._key";
    expect(ask("_key", `${query} order by team desc limit 1`)).toBe("bob");
    expect(ask("_key", `${query} order by team desc nulls last limit 1`)).toBe("ann");
  });

  test.each([
    ["select x from all_players", 'no column "x"; there are: _key, level'],
    ["select * from nothing", 'no table "nothing"; there are: all_players, all-players'],
    ["update all_players set level = 1", "update is not supported, only select"],
    [
      "select _key, level from all_players union select _key from teams",
      "union needs as many columns on both sides, there are 2 and 1",
    ],
    [
      "select level from all_players union all select rank from teams",
      'union of text and numbers in column "level"',
    ],
    [
      "select _key from all_players union by name select _key from teams",
      "union by name is not supported",
    ],
    [
      "select _key from all_players order by _key union select _key from teams",
      "union is not supported here",
    ],
    [
      "select rank() over (order by level) from all_players",
      "a window function (over) is not supported",
    ],
    ["select _key from (select 1)", "a query inside from is not supported"],
    ["select _key from all_players where level", "expected a condition, found a string"],
    [
      `select ${"-".repeat(500)}1 from all_players`.replaceAll("-", "- "),
      "the expression is nested too deep",
    ],
    [`select ${"not ".repeat(500)}pro from all_players`, "the expression is nested too deep"],
    [`select ${"(".repeat(500)}1 from all_players`, "the expression is nested too deep"],
    ["select frob(level) from all_players", "the function frob is not supported"],
  ])("refuses by name: %s", (query, message) => {
    expect(ask("_key", query)).toContain(message);
  });

  test("is refused before a build where the engine would refuse it", () => {
    const words = [
      ...new Set(SAMPLES.flatMap((sample) => sample.split(" "))),
      "over",
      "(select",
      "by",
    ];
    const edit = fc.record({
      at: fc.nat(60),
      kind: fc.constantFrom("drop", "twice", "word", "swap"),
      word: fc.constantFrom(...words),
    });
    const empty = new TestHost(module);
    fc.assert(
      fc.property(
        fc.constantFrom(...SAMPLES),
        fc.array(edit, { maxLength: 3 }),
        (sample, edits) => {
          const tokens = sample.split(" ");
          for (const { at, kind, word } of edits) {
            const here = at % tokens.length;
            const token = tokens[here] ?? "";
            if (kind === "drop") tokens.splice(here, 1);
            else if (kind === "twice") tokens.splice(here, 0, token);
            else if (kind === "word") tokens.splice(here, 1, word);
            else tokens.splice(here, 2, tokens[here + 1] ?? "", token);
          }
          ask("", tokens.join(" "), empty);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("a deleted row is gone and can come again", () => {
    const target = new TestHost(module);
    fill(target);
    target.sendJson("players", [[0, { id: "bob", level: "gone", score: 0, ratio: 0, pro: false }]]);
    expect(ask("_key", "select * from all_players", target)).toBe("ann; cid; dan");
    target.sendJson("players", [[0, { id: "bob", level: "l9", score: 1, ratio: 0, pro: false }]]);
    expect(ask("_key,level", "select * from all_players where _key = 'bob'", target)).toBe(
      "bob l9",
    );
    expect(target.stats().services[0]?.rows).toBe(4);
  });

  test("primitive states count, and can be read as a whole", () => {
    const target = new TestHost(module);
    target.sendJson(
      "bumps",
      ["a", "b", "a"].map((word) => [0, word] as const),
    );
    expect(ask("", "direct", target)).toBe("a=2 b=1");
    expect(ask("value", "select value from bump_counts where _key = 'a'", target)).toBe("2");
  });

  test("ttl removes rows that were not updated for so long", () => {
    const target = new TestHost(module);
    target.sendJson("bumps", [[0, "old"]], 1000);
    target.sendJson("bumps", [[0, "new"]], 9000);
    target.tick(10_500);
    expect(ask("", "direct", target)).toBe("old=1 new=1");
    target.tick(12_500);
    expect(ask("", "direct", target)).toBe("new=1");
  });

  test("states survive a snapshot", () => {
    const target = new TestHost(module);
    expect(target.restore(host.snapshot())).toBe(0);
    expect(ask("_key,best-score", "select * from all_players", target)).toBe(
      "ann 30; bob 10; cid 20; dan 20",
    );
  });
});
